"""What runs in a container of the stand-in, as a process of its own: a backtest or an optimisation, by the embedded engine."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.exceptions import RegimeError
from hidden_regime.local_lean.no_lean.engine import Interruption, backtest
from hidden_regime.local_lean.no_lean.logs import Log
from hidden_regime.local_lean.no_lean.mounts import Job
from hidden_regime.local_lean.no_lean.optimizer import optimize


def main(job_text: str, clock: Callable[[], float]) -> int:
    """Do what a container is to do, and give its exit code: 0 only for a run that came to its end, as LEAN's."""
    interruption = Interruption()
    interruption.listen()
    job = Job.from_json(job_text)
    results, storage = Path(job.results), Path(job.storage)
    log = Log(results / "log.txt", clock)
    lean = json.loads(Path(job.lean_config).read_text(encoding="utf-8"))
    parameters = {str(name): str(value) for name, value in (lean.get("parameters") or {}).items()}
    try:
        market = LeanFolder(Path(job.data))
        if job.optimizer_config:
            return optimize(job, market, parameters, log, clock, interruption)
    except RegimeError as error:
        log.error(f"Engine.Run(): {error.text}")
        return 1
    content = backtest(
        Path(job.strategy), market, parameters, identity=str(lean["algorithm-id"]), name=str(lean.get("backtest-name", "local")),
        results=results, storage=storage, log=log, interruption=interruption)  # fmt: skip
    return 0 if content is not None and content["state"]["Status"] == "Completed" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], time.time))
