"""Where a strategy runs, what it may sell short, and texts from elsewhere."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.exceptions import DataError, UnsupportedError
from hidden_regime.simulator.core import Core
from hidden_regime.simulator.enums import AlgorithmMode, DeploymentTarget
from hidden_regime.simulator.members.assigning import refusing

DOWNLOADS = "downloads"
NO_NETWORK = (
    "download({address!r}): a backtest has no network, so that it is the same tomorrow. Save the file as {path} and run again; "
    "{why}."
)


@refusing
class SurroundingMembers:
    """See the module."""

    _sim: Core

    @property
    def algorithm_mode(self) -> AlgorithmMode:
        """A backtest, or live."""
        return AlgorithmMode.LIVE if self._sim.live else AlgorithmMode.BACKTESTING

    @property
    def deployment_target(self) -> DeploymentTarget:
        """This machine."""
        return DeploymentTarget.LOCAL_PLATFORM

    def shortable(self, symbol: Any, short_quantity: float = 0.0, update_order_id: int | None = None) -> bool:
        """Whether so many shares of a security can be sold short."""
        core = self._sim
        return core.book.is_shortable(core.securities[core.symbol_of(symbol)], float(short_quantity), update_order_id or 0)

    def shortable_quantity(self, symbol: Any) -> int:
        """How many shares of a security can be sold short; 0 too where there is no limit, as in LEAN."""
        core = self._sim
        return int(core.securities[core.symbol_of(symbol)].total_shortable_quantity or 0)

    def download(self, address: str, headers: Any = None, user_name: str = "", password: str = "") -> str:
        """Text of an address: of the file of its name in the folder `downloads` of the data folder.

        Raises
        ------
        UnsupportedError
            There is no such file: nothing is fetched in a backtest.
        """
        market = self._sim.catalog.market
        name = PurePosixPath(unquote(urlsplit(str(address)).path)).name
        if not isinstance(market, LeanFolder) or not name:
            why = "only a LEAN data folder (--data FOLDER) has such files"
            raise UnsupportedError(NO_NETWORK.format(address=address, path=f"FOLDER/{DOWNLOADS}/{name or 'NAME'}", why=why))
        path = market.path / DOWNLOADS / name
        if not path.is_file():
            raise UnsupportedError(NO_NETWORK.format(address=address, path=path, why="it isn't there"))
        try:
            return path.read_text(encoding="utf-8-sig")
        except (ValueError, OSError) as error:
            raise DataError(f"{path} can't be read as text ({error}).") from None
