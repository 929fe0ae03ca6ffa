"""All rules over one file."""

from __future__ import annotations

from pathlib import Path

from hidden_regime.exceptions import UnknownStrategyError
from hidden_regime.simulator.algorithm import QCAlgorithm
from hidden_regime.simulator.loader import name_taken
from hidden_regime.simulator.members.assigning import UNREAD
from hidden_regime.simulator.static import classes, habits, kinship, members, modules, order, trying, uses
from hidden_regime.simulator.static.findings import Finding
from hidden_regime.simulator.static.source import Source
from hidden_regime.simulator.static.values import Values

RULES = (
    classes.which_runs, classes.shapes, classes.shadowed_hooks, classes.hooks_that_are_none,
    classes.hooks_on_instances, members.collisions,
    habits.threads, habits.surprises, habits.setup_after_initialize, habits.delivery, kinship.dotnet_types,
)  # fmt: skip
NAMES = (modules.missing_modules, modules.unknown_names, modules.lean_only_classes)
TYPED = (
    uses.members,
    uses.unknown_members_of_self,
    uses.calls,
    uses.subscripts,
    trying.refusals,
    trying.resolutions,
    order.walks,
)
"""Rules that need to know what the expressions are."""


def check_file(path: str | Path) -> list[Finding]:
    """Read a strategy file and list what LEAN would refuse, do otherwise than it says, or what only LEAN has.

    Parameters
    ----------
    path : str or Path
        A .py file written for LEAN. It isn't run.

    Returns
    -------
    list of Finding
        By line; empty if nothing was found.
    """
    path = Path(path)
    if not path.is_file():
        raise UnknownStrategyError(f"strategy {str(path)!r}: expected a .py file.")
    try:
        source = Source.read(path)
        compile(source.text, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        return [Finding(error.lineno or 1, "error", f"{error.msg}: LEAN can't import the file.")]
    except (RecursionError, MemoryError, ValueError) as error:
        return [Finding(1, "error", f"the file can't be read as Python ({type(error).__name__} {error}).")]
    found = [finding for rule in RULES for finding in rule(source)] + _lacking(source)
    if taken := name_taken(path):
        found.append(Finding(1, "error", taken))
    seen, waiting = {path}, [(line, other) for line, other in source.neighbours.values()]
    while waiting:
        line, other = waiting.pop()
        if other.path not in seen:
            seen.add(other.path)
            found += [Finding(line, f.kind, f"{other.path.name} line {f.line}: {f.message}") for f in _lacking(other, base=True)]
            waiting += [(line, beyond) for _, beyond in other.neighbours.values()]
    return sorted(set(found))


def _lacking(source: Source, *, base: bool = False) -> list[Finding]:
    """What keeps a file from running in the embedded engine. A `base` may use what classes of other files define."""
    values = Values(source)
    found = [finding for rule in NAMES for finding in rule(source)]
    rules = [rule for rule in TYPED if not (base and rule is uses.unknown_members_of_self)]
    found += [finding for rule in rules for finding in rule(source, values)]
    return found + list(members.lean_only(source, frozenset(dir(QCAlgorithm)) - set(UNREAD)))
