"""The process that runs a deployment: python -m hidden_regime.operation.running.child JOURNAL NAME PARENT."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import FrameType

from hidden_regime.exceptions import RegimeError
from hidden_regime.operation.clocks import wall_text
from hidden_regime.operation.errors import FeedError, JournalError, TargetError
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.journal.records import FAILED, HALTED
from hidden_regime.operation.running.following import Follower
from hidden_regime.operation.running.runner import Outside, Runner
from hidden_regime.operation.targets.opening import open_target, runs_elsewhere

FINISHED, GIVES_UP, HALTS, TRY_AGAIN = 0, 1, 5, 75
"""How the process ends: it is over; nothing helps until somebody looks; the kill switch; something that may pass."""


class _Asked:
    """Why the run shall end: a signal, or that nobody keeps it running any more."""

    def __init__(self, parent: int) -> None:
        self._parent, self._signal = parent, ""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._receive)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._signal = f"stopped by {signal.Signals(number).name}"

    def __call__(self) -> str:
        if self._parent and os.getppid() != self._parent:
            return "the process that kept it running is gone"
        return self._signal


def main(journal: str, name: str, parent: int) -> int:
    """Run a deployment; the exit status."""
    opened: Journal | None = None
    try:
        opened, outside = Journal(Path(journal)), Outside(asked=_Asked(parent))
        deployment = opened.deployment(name)
        if runs_elsewhere(deployment.spec.target):
            state = Follower(opened, name, open_target(opened, deployment), outside=outside).run()
        else:
            state = Runner(opened, name, outside=outside).run()
    except (JournalError, TargetError, FeedError) as error:
        sys.stderr.write(f"{error.text}\n")
        return TRY_AGAIN
    except RegimeError as error:
        sys.stderr.write(f"{error.text}\n")
        if opened is not None:
            _note(opened, name, error.text)
        return GIVES_UP
    return HALTS if state == HALTED else GIVES_UP if state == FAILED else FINISHED


def _note(journal: Journal, name: str, reason: str) -> None:
    """Have the journal say why it can't be run, where the run was over before it could say so itself."""
    with suppress(RegimeError):
        found = journal.deployment(name)
        if found.state != HALTED and (found.state, found.reason) != (FAILED, reason):
            beat = journal.heartbeat(name)
            at = datetime.fromisoformat(beat[1] if beat else found.spec.start)
            journal.tell(name, wall_text(), at, "error", FAILED, reason)
            journal.set_state(name, FAILED, reason)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
