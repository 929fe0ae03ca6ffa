"""What a study's figures mean here, in sentences, by rules that the page states.

Told from luck: a deflated Sharpe ratio (DSR) above `CONFIDENCE`. It depends on how many independent tries the sets are worth, for
which there are three counts, and if they disagree, the count decides. The choice among sets: where PBO lies against the band of
90 of 100 panels of noise of the same shape and correlation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hidden_regime.experiments.analysis import Analysis
from hidden_regime.experiments.pages.written import listed, number, probability, years
from hidden_regime.experiments.trials.outcome import FAILED, IDLE
from hidden_regime.experiments.verdict import CONFIDENCE

if TYPE_CHECKING:
    from hidden_regime.experiments.studies.luck import Luck
    from hidden_regime.experiments.studies.study import Study

RULE = (
    f"Told from luck: DSR above {CONFIDENCE} for all tries and for both effective numbers. The choice among the sets: worth "
    "something, if PBO is below the band that 90 of 100 panels of noise of the same shape and correlation give. Neither says "
    "that it beats holding the market."
)


def in_words(luck: Luck) -> list[str]:
    """What a study's figures of luck mean."""
    said = []
    deflated = [value for value in (luck.dsr, luck.dsr_effective, luck.dsr_eigenvalues) if value is not None]
    if luck.luck_sharpe is not None and luck.sharpe is not None:
        tries = f"{luck.n_tries} tries" if luck.n_tries != 1 else "1 try"
        said.append(f"Among {tries} the best has by luck a Sharpe ratio of {number(luck.luck_sharpe)}; "
                    f"this one has {number(luck.sharpe)}.{_told(deflated)}")  # fmt: skip
    elif luck.sharpe is not None:
        said.append(f"The best has a Sharpe ratio of {number(luck.sharpe)}; there is nothing to deflate it by.")
    if luck.pbo is not None and luck.pbo_low is not None and luck.pbo_high is not None:
        said.append(f"PBO {number(luck.pbo)} lies {_band(luck.pbo, luck.pbo_low, luck.pbo_high)}")
    if luck.sharpe is not None:
        needed = luck.minimum_track_record
        if needed is None or math.isinf(needed):
            said.append("No record is long enough to show that its true Sharpe ratio is above 0: the one found isn't.")
        elif needed > luck.years:
            said.append(f"At its Sharpe ratio it takes {years(needed)} years to show that the true one is above 0, even had "
                        f"nothing else been tried; there are {number(luck.years, 1)}.")  # fmt: skip
    return said


def _told(deflated: list[float]) -> str:
    if not deflated:
        return ""
    low, high = min(deflated), max(deflated)
    spread = probability(low) if probability(low) == probability(high) else f"{probability(low)} to {probability(high)}"
    if low > CONFIDENCE:
        return f" That is told from luck by each count of the tries (DSR {spread})."
    if high <= CONFIDENCE:
        return f" That can't be told from luck by any count of the tries (DSR {spread})."
    return f" Whether that is told from luck depends on how many independent tries the sets are worth (DSR {spread})."


def _band(value: float, low: float, high: float) -> str:
    band = f"the band that noise gives ({number(low)} to {number(high)})"
    if value < low:
        return f"below {band}: sets that were best on one half of the days tended to stay good on the other."
    if value > high:
        return (
            f"above {band}: sets best on one half of the days were worse than the median on the other more often than by chance."
        )
    return f"inside {band}, so the choice among these sets is worth nothing that can be told from noise."


def warnings(study: Study, found: Analysis) -> list[str]:
    """What has to be known before anything else."""
    n = len(study.trials)
    if not n:
        return ["There are no trials."]
    if study.count(FAILED) == n:
        return [f"All {n} trials failed; the first with: {_first(study)}"]
    if study.best is None:
        return [f"None of {n} trials may be the best: {', '.join(_lost(study))}."]
    edges = [f"{one.name} = {one.best_value} is the {one.edge} of what was searched" for one in found.parameters if one.edge]
    if edges:
        return [f"The best is at the edge of its range: {listed(edges)}. A wider one may hold a better set."]
    return []


def _first(study: Study) -> str:
    text = next((trial.error.strip() for trial in study.trials if trial.error.strip()), "no text")
    return text if len(text) <= 300 else text[:299] + "\u2026"


def _lost(study: Study) -> list[str]:
    counts = [(study.count(FAILED), "failed"), (study.count(IDLE), "sent no order")]
    done = [trial for trial in study.trials if trial.status not in (FAILED, IDLE)]
    counts.append((sum(trial.values is None for trial in done), "without a value of the objective"))
    for i, limit in enumerate(study.spec.get("constraints") or []):
        missed = sum(trial.violations[i] > 0 for trial in done if i < len(trial.violations))
        counts.append((missed, f"don't meet {limit}"))
    return [f"{count} {what}" for count, what in counts if count]
