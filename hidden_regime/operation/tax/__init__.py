"""Tax lots: what a sale gained, what a wash sale put off, what is left after tax. Arithmetic, and no advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hidden_regime.lazily import lazily

if TYPE_CHECKING:
    from hidden_regime.operation.tax.objective import AfterTax
    from hidden_regime.operation.tax.rates import Rates, read_rates
    from hidden_regime.operation.tax.reckoning import tax_lots
    from hidden_regime.operation.tax.report import TaxReport

HOMES = {
    "AfterTax": "hidden_regime.operation.tax.objective", "Rates": "hidden_regime.operation.tax.rates",
    "TaxReport": "hidden_regime.operation.tax.report", "read_rates": "hidden_regime.operation.tax.rates",
    "tax_lots": "hidden_regime.operation.tax.reckoning",
}  # fmt: skip

__all__ = ["AfterTax", "Rates", "TaxReport", "read_rates", "tax_lots"]

__getattr__ = lazily(__name__, HOMES)
