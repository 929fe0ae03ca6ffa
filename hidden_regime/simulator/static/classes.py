"""Rules on classes: what LEAN refuses of them, which of them it runs, and which hooks it never calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hidden_regime.simulator.spelling import pascal
from hidden_regime.simulator.static.findings import Finding
from hidden_regime.simulator.static.source import OURS, Source, functions, name_of

HOOKS = (
    "initialize", "on_data", "on_end_of_day", "on_end_of_algorithm", "on_warmup_finished", "on_securities_changed",
    "on_order_event", "on_splits", "on_dividends", "on_delistings", "on_symbol_changed_events", "on_margin_call",
    "on_margin_call_warning", "on_command",
)  # fmt: skip


def shapes(source: Source) -> Iterator[Finding]:
    """Multiple inheritance, metaclasses, slots, dataclasses, cached properties."""
    for node in source.classes.values():
        if not source.is_managed(node):
            continue
        line, name = node.lineno, node.name
        if len(node.bases) > 1:
            bases = ", ".join(name_of(base) for base in node.bases)
            yield Finding(
                line, "error",
                f"{name} has the bases {bases}: LEAN's classes take one (cannot use multiple inheritance with managed classes). "
                "Keep one, and hold the others as members.",
            )  # fmt: skip
        if any(keyword.arg == "metaclass" for keyword in node.keywords):
            yield Finding(line, "error", f"{name} has a metaclass: LEAN's classes have their own (metaclass conflict). Drop it.")
        for decorator in node.decorator_list:
            if name_of(decorator) == "dataclass":
                yield Finding(
                    line, "error",
                    f"{name} is a @dataclass: attribute is read-only in LEAN. Write __init__ yourself, with super().__init__().",
                )  # fmt: skip
        for item in node.body:
            targets = item.targets if isinstance(item, ast.Assign) else [item.target] if isinstance(item, ast.AnnAssign) else []
            if any(isinstance(t, ast.Name) and t.id == "__slots__" for t in targets):
                yield Finding(item.lineno, "error", f"{name} has __slots__: LEAN's classes don't support them. Delete them.")
        for item in functions(node).values():
            if any(name_of(d) == "cached_property" for d in item.decorator_list):
                yield Finding(
                    item.lineno,
                    "error",
                    f"{name}.{item.name} is a cached_property: LEAN's objects have no __dict__ to keep it in.",
                )


def which_runs(source: Source) -> Iterator[Finding]:
    """LEAN constructs every algorithm class of the entry file and runs the alphabetically last."""
    stem = source.path.stem
    found = {node.name: node for node in source.algorithms}
    hidden = {
        n
        for n, node in found.items()
        if any(isinstance(i, ast.Assign) and name_of(i.targets[0]) == "__module__" for i in node.body)
    }
    # Our own base class hides the Python bases that stand in the user's file from LEAN's loader.
    for node in found.values():
        if {name_of(base) for cls in source.chain(node) for base in cls.bases} & OURS:
            hidden |= {cls.name for cls in source.chain(node)[1:]}
    foreign = {
        name for name, module in source.imported.items()
        if module.startswith(stem) and name not in OURS and source.is_foreign_algorithm(name)
    }  # fmt: skip
    candidates = sorted((set(found) - hidden) | foreign)
    if not found and not source.has_unknown_bases:
        yield Finding(1, "error", "no class derives from QCAlgorithm. Please ensure that one class inherits from QCAlgorithm.")
    if len(candidates) > 1:
        last = candidates[-1]
        line = found[last].lineno if last in found else 1
        above = {cls.name for cls in source.chain(found[last])} if last in found else set()
        if set(candidates) <= above:
            kind, what = "warning", f"it constructs each and runs {last}, which derives from the others"
        else:
            kind, what = "error", f"it constructs each and runs {last}, the alphabetically last, without a word"
        yield Finding(
            line, kind,
            f"{', '.join(candidates)} are all algorithms to LEAN: {what}. Keep one in the entry file, and import bases from a "
            f"module whose name doesn't start with {stem!r}.",
        )  # fmt: skip


def shadowed_hooks(source: Source) -> Iterator[Finding]:
    """LEAN looks the snake_case name up first: a base's `on_data` beats a user's `OnData`."""
    for node in source.algorithms:
        chain = source.chain(node)
        for hook in HOOKS:
            holders = [i for i, cls in enumerate(chain) if hook in functions(cls)]
            uppers = [i for i, cls in enumerate(chain) if pascal(hook) in functions(cls)]
            if holders and uppers and uppers[0] < holders[0]:
                own = functions(chain[uppers[0]])[pascal(hook)]
                yield Finding(
                    own.lineno, "error",
                    f"{pascal(hook)} of {chain[uppers[0]].name} never runs: LEAN finds {hook} of {chain[holders[0]].name} first. "
                    f"Rename it to {hook}.",
                )  # fmt: skip
            elif holders and uppers and uppers[0] == holders[0]:
                own = functions(chain[uppers[0]])[pascal(hook)]
                yield Finding(
                    own.lineno, "error", f"{pascal(hook)} never runs: {hook} stands in the same class. Keep one.")  # fmt: skip


def _why_no_hook(item: ast.stmt) -> str:
    if isinstance(item, ast.AsyncFunctionDef):
        return "a coroutine: LEAN calls it, but its body never runs"
    if isinstance(item, ast.FunctionDef):
        if any(name_of(d) == "staticmethod" for d in item.decorator_list):
            return "a staticmethod: LEAN never calls it"
        if any(name_of(d) in ("property", "cached_property") for d in item.decorator_list):
            return "a property: LEAN never calls it"
        own = [n for n in ast.walk(item) if isinstance(n, (ast.Yield, ast.YieldFrom))]
        inner = [n for f in ast.walk(item) if isinstance(f, (ast.FunctionDef, ast.Lambda)) and f is not item for n in ast.walk(f)]
        if any(y not in inner for y in own):
            return "a generator: LEAN calls it, but its body never runs"
    return ""


def hooks_that_are_none(source: Source) -> Iterator[Finding]:
    """Hooks that LEAN ignores without a word."""
    for node in source.algorithms:
        for item in node.body:
            named = [item.name] if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)) else []
            if isinstance(item, (ast.Assign, ast.AnnAssign)) and not isinstance(item.value, ast.Lambda):
                targets = item.targets if isinstance(item, ast.Assign) else [item.target]
                named = [t.id for t in targets if isinstance(t, ast.Name)]
            for name in named:
                if name not in HOOKS and name not in map(pascal, HOOKS):
                    continue
                why = _why_no_hook(item)
                if isinstance(item, (ast.Assign, ast.AnnAssign)) and isinstance(item.value, ast.Call):
                    why = f"the result of {name_of(item.value)}(...): LEAN never calls it"
                if why:
                    yield Finding(item.lineno, "error", f"{name} is {why}. Define it as a plain function.")


def hooks_on_instances(source: Source) -> Iterator[Finding]:
    """Hooks that are assigned to `self`: LEAN calls bound methods only."""
    for node in source.algorithms:
        for item in ast.walk(node):
            value = item.value if isinstance(item, ast.Assign) else None
            if not isinstance(item, ast.Assign) or not isinstance(value, (ast.Lambda, ast.Call)):
                continue
            if isinstance(value, ast.Call) and name_of(value) == "MethodType":
                continue
            for target in item.targets:
                if isinstance(target, ast.Attribute) and name_of(target.value) == "self" and target.attr in HOOKS:
                    said = f"self.{target.attr} = ...: LEAN never calls it. Define a function of the class."
                    yield Finding(item.lineno, "error", said)
