"""Rules on calls that LEAN answers otherwise than their author expects."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hidden_regime.simulator.spelling import snake
from hidden_regime.simulator.static.cloud import LARGEST, SKIPPED
from hidden_regime.simulator.static.findings import Finding
from hidden_regime.simulator.static.source import Source, functions, name_of, touches_self

SETUP = ("set_start_date", "set_end_date", "set_cash", "set_warm_up", "set_warmup", "set_benchmark")


def _calls(source: Source) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            name = name_of(node.func)
            yield node, snake(name) if name[:1].isupper() and isinstance(node.func, ast.Attribute) else name


def threads(source: Source) -> Iterator[Finding]:
    """Threads that touch `self`: LEAN's objects belong to one thread, and its lock and Python's can block each other."""
    carriers = _carriers(source)
    for node, name in _calls(source):
        target: list[ast.expr] = []
        if name.lower() in ("thread", "timer"):
            target = [k.value for k in node.keywords if k.arg in ("target", "function", "args", "kwargs")] + list(node.args)
        elif name in ("run_in_executor", "apply_async", "map_async"):
            target = list(node.args)
        elif name in ("submit", "map") and isinstance(node.func, ast.Attribute) and _is_pool(node.func.value):
            target = list(node.args) if name == "submit" else node.args[:1]
        place = 0 if name in ("submit", "map", "apply_async", "map_async") else 1
        called = _argument(node, place, "function" if name.lower() == "timer" else "target")
        hidden = isinstance(called, ast.Name) and called.id in carriers
        if target and (hidden or any(touches_self(item) for item in target)):
            yield Finding(
                node.lineno, "warning",
                f"{ast.unparse(node.func)}(...) hands `self` to another thread: LEAN's objects aren't made for it. Pass "
                "plain numbers and collect the results on the main thread.",
            )  # fmt: skip


def _carriers(source: Source) -> set[str]:
    """Names of functions that hold `self` though their names don't show it: inner functions, lambdas, bound methods."""
    out = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef) and "self" not in {a.arg for a in node.args.args} and touches_self(node):
            out.add(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Lambda, ast.Attribute)) and touches_self(node.value):
            out |= {t.id for t in node.targets if isinstance(t, ast.Name)}
    return out


def _is_pool(owner: ast.expr) -> bool:
    """Whether something is called as executors and pools are."""
    said = ast.unparse(owner).lower()
    return any(word in said for word in ("pool", "executor", "workers"))


def _argument(call: ast.Call, place: int, name: str) -> ast.expr | None:
    """An argument of a call, by place or by name."""
    if len(call.args) > place:
        return call.args[place]
    return next((k.value for k in call.keywords if k.arg == name), None)


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _is_store(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and snake(name_of(function.value)) == "object_store"


def surprises(source: Source) -> Iterator[Finding]:
    """Single calls that surprise."""
    for node, name in _calls(source):
        first = node.args[0] if node.args else None
        if name == "print":
            yield Finding(node.lineno, "warning", "print is muted in LEAN. Use self.log or self.debug.")
        elif name == "history" and _text(first) is not None:
            yield Finding(
                node.lineno, "warning",
                f"history({_text(first)!r}, ...) gives no DataFrame in LEAN: with text it is a list of bars. Pass the Symbol.",
            )  # fmt: skip
        elif name == "get_parameter" and (default := _argument(node, 1, "default_value")) is not None:
            if isinstance(default, ast.Constant) and isinstance(default.value, bool):
                yield Finding(
                    node.lineno, "warning",
                    f"get_parameter with the default {default.value} gives a number in LEAN. Read a string and compare it.",
                )  # fmt: skip
        elif (
            name in ("TradeBarConsolidator", "trade_bar_consolidator")
            and isinstance(period := _argument(node, 0, "period"), ast.Call)
            and name_of(period) == "timedelta"
        ):
            days = period.args or [k.value for k in period.keywords if k.arg == "days"]
            if days and isinstance(days[0], ast.Constant) and days[0].value == 1:
                yield Finding(
                    node.lineno, "warning",
                    "TradeBarConsolidator(timedelta(1)) is late: it fires after midnight, sets the clock back and loses the last "
                    "day. Use self.consolidate(symbol, Resolution.DAILY, handler).",
                )  # fmt: skip
        elif name in ("save_json", "read_json") and _is_store(node.func):
            yield Finding(node.lineno, "error", f"object_store.{name} ends LEAN's process. Use json with save and read.")
        elif name in ("save", "save_bytes", "read", "read_bytes") and _is_store(node.func):
            key = _text(first)
            if key is not None and (key.count(".") > 1 or any(c in key for c in ":+@(),'%")):
                yield Finding(
                    node.lineno, "error",
                    f"object store key {key!r}: LEAN takes letters, digits, '/ _ - # $ =', spaces and one dot for an extension.",
                )  # fmt: skip
        elif name in ("now", "today", "utcnow") and ast.unparse(node.func).split(".")[0] in ("datetime", "date", "dt", "pd"):
            yield Finding(node.lineno, "warning", f"{ast.unparse(node.func)}() is the wall clock. Use self.time, the market's.")


def setup_after_initialize(source: Source) -> Iterator[Finding]:
    """Calls that LEAN takes in initialize only."""
    for node in source.algorithms:
        for name, function in functions(node).items():
            if not (name.lower().startswith("on_") or (name.startswith("On") and name[2:3].isupper())):
                continue
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
                    called = snake(call.func.attr)
                    if called in SETUP and name_of(call.func.value) == "self":
                        yield Finding(call.lineno, "error", f"{called} in {name}: LEAN takes it in initialize only.")


def delivery(source: Source) -> Iterator[Finding]:
    """What keeps a file from LEAN or QuantConnect's cloud."""
    if len(source.text.encode()) >= LARGEST:
        yield Finding(1, "warning", f"{len(source.text.encode()):,} bytes: QuantConnect's free tier takes files of up to 32,000.")
    for folder in sorted(p.name for p in source.path.parent.iterdir() if p.is_dir() and p.name.lower() in SKIPPED):
        if any((source.path.parent / folder).glob("*.py")):
            yield Finding(1, "warning", f"folder {folder!r} holds code: LEAN's tools skip folders of that name. Rename it.")
    for node in ast.walk(source.tree):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        for module in modules:
            if module.split(".")[0] in SKIPPED:
                yield Finding(node.lineno, "error", f"import from {module!r}: LEAN's tools skip folders of that name. Rename it.")  # type: ignore[attr-defined]
    if "QCAlgorithm" not in source.imported and "*" not in source.imported and "AlgorithmImports" not in source.text:
        ours = any(module.startswith("hidden_regime") for module in source.imported.values())
        if not ours:
            yield Finding(1, "error", "AlgorithmImports isn't imported: expected `from AlgorithmImports import *` at the top.")
