"""`python -m tests.mutations [WORD ...]`: whether the tests see the mistakes of `edits.py` (those with a word in name or path).

Each is made in a copy of the package, where the tests that must see it then run. Before that they all must pass in the copy
as it is. Ends with 1 where a mistake survives, and with 2 where an edit no longer finds its text or tests can't run.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.mutations.checking import (
    ROOT,
    BrokenRunError,
    LostTextError,
    Verdict,
    check,
    check_origin,
    check_texts,
    copy_of,
    run_tests,
)
from tests.mutations.edits import EDITS, Edit

WORKERS = 2


def verdicts(edits: Sequence[Edit], root: Path) -> Iterator[Verdict]:
    """What became of each edit, in their order; two at a time, each in a copy of its own."""
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(WORKERS) as pool:
        free: SimpleQueue[Path] = SimpleQueue()
        for number in range(WORKERS):
            folder = Path(name).resolve() / str(number)
            folder.mkdir()
            free.put(copy_of(folder, root))
        check_origin(folder)
        failed = run_tests(folder, list(dict.fromkeys(test for edit in edits for test in edit.tests)))
        if failed is not None:
            raise BrokenRunError(f"{failed} fails without any edit")

        def in_a_copy(edit: Edit) -> Verdict:
            mine = free.get()
            try:
                return check(edit, mine)
            finally:
                free.put(mine)

        yield from pool.map(in_a_copy, edits)


def main(words: Sequence[str] = (), edits: Sequence[Edit] = EDITS, root: Path = ROOT) -> int:
    """Check the edits and say what became of each."""
    some = [edit for edit in edits if not words or any(word in f"{edit.name} {edit.path}" for word in words)]
    survived = 0
    try:
        if not some:
            raise LostTextError(f"no edit has one of {list(words)} in its name or path")
        check_texts(edits, root)
        for edit, seen_by in verdicts(some, root):
            survived += seen_by is None
            what = f"SURVIVED {edit.name} ({edit.path}): not seen by {', '.join(edit.tests)}"
            sys.stdout.write(f"{what}\n" if seen_by is None else f"killed   {edit.name} ({edit.path}): {seen_by}\n")
            sys.stdout.flush()
    except (LostTextError, BrokenRunError) as error:
        sys.stdout.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{len(some)} edits: {len(some) - survived} killed, {survived} survived\n")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
