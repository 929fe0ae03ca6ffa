"""`python -m tests.golden [--write] [NAME ...]`: what of the kept answers is another one today; see README.md beside this file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hidden_regime import kernels
from tests.golden.answers import ANSWERS, KEPT, changes, path_of
from tests.golden.tables import pack, summary


def main(arguments: Sequence[str] | None = None, folder: Path = KEPT) -> int:
    """Compare, and write where asked to; 1 where something differs and isn't written."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.golden", description="Compare today's answers with those that were kept."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(ANSWERS)}; default: all")
    parser.add_argument("--write", action="store_true", help="keep today's answers where they differ")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.names if name not in ANSWERS]
    if unknown:
        parser.error(f"{unknown[0]!r} is none of {', '.join(ANSWERS)}")
    sys.stdout.write(f"kernels: {kernels.backend()}\n")
    names, changed = given.names or list(ANSWERS), 0
    for name in names:
        now, path = ANSWERS[name](), path_of(name, folder)
        found = changes(name, now, folder)
        changed += bool(found)
        sys.stdout.write(f"{name}: {summary(found) if path.exists() else f'new, {len(now)} rows'}\n")
        if found and given.write:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(pack(now))
    if changed:
        sys.stdout.write(
            f"{changed} of {len(names)} {'written: say in CHANGELOG.md what changed and why' if given.write else 'differ'}.\n"
        )
    return int(bool(changed) and not given.write)


if __name__ == "__main__":
    sys.exit(main())
