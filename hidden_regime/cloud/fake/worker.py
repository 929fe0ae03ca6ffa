"""The process that builds and runs strategies, one after another: tasks come as lines of JSON, and so do their answers."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from queue import SimpleQueue
from typing import Any

from hidden_regime.cloud.fake.compiling import build
from hidden_regime.cloud.fake.playing import play
from hidden_regime.data.packaged import open_market


def main() -> None:
    """Run what comes until nothing more does; the process ends with the one that started it, in the middle of a run too."""
    given, told = os.fdopen(os.dup(0), "r", encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Strategies print and read as they like; the lines between the processes are none of theirs.
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    tasks: SimpleQueue[dict[str, Any]] = SimpleQueue()

    def listen() -> None:
        for line in given:
            tasks.put(json.loads(line))
        os.kill(os.getpid(), signal.SIGTERM)  # whatever the other thread does

    def tell(content: dict[str, Any]) -> None:
        told.write(json.dumps(content) + "\n")
        told.flush()

    threading.Thread(target=listen, daemon=True).start()
    market = open_market(sys.argv[1])
    tell({"ready": True})
    while True:
        task = tasks.get()
        if "build" in task:
            state, logs = build(task["build"], task["language"])
            tell({"done": {"state": state, "logs": logs}})
        else:
            tell({"done": play(task, market, lambda done: tell({"progress": done}))})


if __name__ == "__main__":
    main()
