"""What a factor file held on an earlier day: live history is adjusted by that and not by what came later."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from datetime import date

from hidden_regime.data.factors import FactorFile, FactorRow
from hidden_regime.data.market import Asset


def as_known(asset: Asset, day: date, seen: date) -> Asset:
    """An asset whose factors hold the events that follow the closes up to a day, and none after them.

    Adjusted closes that a source gives are known with the bar of their day, so up to the last one that was `seen`.

    A file of that day says that its latest prices need no adjustment, so its factors are today's over those that today's has
    for what came after.
    """
    rows = asset.factors.rows
    known = [row for row in rows if row.date <= day]
    if len(known) < len(rows):
        after = rows[len(known)]
        adjusted = [
            FactorRow(row.date, row.price_factor / after.price_factor, row.split_factor / after.split_factor, row.reference_price)
            for row in known
        ]
        asset = replace(asset, factors=FactorFile([*adjusted, FactorRow(after.date, 1.0, 1.0, 0.0)]))
    if asset.adjusted_scale is not None and len(asset.dates):
        latest = max(bisect_right(asset.dates, seen) - 1, 0)
        asset = replace(asset, adjusted_scale=asset.adjusted_scale / asset.adjusted_scale[latest])
    return asset
