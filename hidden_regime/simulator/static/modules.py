"""Rules on what a file imports, and on the names that it uses: what keeps Python from importing or running it."""

from __future__ import annotations

import ast
import builtins
import importlib.util
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from hidden_regime.simulator.spelling import snake
from hidden_regime.simulator.static import engine
from hidden_regime.simulator.static.findings import Finding
from hidden_regime.simulator.static.source import OURS, Source, name_of

MAGIC = frozenset({"__file__", "__name__", "__doc__", "__class__", "__builtins__", "__spec__", "__path__", "__annotations__"})
BY_IMPORT = {"MeanVarianceOptimizationPortfolioConstructionModel": "Portfolio"}
"""Models that LEAN's AlgorithmImports has in a form that Python can't make: folders of those that it can."""
HEADER = "AlgorithmImports isn't imported: expected `from AlgorithmImports import *` at the top."


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name.partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False


def _beside(source: Source, module: str) -> bool:
    """Whether the strategy's own folder has a module."""
    path = source.path.parent / module.replace(".", "/")
    return path.is_dir() or path.with_name(path.name + ".py").is_file()


def missing_modules(source: Source) -> Iterator[Finding]:
    """Modules, and names of LEAN's, that can't be imported."""
    for node in ast.walk(source.tree):
        if node in source.guarded or not isinstance(node, (ast.Import, ast.ImportFrom)):
            continue
        if isinstance(node, ast.ImportFrom) and node.level:
            continue
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        for module in names:
            if _beside(source, module):
                continue
            if source.is_leans(module):
                held = engine.namespace().module(module)
                if held is None:
                    said = f"module {module} exists in LEAN only, if at all: the embedded engine can't import it."
                    yield Finding(node.lineno, "lean-only", said)
                elif isinstance(node, ast.ImportFrom) and module == "AlgorithmImports":
                    for alias in node.names:
                        if alias.name != "*" and alias.name not in held:
                            yield Finding(node.lineno, "error", f"AlgorithmImports has no {alias.name}.{_hint(alias.name, held)}")
            elif not _installed(module):
                said = f"module {module} isn't installed here: the embedded engine can't import the file. LEAN must have it, too."
                yield Finding(node.lineno, "warning", said)


def _hint(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), 1)
    return f" Did you mean {near[0]}?" if near else ""


def _starred(source: Source, seen: frozenset[str] = frozenset()) -> set[str] | None:
    """Names that `from ... import *` brings. None: some of them can't be known."""
    out: set[str] = set()
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ImportFrom) or node.names[0].name != "*" or (node.module or "") in seen:
            continue
        module = node.module or ""
        file = source.path.parent / (module.replace(".", "/") + ".py")
        if module and file.is_file():
            try:
                other = Source.read(file)
            except (SyntaxError, RecursionError, MemoryError, ValueError):
                return None
            beyond = _starred(other, seen | {module})
            if beyond is None:
                return None
            out |= _bound(other.tree) | beyond
        else:
            held = engine.namespace().module(module)
            if held is None:
                return None
            out |= set(held)
    return out


def _bound(tree: ast.AST) -> set[str]:
    """Names that are bound anywhere in a file."""
    out: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            out.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            out.add(node.name)
        elif isinstance(node, ast.arg):
            out.add(node.arg)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            out |= {(alias.asname or alias.name.partition(".")[0]) for alias in node.names}
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            out.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            out.add(node.rest)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            out |= set(node.names)
    return out


def _annotations(tree: ast.Module) -> set[ast.AST]:
    """Nodes of annotations: of all if Python doesn't evaluate them, of those inside functions otherwise."""
    late = any(isinstance(n, ast.ImportFrom) and n.module == "__future__" and any(a.name == "annotations" for a in n.names)
               for n in tree.body)  # fmt: skip
    inside = {
        n for f in ast.walk(tree) if isinstance(f, (ast.FunctionDef, ast.AsyncFunctionDef)) for s in f.body for n in ast.walk(s)
    }
    out: set[ast.AST] = set()
    for node in ast.walk(tree):
        found = [node.annotation] if isinstance(node, ast.AnnAssign) and (late or node in inside) else []
        if late and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found += [
                item for item in (node.returns, *(a.annotation for a in ast.walk(node.args) if isinstance(a, ast.arg))) if item
            ]
        out |= {item for part in found for item in ast.walk(part)}
    return out


def unknown_names(source: Source) -> Iterator[Finding]:
    """Names that nothing binds: LEAN's, without the import that brings them; and misspelt ones."""
    starred = _starred(source)
    if starred is None:
        return
    known = _bound(source.tree) | starred | MAGIC | set(dir(builtins))
    skipped = source.guarded | _annotations(source.tree)
    offered, said = engine.namespace().names, set()
    bare = "QCAlgorithm" not in source.imported and "AlgorithmImports" not in set(source.imported.values())
    uses = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id not in known and n not in skipped]
    if bare and any(node.id in offered for node in uses) and OURS & set(source.imported):
        yield Finding(1, "error", HEADER)
    sources = _data_sources(source.tree)
    for node in uses:
        if node.id in said or (bare and node.id in offered):
            continue
        said.add(node.id)
        if node.id in offered:
            yield Finding(
                node.lineno, "error", f"name {node.id} isn't imported: AlgorithmImports has it. {HEADER.partition(': ')[2]}"
            )
        elif node.id in sources:
            yield Finding(
                node.lineno, "lean-only", f"{node.id} is data of QuantConnect's own, if anything: the embedded engine lacks it."
            )
        else:
            yield Finding(
                node.lineno, "error", f"name {node.id} isn't defined here, nor in AlgorithmImports.{_hint(node.id, known)}"
            )


def _data_sources(tree: ast.Module) -> set[str]:
    """Names of classes that are passed to `add_data`."""
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and snake(name_of(n.func)) == "add_data" and n.args]
    return {name_of(node.args[0]) for node in calls}


def lean_only_classes(source: Source) -> Iterator[Finding]:
    """Uses of classes that LEAN alone has, and of those whose form in AlgorithmImports LEAN can't make."""
    brought = dict(engine.namespace().names if source.star else {})
    for name, module in source.imported.items():
        held = engine.namespace().module(module) if source.is_leans(module) else None
        if name != "*":
            brought[name] = held.get(name) if held else None
    own = _bound(source.tree) - set(source.imported)
    named = _annotations(source.tree) | _only_asked(source.tree) | _only_told(source.tree)
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or node in source.guarded or node in named:
            continue
        if brought.get(node.id) is None or node.id in own:
            continue
        needs = BY_IMPORT.get(node.id, "")
        if needs and node.id not in source.imported and f"{needs}.{node.id}" not in source.text:
            line = f"from {needs}.{node.id} import *"
            yield Finding(
                node.lineno, "error", f"{node.id} of AlgorithmImports can't be made in LEAN: it needs `{line}` there, too."
            )
        if engine.is_lean_only(brought[node.id]):
            yield Finding(node.lineno, "lean-only", f"{node.id} exists in LEAN only: the embedded engine lacks it.")


def _only_asked(tree: ast.Module) -> set[ast.AST]:
    """Classes that are only named: in annotations of functions, and in isinstance and issubclass."""
    out: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("isinstance", "issubclass"):
            out |= {item for part in node.args[1:] for item in ast.walk(part)}
        elif isinstance(node, ast.arg) and node.annotation is not None:
            out |= set(ast.walk(node.annotation))
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns is not None:
            out |= set(ast.walk(node.returns))
        elif isinstance(node, ast.AnnAssign):
            out |= set(ast.walk(node.annotation))
    return out


def _only_told(tree: ast.Module) -> set[ast.AST]:
    """Classes that are printed or compared, and errors that a strategy raises when it fails anyway."""
    out: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue):
            out.add(node.value)
        elif isinstance(node, ast.Compare):
            out |= {node.left, *node.comparators}
        elif isinstance(node, ast.Raise) and node.exc is not None:
            out.add(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
    return out
