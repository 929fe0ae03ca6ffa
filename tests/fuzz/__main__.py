"""`python -m tests.fuzz [--minutes 10] [--only NAME] [--case N] [--keep FOLDER]`: damaged files for every reader.

Each case is valid files of which one is changed; whatever a reader answers, it may end in nothing but the package's own
errors: no other exception, no hang, no memory beyond bounds, no crash. Ends with 1 where one did. A case is the same each time:
`--only NAME --case N` runs one again, `--keep FOLDER` writes its files. Needs Linux.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

from tests.fuzz.running import SECONDS, Fault, find, try_case, write_case
from tests.fuzz.subjects import SUBJECTS

ROOT = Path(__file__).parents[2]
SILENCE = 4 * SECONDS + 60.0
"""Seconds without a word after which a process hangs beyond Python's reach; importing takes some of them."""


def run(name: str, seconds: float, first: int) -> tuple[int, list[Fault]]:
    """Cases of a subject in a process; the number after the last one, and the faults."""
    command = [sys.executable, "-m", "tests.fuzz.running", name, str(first), str(seconds)]
    faults, number = [], first
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        lines: Queue[str] = Queue()
        assert process.stdout is not None and process.stderr is not None
        Thread(target=_pump, args=(process.stdout, lines), daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=SILENCE)
            except Empty:
                process.kill()
                return number + 1, [*faults, Fault(name, number, "", "hangs beyond Python's reach", "")]
            word, _, rest = line.partition(" ")
            if word == "case":
                number = int(rest)
            elif word == "fault":
                faults.append(Fault(*json.loads(rest)))
            elif not line:
                break
        said = process.stderr.read()
    if process.returncode:
        faults.append(Fault(name, number, "", f"the process ended with {process.returncode}: {said[-300:]}", ""))
    return number + 1, faults


def _pump(stream: object, lines: Queue[str]) -> None:
    for line in stream:  # type: ignore[attr-defined]
        lines.put(line)
    lines.put("")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cases and say what ended badly, each place once."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--only", choices=[subject.name for subject in SUBJECTS])
    parser.add_argument("--case", type=int)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args(arguments)
    names = [given.only] if given.only else [subject.name for subject in SUBJECTS]
    if given.case is not None:
        if given.keep is not None:
            write_case(find(names[0]), given.case, given.keep)
        found = try_case(find(names[0]), given.case)
        sys.stdout.write(f"{found}\n")
        return int(found is not None)
    places: dict[tuple[str, str, str], list[Fault]] = {}
    for name in names:
        number, faults = run(name, given.minutes * 60.0 / len(names), given.first)
        for fault in faults:
            places.setdefault((name, fault.where, fault.what.partition(":")[0]), []).append(fault)
        sys.stdout.write(f"{name}: {number - given.first} cases, {len(faults)} faults\n")
        sys.stdout.flush()
    for (name, where, _), faults in sorted(places.items()):
        sys.stdout.write(
            f"{name} --case {faults[0].number} ({faults[0].file}): {faults[0].what} at {where}; {len(faults)} times\n"
        )
    return int(bool(places))


if __name__ == "__main__":
    sys.exit(main())
