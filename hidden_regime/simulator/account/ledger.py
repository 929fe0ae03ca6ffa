"""What a position cost and earned, to the last digit."""

from __future__ import annotations

from dataclasses import dataclass

from hidden_regime.data.decimals import ONE, ZERO, SystemDecimal

TWICE = SystemDecimal(2)


@dataclass(slots=True)
class Ledger:
    """Sums of one security since the run began, in decimals.

    In doubles a profit of exactly twice the fee is a little more or less than nothing, and so a win or a loss by chance.
    """

    average: SystemDecimal = ZERO
    closed: SystemDecimal = ZERO
    last_profit: SystemDecimal = ZERO
    dividends: SystemDecimal = ZERO
    fees: SystemDecimal = ZERO
    volume: SystemDecimal = ZERO

    @property
    def profit(self) -> SystemDecimal:
        """Realised profit before fees, dividends included."""
        return self.closed + self.dividends

    def fill(
        self, held: SystemDecimal, quantity: SystemDecimal, price: SystemDecimal, cost: SystemDecimal, fee: SystemDecimal,
        rate: SystemDecimal = ONE,
    ) -> SystemDecimal | None:  # fmt: skip
        """Book a fill. What it earned if it closes a position or a part of one, else None.

        Parameters
        ----------
        held, quantity : SystemDecimal
            Shares before the fill, and shares filled; negative are short and sold.
        cost : SystemDecimal
            Shares filled times their price.
        fee : SystemDecimal
            In the account's currency.
        rate : SystemDecimal
            What a unit of the price's currency is worth in the account's.
        """
        is_own = rate is ONE
        self.volume = self.volume + (abs(cost) if is_own else abs(cost) * rate)
        self.fees = self.fees + fee
        after, opposite = held + quantity, held.n * quantity.n < 0
        net = None
        if opposite:
            part = quantity if abs(quantity) < abs(held) else -held
            earned = self.average * part - (cost if part is quantity else price * part)
            self.last_profit = earned if is_own else earned * rate
            self.closed = self.closed + self.last_profit
            # LEAN books the closing fee twice in its record of closed trades.
            net = self.last_profit - TWICE * fee
        if not after:
            self.average = ZERO
        elif not held or after.n * held.n < 0:
            self.average = price
        elif not opposite:
            self.average = (self.average * held + cost) / after
        return net
