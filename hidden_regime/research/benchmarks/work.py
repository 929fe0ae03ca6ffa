"""One scenario in a process of its own, so that memory and warmth are its own: prints a line of JSON."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Mapping
from time import perf_counter
from typing import TYPE_CHECKING, Any

from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.cache import CachingTrainer, FolderStore, MemoryStore
from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.many.run import run_many
from hidden_regime.models.training import train
from hidden_regime.regimes.naming import regime_names
from hidden_regime.regimes.table import StateTable
from hidden_regime.research.benchmarks import rival
from hidden_regime.research.benchmarks.market import make_frames
from hidden_regime.research.benchmarks.memory import peak_megabytes
from hidden_regime.research.benchmarks.scenarios import Scenario

if TYPE_CHECKING:
    import pandas as pd

N_STATES = 3
CHALLENGE_EVERY = 21
Frames = Mapping[str, "pd.DataFrame"]
Outcome = tuple[dict[str, "pd.DataFrame"], dict[str, Any]]


def one_by_one(frames: Frames, detector: RegimeDetector, store: FolderStore | None) -> Outcome:
    """A detector for each asset, one asset after the other."""
    cache = None if store is None else CachingTrainer(train, MemoryStore(1), store)
    out = {}
    for name, frame in frames.items():
        mine, table = detector.clone(), StateTable(N_STATES)
        for bar in frame_to_bars(frame):
            if cache is None:
                table.add(mine.update(bar))
                continue
            task = mine.push(bar)
            table.add(mine.adopt(None if task is None else cache([task])[0]))
        out[name] = table.frame(frame.index, regime_names(N_STATES))
    return out, {} if cache is None else cache.statistics()


def together(frames: Frames, detector: RegimeDetector, store: FolderStore | None) -> Outcome:
    """All assets in one call, on one core."""
    found = run_many(frames, detector, store=store, max_workers=1)
    return found.states, found.statistics


def digest(states: Frames) -> str:
    """Of every number of every asset: equal digests are equal results."""
    hashed = hashlib.sha256()
    for name in sorted(states):
        hashed.update(name.encode())
        hashed.update(states[name].to_csv(float_format="%r").encode())
    return hashed.hexdigest()


def measure(scenario: Scenario, repeats: int, with_rival: bool) -> dict[str, Any]:
    """Figures of a scenario."""
    frames = make_frames(scenario.assets, scenario.days + scenario.lookback + 1)
    detector = RegimeDetector(N_STATES, lookback=scenario.lookback, retrain=scenario.retrain, challenge_every=CHALLENGE_EVERY)
    method = together if scenario.mode in ("batching", "both") else one_by_one
    cached = scenario.mode in ("caching", "both")
    warm = make_frames(2, 90, seed=1)
    method(warm, detector.clone(lookback=60), None)
    before = peak_megabytes()
    with tempfile.TemporaryDirectory() as folder:
        store = FolderStore(folder) if cached else None
        if cached:
            method(frames, detector, store)
        best = float("inf")
        found: Outcome = ({}, {})
        for _ in range(repeats):
            begin = perf_counter()
            found = method(frames, detector, store)
            best = min(best, perf_counter() - begin)
    states, statistics = found
    trained = {name: frame["trained_at"].dropna().unique() for name, frame in states.items()}
    fits = sum(map(len, trained.values()))
    out = {
        "name": scenario.name, **scenario._asdict(), "seconds": best, "models": fits,
        "trainings": statistics.get("trainings", fits), "hit_rate": statistics.get("hit_rate"),
        "megabytes": peak_megabytes() - before, "digest": digest(states),
    }  # fmt: skip
    if with_rival:
        ends = {name: [int(frames[name].index.searchsorted(time)) for time in times] for name, times in trained.items()}
        out["rival"] = rival.seconds(frames, ends, scenario.lookback, N_STATES)
    return out


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    sys.stdout.write(json.dumps(measure(Scenario(*given["scenario"]), given["repeats"], given["rival"])) + "\n")
