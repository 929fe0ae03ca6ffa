"""An asset's identity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

from hidden_regime.data.definitions import Definition
from hidden_regime.exceptions import StrategyError, UnsupportedError
from hidden_regime.simulator.enums import SecurityType
from hidden_regime.simulator.objects.identifier import SecurityIdentifier
from hidden_regime.simulator.spelling import TwoSpellings

USA = "usa"
PAIRS = (SecurityType.FOREX, SecurityType.CRYPTO)
"""Kinds of assets that are named by two currencies."""
TO_THE_RUN = ("_define", "let_go")
"""What binds a symbol to its run, and no copy has."""
IDENTITY = ("security_type", "market", "_hash", "id", "shown", "_define")
"""What a symbol's twin has of it."""


class Symbol(TwoSpellings):
    """An asset's identity. Equal to another by value, and to its ticker; as a key it differs from the string, as in LEAN."""

    # A strategy may hang things of its own on a symbol.
    __slots__ = ("__dict__", "_define", "_hash", "id", "let_go", "market", "security_type", "shown", "value")

    def __init__(self, value: str, security_type: SecurityType | str = SecurityType.EQUITY, market: str = USA) -> None:
        if isinstance(security_type, str):  # LEAN's form: an identifier and a ticker
            value, security_type = security_type, SecurityType.EQUITY
        self._define: Callable[[str], Definition] | None = None
        self.let_go: Callable[[Symbol], object] | None = None
        self.value = self.shown = value.upper()
        self.id = SecurityIdentifier(self.value)
        self.security_type, self.market = security_type, market
        if security_type in PAIRS:
            self.id = SecurityIdentifier.of_pair(self.value, market, int(security_type))
        # The same in every process, unlike a string's: sets of symbols are walked in one order, and runs repeat.
        where = "" if market == USA else f" {market}"
        self._hash = crc32(f"{int(security_type)} {self.value}{where}".encode())

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in Symbol.__slots__ and self.let_go is not None:
            let_go, self.let_go = self.let_go, None
            let_go(self)
        object.__setattr__(self, name, value)

    def __getstate__(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return vars(self), {name: getattr(self, name) for name in Symbol.__slots__[1:] if name not in TO_THE_RUN} | dict.fromkeys(
            TO_THE_RUN
        )

    def twin(self) -> Symbol:
        """The same asset's, with nothing of a strategy's on it."""
        made = type(self)(self.value)
        for name in IDENTITY:
            setattr(made, name, getattr(self, name))
        return made

    @property
    def bare(self) -> Symbol:
        """This one, or its twin if a strategy hung something on it: what the engine is given loses that, as in LEAN."""
        return self.twin() if self.__dict__ else self

    def identify(self, identifier: SecurityIdentifier, define: Callable[[str], Definition]) -> None:
        """Take an identifier: it is the text of a symbol that nobody added by hand, as in LEAN."""
        self.id = self.shown = identifier
        self._define = define

    def _defined(self) -> Definition:
        if self._define is None:
            raise StrategyError(
                f"{self.value} isn't subscribed: the embedded engine looks CUSIP, FIGI, SEDOL, ISIN and CIK up for subscribed "
                "equities only. Ask security.symbol."
            )
        return self._define(self.id)

    @property
    def cusip(self) -> str | None:
        """CUSIP in LEAN's database; None where it has none."""
        return self._defined().cusip

    @property
    def composite_figi(self) -> str | None:
        """Composite FIGI in LEAN's database; None where it has none."""
        return self._defined().composite_figi

    @property
    def sedol(self) -> str | None:
        """SEDOL in LEAN's database; None where it has none."""
        return self._defined().sedol

    @property
    def isin(self) -> str | None:
        """ISIN in LEAN's database; None where it has none."""
        return self._defined().isin

    @property
    def cik(self) -> int | None:
        """CIK in LEAN's database; None where it has none."""
        return self._defined().cik

    def know(self) -> None:
        """From now on the ticker is its text."""
        self.shown = self.value

    @property
    def is_pair(self) -> bool:
        """Whether it is named by two currencies."""
        return self.security_type in PAIRS

    @property
    def canonical(self) -> None:
        """None: no options."""
        return

    @classmethod
    def create(
        cls, ticker: str, security_type: SecurityType = SecurityType.EQUITY, market: object = None, alias: str | None = None,
        base_data_type: type | None = None,
    ) -> Symbol:  # fmt: skip
        """Symbol of a US equity, of a pair at a market, or of custom data (`SecurityType.BASE`), with or without their class."""
        if alias is not None:
            raise UnsupportedError(f"Symbol.create with alias={alias!r}: it exists in LEAN only. Keep the symbol in a variable.")
        if security_type in PAIRS and market is not None:
            return cls(ticker, security_type, str(market).lower())
        return cls(ticker, security_type)

    @staticmethod
    def create_base(base_data_type: type, underlying: Symbol, market: object = None) -> CustomSymbol:
        """Symbol of custom data of a class that belong to a security."""
        return CustomSymbol(underlying.value, base_data_type, underlying)

    def upper(self) -> str:
        """The ticker in capitals, as strings have it."""
        return self.value

    def lower(self) -> str:
        """The ticker in small letters."""
        return self.value.lower()

    to_upper, to_lower = upper, lower

    def contains(self, text: str) -> bool:
        """Whether the ticker contains a text."""
        return text.upper() in self.value

    def starts_with(self, text: str) -> bool:
        """Whether the ticker begins with a text."""
        return self.value.startswith(text.upper())

    def ends_with(self, text: str) -> bool:
        """Whether the ticker ends with a text."""
        return self.value.endswith(text.upper())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Symbol):
            return self.value == other.value and self.security_type == other.security_type and self.market == other.market
        return isinstance(other, str) and self.value == other.upper()

    def __hash__(self) -> int:
        return self._hash

    def __lt__(self, other: Symbol | str) -> bool:
        return self.value < (other.value if isinstance(other, Symbol) else other)

    def __str__(self) -> str:
        return self.shown

    def __repr__(self) -> str:
        # LEAN's symbols print like any .NET object. The address is made from the ticker, so that runs repeat to the letter.
        return f"<QuantConnect.Symbol object at 0x{crc32(self.value.encode()):012x}>"


class CustomSymbol(Symbol):
    """A symbol of custom data that knows their class and whose they are."""

    __slots__ = ("data_type", "underlying")

    def __init__(self, value: str, data_type: type, underlying: Symbol) -> None:
        super().__init__(value, SecurityType.BASE)
        self.data_type, self.underlying = data_type, underlying
        self.id = SecurityIdentifier.of_data(data_type.__name__, underlying.id, int(underlying.security_type))

    def has_underlying_symbol(self, symbol: Symbol) -> bool:
        """Whether it belongs to a security."""
        return self.underlying == symbol

    def twin(self) -> CustomSymbol:
        """The same, with nothing of a strategy's on it."""
        return CustomSymbol(self.value, self.data_type, self.underlying)


class UnknownSymbol(Symbol):
    """What a ticker stands for that nobody added: an asset of no market, which has no data."""

    __slots__ = ()

    def __init__(self, value: str) -> None:
        super().__init__(value, SecurityType.BASE)


def lookup(ticker: str, known: Mapping[str, Symbol]) -> Symbol:
    """Symbol of a ticker among those that were added by hand or named by a rule."""
    return known.get(ticker.upper()) or UnknownSymbol(ticker)
