"""Has anything become slower? Ratios of one run against ratios of another, each within a stated band of noise."""

from __future__ import annotations

from typing import Any, NamedTuple

RATIO_BAND = 0.5
"""A speed-up may fall to this share of the old one before it counts: on shared machines both sides of a ratio are noisy."""

COUNT_BAND = 0.05
"""An instruction count may rise by this share. It hardly has noise, but dictionaries and memory differ a little by run."""


class Finding(NamedTuple):
    """A scenario that has changed for the worse, or a reason why one could not be compared."""

    name: str
    what: str
    failed: bool


def compare(old: dict[str, Any], new: dict[str, Any], *, ratio_band: float = RATIO_BAND,
            count_band: float = COUNT_BAND) -> list[Finding]:  # fmt: skip
    """What has become worse. Seconds are never compared: they belong to their machine.

    Parameters
    ----------
    old, new : dict
        What `suite.run` gave, or JSON read back.
    ratio_band : float
        Least share of the old speed-up over hmmlearn that is no regression.
    count_band : float
        Largest rise of an instruction count that is none; compared where Python, numpy and kernels are the same.
    """
    out = []
    before = {row["name"]: row for row in old["scenarios"]}
    shared = 0
    for row in new["scenarios"]:
        name = row["name"]
        if not row["equal"]:
            out.append(Finding(name, "its numbers differ from those without caching and batching", True))
        base = before.get(name)
        if base is None:
            continue
        shared += 1
        if row["trainings"] > base["trainings"]:
            out.append(Finding(name, f"{row['trainings']} trainings instead of {base['trainings']}", True))
        if base["speed_up"] is None or row["speed_up"] is None:
            out.append(Finding(name, "no speed-up to compare: hmmlearn is not installed", False))
        elif row["speed_up"] < base["speed_up"] * ratio_band:
            fell = f"speed-up fell from {base['speed_up']:.0f}x to {row['speed_up']:.0f}x, below {ratio_band:.0%} of it"
            out.append(Finding(name, fell, True))
    if not shared:
        out.append(Finding("all", "the two runs have no scenario in common", True))
    return out + _counts(old, new, count_band)


def _counts(old: dict[str, Any], new: dict[str, Any], band: float) -> list[Finding]:
    if not old["instructions"]:
        return []
    if not new["instructions"]:
        return [Finding("instructions", "not counted in the new run: valgrind is not installed", False)]
    alike = [
        (facts["machine"]["kernels"], facts["machine"]["python"].rpartition(".")[0], facts["machine"]["packages"].get("numpy"))
        for facts in (old, new)
    ]
    if alike[0] != alike[1]:
        return [Finding("instructions", f"not compared: counted with {alike[0]} and with {alike[1]}", False)]
    out = []
    for name, count in old["instructions"].items():
        now = new["instructions"].get(name)
        if now is not None and now > count * (1.0 + band):
            out.append(Finding(f"instructions of {name}", f"rose from {count:,.0f} to {now:,.0f}, by more than {band:.0%}", True))
    return out
