"""Cash by currency, and what a unit of each is worth in the account's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from hidden_regime.data.decimals import LOW, ONE, ZERO, SystemDecimal, total
from hidden_regime.simulator.failures import ArgumentException, InvalidOperationException, KeyNotFoundException
from hidden_regime.simulator.models.fees import CashAmount
from hidden_regime.simulator.objects.dictionaries import KeyValuePair
from hidden_regime.simulator.rounding import fixed, significant
from hidden_regime.simulator.spelling import TwoSpellings

if TYPE_CHECKING:
    from hidden_regime.simulator.account.portfolio import Portfolio

USD = "USD"
NO_CURRENCY = "QCC"
"""What LEAN calls the currency of a fee that is none."""
SIGNS = {
    "USD": "$", "GBP": "₤", "JPY": "¥", "KRW": "₩", "EUR": "€", "NZD": "$", "AUD": "$", "CAD": "$", "CHF": "Fr", "HKD": "$",
    "SGD": "$", "CNH": "¥", "CNY": "¥", "CZK": "Kč", "DKK": "kr", "HUF": "Ft", "INR": "₹", "MXN": "$", "NOK": "kr", "PLN": "zł",
    "SEK": "kr", "THB": "฿", "TRY": "₺", "ZAR": "R", "BTC": "₿", "BCH": "Ƀ", "LTC": "Ł", "ETH": "Ξ", "XRP": "✕", "ETC": "ξ",
    "USDT": "₮", "ADA": "₳", "SOL": "◎", "DOT": "●", "DOGE": "Ð", "DAI": "◈",
}  # fmt: skip
"""Signs by which amounts are printed; other currencies go by their names."""
NOT_FOUND = "The conversion rate for {} is not available."
UNKNOWN = "This cash symbol ({}) was not found in your cash book."
NO_CASH = "Unexpected request for NullCurrency Cash instance"
FEW_DIGITS_BELOW = 1000.0
"""Rates below it are printed with five digits."""


def sign_of(currency: str) -> str:
    """Sign of a currency, or its name where it has none."""
    return SIGNS.get(currency, currency)


class Step(NamedTuple):
    """A pair on the way from one currency to another, and whether it is quoted the other way round."""

    security: Any
    inverted: bool


class CurrencyConversion(TwoSpellings):
    """How a currency is converted into the account's: by which securities."""

    def __init__(self, cash: Cash, account_currency: str | None) -> None:
        self._cash, self.destination_currency = cash, account_currency
        self.source_currency = cash.symbol

    @property
    def conversion_rate(self) -> float:
        """What a unit is worth."""
        return self._cash.rate

    @property
    def conversion_rate_securities(self) -> list[Any]:
        """Securities whose prices make the rate, in the order of the steps; none of a rate that never changes."""
        return [step.security for step in self._cash.steps or ()]


class Cash(TwoSpellings):
    """An amount of a currency.

    `rate` is what a unit is worth in the account's currency as of the last slice. None of `steps` where it never changes.
    """

    settable = ("conversion_rate",)

    def __init__(self, symbol: str, amount: SystemDecimal = ZERO, rate: float = 0.0) -> None:
        self.symbol, self.exact, self.rate = symbol, amount, rate
        self._of, self._float = amount, float(amount)
        self.steps: Sequence[Step] | None = None
        """How it is converted; None until that is known."""
        self.account_currency: str | None = None
        """Into what; None until that is known."""

    @property
    def currency_symbol(self) -> str:
        """Its sign."""
        return sign_of(self.symbol)

    @property
    def amount(self) -> float:
        """How much there is."""
        return float(self.exact)

    @property
    def conversion_rate(self) -> float:
        """What a unit is worth."""
        return self.rate

    @conversion_rate.setter
    def conversion_rate(self, rate: float) -> None:
        self.rate = float(rate)

    @property
    def currency_conversion(self) -> CurrencyConversion:
        """How it is converted."""
        return CurrencyConversion(self, self.account_currency)

    @property
    def exact_rate(self) -> SystemDecimal:
        """The same, to the last digit that the pairs' prices give."""
        rate = ONE
        for security, inverted in self.steps or ():
            price = SystemDecimal.of(security.last_price)
            if not price:
                return SystemDecimal.of(self.rate)
            rate = rate / price if inverted else rate * price
        # A first rate of the strategy's stands until the pairs have brought data.
        return rate if abs(float(rate) - self.rate) <= 1e-9 * self.rate else SystemDecimal.of(self.rate)

    @property
    def exact_worth(self) -> SystemDecimal:
        """What all of it is worth, to the last digit. A product of nothing and a long number has no decimals, as in .NET."""
        rate = self.exact_rate
        return ZERO if not self.exact and abs(rate.n) > LOW else self.exact * rate

    @property
    def value_in_account_currency(self) -> float:
        """What all of it is worth."""
        return float(self.exact) * self.rate

    @property
    def worth(self) -> float:
        """The same, as sums take it: after each step, while the amount seldom changes."""
        exact = self.exact
        if exact is not self._of:
            self._of, self._float = exact, float(exact)
        return self._float * self.rate

    def add_amount(self, amount: float) -> float:
        """Pay in, or out."""
        self.pay(SystemDecimal.of(float(amount)))
        return self.amount

    def pay(self, amount: SystemDecimal) -> None:
        """The same, to the last digit."""
        self.exact = self.exact + amount

    def set_amount(self, amount: float) -> None:
        """Set it."""
        self.exact = SystemDecimal.of(float(amount))

    def update(self) -> None:
        """Take the rate of the pairs' latest data."""
        if not self.steps:
            return
        rate = 1.0
        for security, inverted in self.steps:
            price = security.last_price
            if price == 0.0:
                self.rate = 0.0
                return
            rate = rate / price if inverted else rate * price
        self.rate = rate

    def __str__(self) -> str:
        rate = self.exact_rate
        rounded = significant(Decimal(str(rate)), 5) if float(rate) < FEW_DIGITS_BELOW else Decimal(str(rate.round(2)))
        whole, _, rest = fixed(rounded, 6).partition(".")
        shown = f"{whole}.{rest[:2]}{rest[2:].rstrip('0')}"
        sign = sign_of(self.account_currency or "")
        return f"{self.symbol}: {self.currency_symbol}{self.exact.fixed(2):>15} @ {shown:>10} = {sign}{self.exact_worth.round(2)}"


class AccountCash(Cash):
    """Settled cash of the account's own currency, which the portfolio keeps."""

    def __init__(self, symbol: str, portfolio: Portfolio) -> None:
        super().__init__(symbol, ZERO, 1.0)
        self._portfolio = portfolio
        self.steps, self.account_currency = (), symbol

    @property
    def exact(self) -> SystemDecimal:
        """How much there is, to the last digit."""
        portfolio = self.__dict__.get("_portfolio")
        return ZERO if portfolio is None else portfolio.exact_cash

    @exact.setter
    def exact(self, amount: SystemDecimal) -> None:
        if "_portfolio" in self.__dict__:
            self._portfolio.set_exact_cash(amount)


class CashBook(TwoSpellings, dict[str, Cash]):
    """Cash by currency; iterating gives pairs, as LEAN's dictionaries do.

    In an account in dollars that trades US equities there are dollars only.
    """

    def __init__(self, portfolio: Portfolio) -> None:
        dict.__init__(self)
        self._portfolio = portfolio
        self.account_currency = USD
        self.is_chosen = self._is_named = False
        """Whether the strategy has chosen the account's currency; whether it has named the currency of its cash."""
        self.abroad: list[Cash] = []
        """All but the account's own."""
        self[USD] = AccountCash(USD, portfolio)

    @property
    def own(self) -> Cash:
        """The account's own currency."""
        return self[self.account_currency]

    @property
    def is_plain(self) -> bool:
        """Whether there is one currency only."""
        return not self.abroad

    def __missing__(self, currency: str) -> Cash:
        if currency == NO_CURRENCY:
            raise InvalidOperationException(NO_CASH)
        raise KeyNotFoundException(UNKNOWN.format(currency))

    def __iter__(self) -> Iterator[KeyValuePair]:  # type: ignore[override]
        return (KeyValuePair(currency, cash) for currency, cash in self.items())

    def __str__(self) -> str:
        sign, worth = sign_of(self.account_currency), total([cash.exact_worth for cash in self.values()])
        return "\n".join([
            f"Symbol {'Quantity':>13}    {'Conversion':>10} = Value in {self.account_currency}", *map(str, self.values()),
            "-" * 49, f"CashBook Total Value:                {sign}{worth.round(2)}", ""])  # fmt: skip

    Keys = property(lambda self: self.keys())
    Values = property(lambda self: self.values())

    @property
    def count(self) -> int:
        """Number of currencies."""
        return len(self)

    def contains_key(self, currency: str) -> bool:
        """Whether there is an entry."""
        return currency in self

    def try_get_value(self, currency: str, _: object = None) -> tuple[bool, Cash | None]:
        """Whether there is an entry, and the entry."""
        return currency in self, self.get(currency)

    def change_account(self, currency: str) -> None:
        """Have the account in another currency: with as much of it as there was of the old one, unless that was named."""
        self.is_chosen = True
        old = self.account_currency
        if currency == old:
            return
        kept = self.pop(old).exact
        self.account_currency = currency
        self[currency] = AccountCash(currency, self._portfolio)
        if self._is_named:
            self[currency].exact = ZERO
            self.ensure(old).exact = kept

    def ensure(self, currency: str) -> Cash:
        """Cash of a currency, which is added where it isn't there."""
        found = self.get(currency)
        if found is None:
            found = self[currency] = Cash(currency)
            self.abroad.append(found)
        return found

    def set_cash(self, currency: str, amount: float, rate: float, *, named: bool = True) -> None:
        """So much of a currency, with a first rate."""
        self._is_named = named
        found = self.ensure(currency)
        found.exact = SystemDecimal.of(amount)
        if found in self.abroad:
            found.rate = rate

    def add(self, symbol: str, quantity: float, conversion_rate: float) -> Cash:
        """Add a currency."""
        self.set_cash(symbol, quantity, conversion_rate)
        return self[symbol]

    @property
    def worth_abroad(self) -> float:
        """What all other currencies are worth in the account's."""
        worth = 0.0
        for cash in self.abroad:
            worth += cash.worth
        return worth

    @property
    def exact_abroad(self) -> SystemDecimal:
        """The same, to the last digit."""
        return total([cash.exact_worth for cash in self.abroad])

    @property
    def total_value_in_account_currency(self) -> float:
        """What everything is worth."""
        return self.own.amount + self.worth_abroad

    def update(self) -> None:  # type: ignore[override]
        """Take the rates of the latest data."""
        for cash in self.abroad:
            cash.update()

    def convert(self, source_quantity: float, source_currency: str, destination_currency: str) -> float:
        """An amount of one currency in another.

        Raises
        ------
        ArgumentException
            A rate isn't known.
        """
        if source_quantity == 0.0 or source_currency == destination_currency:
            return float(source_quantity)
        for currency in (source_currency, destination_currency):
            if self[currency].rate == 0.0:
                raise ArgumentException(NOT_FOUND.format(currency))
        return float(source_quantity) * (self[source_currency].rate / self[destination_currency].rate)

    def convert_to_account_currency(self, amount: Any, currency: str | None = None) -> Any:
        """An amount in the account's currency: of a number and its currency, or of a CashAmount."""
        if currency is None:
            return CashAmount(self.in_account(amount.amount, amount.currency), self.account_currency)
        return self.in_account(float(amount), currency)

    def exact_in_account(self, amount: SystemDecimal, currency: str) -> SystemDecimal:
        """What an amount of a currency is worth in the account's, to the last digit."""
        if currency in (self.account_currency, NO_CURRENCY) or not amount:
            return amount
        if self[currency].rate == 0.0:
            raise ArgumentException(NOT_FOUND.format(currency))
        return amount * self[currency].exact_rate

    def in_account(self, amount: float, currency: str) -> float:
        """What an amount of a currency is worth in the account's."""
        if currency in (self.account_currency, NO_CURRENCY) or amount == 0.0:
            return amount
        return self.convert(amount, currency, self.account_currency)
