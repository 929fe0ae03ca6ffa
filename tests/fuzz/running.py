"""Runs cases one after the other in a process of its own, and says which ended in something else than a typed error."""

from __future__ import annotations

import contextlib
import json
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hidden_regime.exceptions import RegimeError, RegimeWarning
from tests.fuzz.subjects import SUBJECTS, Subject

SECONDS = 8.0
"""For one case: what takes longer hangs."""
MEMORY = 3 << 30
"""Bytes of address space that a case may ask for above what the process has."""
PACKAGE = "hidden_regime"


class Fault(NamedTuple):
    """A case that ended badly: its subject and number, the file that was changed, and where it came from."""

    subject: str
    number: int
    file: str
    what: str
    where: str


class HangError(BaseException):
    """A case that took too long."""


def find(name: str) -> Subject:
    """A subject by its name."""
    return next(subject for subject in SUBJECTS if subject.name == name)


def write_case(subject: Subject, number: int, folder: Path) -> str:
    """Write the files of a case, one of them changed; its name. Equal numbers give equal files."""
    rng = random.Random(f"{subject.name} {number}")
    files = dict(subject.files())
    chosen = rng.choice(sorted(files))
    files[chosen] = subject.mutate(chosen)(files[chosen], rng)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return chosen


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def hang(*_: object) -> None:
        raise HangError

    signal.signal(signal.SIGALRM, hang)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _where(error: BaseException) -> str:
    """The last place in the package that an error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if PACKAGE in Path(frame.filename).parts and "tests" not in Path(frame.filename).parts]
    return f"{Path(own[-1].filename).name}:{own[-1].lineno} {own[-1].name}" if own else "outside"


def try_case(subject: Subject, number: int, seconds: float = SECONDS) -> Fault | None:
    """Run a case. What comes of it must be an answer, a warning or an error of ours."""
    with tempfile.TemporaryDirectory(prefix="hidden-regime-fuzz-") as name:
        file = write_case(subject, number, Path(name))
        try:
            with warnings.catch_warnings(), _limited(seconds):
                warnings.simplefilter("ignore")
                warnings.filterwarnings("error", module=PACKAGE)
                warnings.simplefilter("ignore", RegimeWarning)
                subject.read(Path(name), file)
        except RegimeError:
            return None
        except (Exception, HangError) as error:  # noqa: BLE001 - finding any of them is what this is for
            what = f"{type(error).__name__}: {str(error)[:200]}"
            return Fault(subject.name, number, file, what, _where(error))
    return None


def main(name: str, first: str, seconds: str) -> None:
    """Try cases from a number on for some seconds; a line before each, and one for each fault."""
    subject, number, end = find(name), int(first), time.monotonic() + float(seconds)
    subject.files()
    with open("/proc/self/statm", encoding="ascii") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))
    while time.monotonic() < end:
        sys.stdout.write(f"case {number}\n")
        sys.stdout.flush()
        fault = try_case(subject, number)
        if fault is not None:
            sys.stdout.write(f"fault {json.dumps(fault)}\n")
        number += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
