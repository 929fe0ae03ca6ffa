"""Renders the status page: self-contained, and no text of the journal is markup."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any

from hidden_regime.operation.watching.seen import Seen
from hidden_regime.operation.watching.template import EVERY, OWN, SCRIPT, SHEET, TEMPLATES

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-"
    + b64encode(sha256(SCRIPT.encode()).digest()).decode()
    + "'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""What a browser lets the page do: its own script, its own server, nothing else."""


@cache
def _environment() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.DictLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )


def _rendered(template: str, title: str, **values: Any) -> str:
    import markupsafe

    from hidden_regime import __version__

    sheet = markupsafe.Markup(SHEET + OWN)
    return str(_environment().get_template(template).render(title=title, sheet=sheet, version=__version__, **values))


def _drawn(every: Sequence[Seen]) -> list[Seen]:
    import markupsafe

    return [
        replace(one, curve=markupsafe.Markup(one.curve),
                strips=[(t, markupsafe.Markup(picture), r, c) for t, picture, r, c in one.strips]) for one in every
    ]  # fmt: skip


def part(every: Sequence[Seen]) -> str:
    """What the page's script puts in place of what is there."""
    return _rendered("part", "", all=_drawn(every))


def page(title: str, every: Sequence[Seen], at: str) -> str:
    """The whole page."""
    import markupsafe

    return _rendered("page", title, all=_drawn(every), at=at, every=EVERY, script=markupsafe.Markup(SCRIPT))


def confirm(name: str, token: str) -> str:
    """The page that asks once more before it sells."""
    return _rendered("halt", f"Kill switch: {name}", name=name, token=token)


def halted(name: str, outcome: Any) -> str:
    """What the kill switch came to."""
    return _rendered("halted", f"{name}: kill switch", outcome=outcome)


def said(title: str, text: str) -> str:
    """A page with one sentence."""
    return _rendered("said", title, said=text)
