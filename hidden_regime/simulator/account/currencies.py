"""LEAN's class `Currencies`: names of currencies and their signs."""

from __future__ import annotations

from hidden_regime.simulator.account.cash_book import NO_CURRENCY, sign_of
from hidden_regime.simulator.spelling import TwoSpellings


class Currencies(TwoSpellings):
    """Names, and a static function."""

    USD, EUR, GBP, INR, IDR, CNH = "USD", "EUR", "GBP", "INR", "IDR", "CNH"
    CHF, HKD, JPY, KRW = "CHF", "HKD", "JPY", "KRW"
    NULL_CURRENCY = NullCurrency = NO_CURRENCY

    @staticmethod
    def get_currency_symbol(currency: str) -> str:
        """Sign of a currency, or its name where it has none."""
        return sign_of(currency)
