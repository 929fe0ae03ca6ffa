"""Prices of a LEAN folder times the factors of its rows, to the last bit of what LEAN shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hidden_regime.data.decimals import DECIMALS, DOUBLES, LARGEST, ONE, SystemDecimal

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

PER_DOLLAR = 1e4
"""Prices are stored in ten-thousandths of a dollar. Dividing gives the nearest double; multiplying by 1e-4 wouldn't."""
SCALE = 4
_HALF = np.uint64(32)
_MASK = np.uint64((1 << 32) - 1)
_ABOVE = float(1 << 64)
_EXACT = float(1 << 52)
"""Whole numbers below it survive being scaled down and up again."""


def stored(price: float) -> SystemDecimal:
    """The decimal that LEAN reads where a folder's price is this double."""
    whole = round(price * PER_DOLLAR)
    if whole / PER_DOLLAR == price:
        return SystemDecimal(whole, SCALE)
    return SystemDecimal.written(price).at_scale(SCALE)


class PriceScaling:
    """Factors of consecutive spans of time, and what they make of prices and volumes.

    Parameters
    ----------
    factors : sequence of SystemDecimal
        What raw prices of each span are multiplied by, and volumes divided.
    paid : sequence of int, optional
        Cents a share that are added to a span's prices.
    keep_ones : bool
        Whether a factor of 1 leaves prices and volumes untouched, as where LEAN's feed delivers them. Where its history
        does, they are multiplied all the same, which shows in the last bit where the 1 has many zeros.
    """

    def __init__(self, factors: Sequence[SystemDecimal], paid: Sequence[int] | None = None, *, keep_ones: bool = True) -> None:
        self._paid = list(paid) if paid is not None else [0] * len(factors)
        self._factors = [
            ONE if keep_ones and factor == ONE and cents == 0 else factor
            for factor, cents in zip(factors, self._paid, strict=True)
        ]
        self._keep = np.array([keep_ones and f == ONE and c == 0 for f, c in zip(self._factors, self._paid, strict=True)])
        scales = [SCALE + factor.scale for factor in self._factors]
        added = [cents * 10 ** (scale - 2) for cents, scale in zip(self._paid, scales, strict=True)]
        known = zip(self._factors, scales, added, strict=True)
        simple = [f.n < 1 << 64 and scale <= DECIMALS and 0 <= more <= LARGEST for f, scale, more in known]
        self._simple = np.array(simple)
        digits = [f.n if ok else 0 for f, ok in zip(self._factors, simple, strict=True)]
        self._largest = max(digits, default=0)
        self._digits = np.array(digits, np.uint64)
        self._power = np.array([DOUBLES[min(scale, DECIMALS)] for scale in scales])
        self._adds = any(added)
        kept = [more if ok else 0 for more, ok in zip(added, simple, strict=True)]
        self._added_low = np.array([more & ((1 << 64) - 1) for more in kept], np.uint64)
        self._added_high = np.array([more >> 64 for more in kept], np.uint64)
        self._doubles = np.array([float(f) for f in self._factors])

    def prices(self, raw: Floats, places: Places) -> Floats:
        """Prices by span: one row of `raw` for each place, or all rows for a single one."""
        shape = (slice(None),) + (None,) * (raw.ndim - 1)
        number = np.rint(raw * PER_DOLLAR)
        odd = (number / PER_DOLLAR != raw) | (number >= _EXACT) | ~self._simple[places][shape]
        whole = np.where(odd, 0.0, number).astype(np.uint64)
        digits, power = self._digits[places][shape], self._power[places][shape]
        if not self._adds and self._largest * int(whole.max(initial=0)) < 1 << 64:
            out: Floats = (whole * digits).astype(np.float64) / power
        else:
            low, high = _product(whole, digits)
            if self._adds:
                low = low + self._added_low[places][shape]
                high = high + self._added_high[places][shape] + (low < self._added_low[places][shape])
            out = (low.astype(np.float64) + high.astype(np.float64) * _ABOVE) / power
            odd |= high > _MASK
        if odd.any():
            rows = np.broadcast_to(places[shape], raw.shape)[odd].tolist()
            out[odd] = [self._price(price, row) for price, row in zip(raw[odd].tolist(), rows, strict=True)]
        return out

    def _price(self, price: float, row: int) -> float:
        return float(stored(price) * self._factors[row] + SystemDecimal(self._paid[row], 2))

    def volumes(self, raw: Floats, places: Places) -> Floats:
        """Volumes by span, whole."""
        found = raw / self._doubles[places]
        out: Floats = np.rint(found)
        near = np.abs(found - np.floor(found) - 0.5) < 1e-6 + found * 1e-15
        keep = np.broadcast_to(self._keep[places], raw.shape)
        if near.any():
            rows = np.broadcast_to(places, raw.shape)
            for n in np.flatnonzero(near & ~keep).tolist():
                out[n] = self._volume(float(raw[n]), int(rows[n]))
        out[keep] = raw[keep]
        return out

    def _volume(self, volume: float, row: int) -> float:
        return float((SystemDecimal.written(volume) * (ONE / self._factors[row])).round(0))


def _product(a: npt.NDArray[np.uint64], b: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """The lower and upper 64 bits of products."""
    a_low, a_high, b_low, b_high = a & _MASK, a >> _HALF, b & _MASK, b >> _HALF
    lowest, left, right = a_low * b_low, a_high * b_low, a_low * b_high
    middle = (lowest >> _HALF) + (left & _MASK) + (right & _MASK)
    low = (lowest & _MASK) | (middle << _HALF)
    return low, a_high * b_high + (left >> _HALF) + (right >> _HALF) + (middle >> _HALF)
