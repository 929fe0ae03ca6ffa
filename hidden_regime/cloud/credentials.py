"""Who calls: user id and token, from the environment or from lean-cli's own file, and never shown."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from hidden_regime.cloud.errors import AuthenticationFailed
from hidden_regime.exceptions import ParameterError

USER, TOKEN = "QC_USER_ID", "QC_API_TOKEN"
LEAN_FILE = Path("~/.lean/credentials")
HOW = f"Set {USER} and {TOKEN}, or log in once with lean-cli: lean login."


class Credentials:
    """A user of QuantConnect.

    Parameters
    ----------
    user_id : str
        The number that QuantConnect's account page shows.
    token : str
        Its API token. No text that is made of this object shows it.

    Examples
    --------
    >>> Credentials("7", "secret")
    Credentials(user_id='7', token='***')
    """

    __slots__ = ("_token", "user_id")

    def __init__(self, user_id: str, token: str) -> None:
        for name, value in (("user_id", user_id), ("token", token)):
            if not isinstance(value, str) or not value.strip():
                raise ParameterError(name, f"a {type(value).__name__}", "a text that is not empty", HOW)
        if not (user_id.strip().isascii() and user_id.strip().isdigit()):
            # Not shown: it may be the token, where the two were given in each other's place.
            received = f"a text of {len(user_id.strip())} characters"
            raise ParameterError("user_id", received, "the number that QuantConnect's account page shows", HOW)
        self.user_id = user_id.strip()
        self._token = token.strip()

    def headers(self, seconds: int) -> dict[str, str]:
        """Headers that sign a request made at a time: `Basic base64(user:sha256(token:time))` and the time itself.

        Parameters
        ----------
        seconds : int
            Whole seconds since 1970. The server takes them for two hours.
        """
        digest = hashlib.sha256(f"{self._token}:{seconds}".encode()).hexdigest()
        basic = base64.b64encode(f"{self.user_id}:{digest}".encode()).decode("ascii")
        return {"Authorization": f"Basic {basic}", "Timestamp": str(seconds)}

    def hidden_in(self, text: str, signed: Mapping[str, str] | None = None) -> str:
        """A text from outside, in which the token is blotted out, and the signature that was made of it, good for two hours.

        Parameters
        ----------
        text : str
        signed : mapping, optional
            The headers of a request.
        """
        basic = (signed or {}).get("Authorization", "").removeprefix("Basic ")
        digest = base64.b64decode(basic).decode("utf-8").partition(":")[2]
        for secret in filter(None, (self._token, basic, digest)):
            text = text.replace(secret, "***")
        return text

    def __repr__(self) -> str:
        return f"Credentials(user_id={self.user_id!r}, token='***')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Credentials) and self.headers(0) == other.headers(0)

    def __hash__(self) -> int:
        return hash((self.user_id, self._token))


def find_credentials(environment: Mapping[str, str] | None = None, file: Path | None = None) -> Credentials:
    """Credentials of the environment; where it has none, those that lean-cli wrote.

    Parameters
    ----------
    environment : mapping, optional
        Default: the process's.
    file : Path, optional
        Default: ~/.lean/credentials.

    Raises
    ------
    AuthenticationFailed
        Nothing there, half of it, or a file that can't be read.
    """
    environment = os.environ if environment is None else environment
    user, token = environment.get(USER, ""), environment.get(TOKEN, "")
    if user or token:
        if not (user and token):
            missing = USER if not user else TOKEN
            raise AuthenticationFailed(f"{missing} is not set, and {USER if user else TOKEN} is: expected both or none. {HOW}")
        return Credentials(user, token)
    path = LEAN_FILE.expanduser() if file is None else file
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return Credentials(str(told["user-id"]), str(told["api-token"]))
    except FileNotFoundError:
        raise AuthenticationFailed(f"no credentials of QuantConnect. {HOW}") from None
    except (OSError, ValueError, LookupError, TypeError) as error:
        # The error's own text could quote the file, which holds the token.
        raise AuthenticationFailed(f"{path} holds no credentials that can be read ({type(error).__name__}). {HOW}") from None
