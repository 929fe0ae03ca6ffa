"""`python -m benchmarks lean-suite CHECKOUT`: which of LEAN's definitions are equal, and what is other than before."""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.lean_suite.definitions import EQUITY, Definition, of_spot, read
from benchmarks.lean_suite.judging import OUTCOMES, Outcome
from benchmarks.lean_suite.running import run

TABLE = Path(__file__).with_name("outcomes.csv")
"""How each definition fared when the table was last written."""
PAIRS = "crypto, forex"
GROUPS = (EQUITY, PAIRS, "others")
"""What definitions are counted under; the last isn't run unless it is asked for."""
NO_CHECKOUT = (
    "{path}: expected a checkout of LEAN, it has no {missing}. Get one: git clone --depth 1 https://github.com/QuantConnect/Lean"
)


def known_outcomes(table: Path) -> dict[str, str]:
    """Outcomes by definition, as a table has them."""
    with table.open(newline="") as source:
        return {row["name"]: row["outcome"] for row in csv.DictReader(source)}


def write_table(outcomes: Mapping[str, str], table: Path) -> None:
    """Write a table of outcomes by definition."""
    with table.open("w", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(["name", "outcome"])
        writer.writerows(sorted(outcomes.items()))


def group_of(family: str) -> str:
    """What a definition is counted under."""
    return PAIRS if of_spot(family) else EQUITY if family.startswith(EQUITY) else GROUPS[-1]


def table_of_groups(chosen: Sequence[Definition], outcomes: Mapping[str, Outcome]) -> list[str]:
    """How many of each group came to what, by lines; then the families of which each group consists."""
    groups = {one.name: group_of(one.family) for one in chosen}
    present = [group for group in GROUPS if group in groups.values()]
    counts = Counter((groups[name], outcome.kind) for name, outcome in outcomes.items())
    lines = [f"{'':31}" + "".join(f"{group:>15}" for group in present)]
    lines += [f"{kind:31}" + "".join(f"{counts[group, kind]:15}" for group in present) for kind in OUTCOMES]
    lines.append(f"{'in all':31}" + "".join(f"{sum(counts[group, kind] for kind in OUTCOMES):15}" for group in present))
    for group in present:
        families = Counter(one.family for one in chosen if groups[one.name] == group)
        lines.append(f"{group}: " + ", ".join(f"{number} {family}" for family, number in families.most_common()))
    return lines


def summarise(chosen: Sequence[Definition], outcomes: Mapping[str, Outcome], file: Path, table: Path) -> list[str]:
    """Write what each came to, print counts, and say which definitions fared otherwise than the table has it."""
    with file.open("w", newline="") as target:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(["name", "family", "outcome", "detail"])
        for definition in chosen:
            kind, detail = outcomes[definition.name]
            writer.writerow([definition.name, definition.family, kind, re.sub(r"\s+", " ", detail)[:300]])
    print()
    for line in table_of_groups(chosen, outcomes):
        print(line)
    print(f"{len(outcomes)} in all: {file}")
    before = known_outcomes(table) if table.is_file() else {}
    changed = sorted(name for name, outcome in outcomes.items() if before.get(name) != outcome.kind)
    print(f"{len(changed)} other than in {table.name}")
    for name in changed:
        print(f"  {name}: {before.get(name, 'unknown')} -> {outcomes[name].kind}")
    return changed


def main(arguments: Sequence[str]) -> int:
    """Run the definitions that are asked for. 1 if one of them that was equal isn't any more."""
    parser = argparse.ArgumentParser("python -m benchmarks lean-suite", description=__doc__)
    parser.add_argument("checkout", type=Path, help="checkout of LEAN, with its Data folder")
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these definitions, whatever they trade")
    parser.add_argument("--all", action="store_true", help="options, futures and the like too")
    parser.add_argument("--out", type=Path, default=Path("lean_suite_results"), help="folder of results")
    parser.add_argument("--table", type=Path, default=TABLE, help="outcomes to compare with")
    parser.add_argument("--write", action="store_true", help="write the outcomes into that table")
    given = parser.parse_args(arguments)
    lean, out = given.checkout.resolve(), given.out.resolve()
    for folder in ("Algorithm.CSharp", "Algorithm.Python", "Data"):
        if not (lean / folder).is_dir():
            parser.error(NO_CHECKOUT.format(path=lean, missing=folder))
    known = {definition.name: definition for definition in read(lean)}
    if unknown := sorted(set(given.only or ()) - set(known)):
        parser.error(f"LEAN has no regression definition in Python of this name: {', '.join(unknown)}")
    names = given.only or [name for name, one in known.items() if given.all or group_of(one.family) != GROUPS[-1]]
    chosen = [known[name] for name in dict.fromkeys(names)]
    outcomes = run(chosen, lean, out, given.jobs)
    before = known_outcomes(given.table) if given.table.is_file() else {}
    changed = summarise(chosen, outcomes, out / "outcomes.csv", given.table)
    if given.write:
        write_table(before | {name: outcome.kind for name, outcome in outcomes.items()}, given.table)
    return int(any(before.get(name) == OUTCOMES[0] for name in changed))
