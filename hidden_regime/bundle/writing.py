"""Writes a bundle: main.py, config.json and a package of joined modules."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import re
import sys
import tokenize
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import hidden_regime
from hidden_regime.bundle.imports import PACKAGE, imports_of, path_of, reach
from hidden_regime.bundle.joining import FUTURE, group, join, needs_of
from hidden_regime.data.unpacking import read_json
from hidden_regime.exceptions import ParameterError, StrategyError, UnsupportedError
from hidden_regime.files.paths import given_path
from hidden_regime.files.whole import write_folder
from hidden_regime.simulator.static.cloud import LARGEST, SKIPPED

MARK = "# Bundled by hidden-regime "
MOST_FILES = 24
CONFIG = "config.json"
CODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
BLANK = re.compile(r"^[ \t\f]*(?:#.*)?$")
"""As PEP 263 has them: what names a source's encoding, and what may stand before it."""


class Bundle(NamedTuple):
    """What was written: files by name with their sizes in bytes, and the modules of the package that are in them."""

    folder: Path
    files: dict[str, int]
    modules: tuple[str, ...]


def write_bundle(strategy: str | Path, out: str | Path, parameters: Mapping[str, str] | None = None) -> Bundle:
    """Write a strategy and the modules that it needs as a folder that the LEAN CLI pushes to QuantConnect Cloud.

    Parameters
    ----------
    strategy : str or Path
        A .py file with one class that derives from QCAlgorithm. Modules of its own that lie beside it go along.
    out : str or Path
        Folder: a new or empty one, or an earlier bundle, which is replaced; what `config.json` has besides is kept.
    parameters : mapping of str to str, optional
        For `config.json`, instead of the defaults that the strategy names.

    Returns
    -------
    Bundle

    Raises
    ------
    StrategyError, UnsupportedError, ParameterError
        A file that can't be read, an import that doesn't belong into LEAN, a folder that holds something else.

    Examples
    --------
    >>> import tempfile
    >>> from hidden_regime.bundle import write_bundle
    >>> from hidden_regime.research.strategies import find_strategy
    >>> bundle = write_bundle(find_strategy("basic_regime_switching"), tempfile.mkdtemp())
    >>> "main.py" in bundle.files, max(bundle.files.values()) < 32_000, len(bundle.files) <= 25
    (True, True, True)
    """
    source = given_path("strategy", strategy)
    if source.suffix != ".py" or not source.is_file():
        raise StrategyError(f"strategy {str(strategy)!r}: expected the path of a .py file.")
    folder = given_path("out", out)
    _check_folder(folder)
    own = _own_modules(source)
    sources = {"main.py": source, **own}
    trees = {name: _parse(path) for name, path in sources.items()}
    whole = ast.Module([node for tree in trees.values() for node in tree.body], [])
    modules = reach(whole, source.name)
    needs = needs_of(modules)
    parts = group(modules, needs)
    names = [f"part_{n:02d}" for n in range(1, len(parts) + 1)]
    places = {module.name: name for name, part in zip(names, parts, strict=True) for module in part}

    texts = {name: _text(path) for name, path in sources.items()}
    files: dict[str, str] = {name: _head(sources[name].name, text) + text for name, text in texts.items()}
    if modules:
        files[f"{PACKAGE}/__init__.py"] = _head("the package's face", "") + _face(trees, source.name, names, places)
    for name, part in zip(names, parts, strict=True):
        body = join(part, places, name)
        files[f"{PACKAGE}/{name}.py"] = _head(", ".join(m.name for m in part), "".join(m.text for m in part)) + body
    files[CONFIG] = _config(folder, list(trees.values()), parameters or {})
    for name, content in files.items():
        ast.parse(content) if name.endswith(".py") else None
    _check_limits(files)
    _check_foreign(folder, files)
    write_folder(folder, files, instead_of=_earlier(folder))
    return Bundle(folder, {name: len(content.encode()) for name, content in files.items()}, tuple(modules))


def _is_ours(path: Path) -> bool:
    """Whether a file is one that an earlier bundle wrote."""
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK.encode()


def _earlier(folder: Path) -> list[str]:
    """What an earlier bundle wrote of sources; whatever else lies there is somebody's own."""
    sources = [*folder.glob("*.py"), *(folder / PACKAGE).glob("*.py")]
    found = sorted(path for path in sources if path.is_file() and _is_ours(path))
    return [path.relative_to(folder).as_posix() for path in found]


def _check_folder(folder: Path) -> None:
    if folder.resolve().name in SKIPPED:
        raise ParameterError("out", str(folder), f"a folder that LEAN doesn't skip: not one of {list(SKIPPED)}")
    if folder.exists() and not folder.is_dir():
        raise ParameterError("out", str(folder), "a folder", "A file lies there.")
    if folder.is_dir() and any(folder.iterdir()) and "main.py" not in _earlier(folder):
        raise ParameterError("out", str(folder), "a new or empty folder, or an earlier bundle", "Something else lies there.")
    package = folder / PACKAGE
    if package.is_symlink() or (package.exists() and not package.is_dir()):
        raise ParameterError("out", str(package), "a folder that an earlier bundle made, or none", "Remove it, or name another.")


def _check_foreign(folder: Path, files: Mapping[str, str]) -> None:
    """Raise where a file of the user's own would have to go."""
    earlier = {CONFIG, *_earlier(folder)}
    foreign = [name for name in files if name not in earlier and (folder / name).exists()]
    if foreign:
        where = str(folder / foreign[0])
        raise ParameterError("out", where, "no file, or one of an earlier bundle", "Move it, or name another folder.")


def _text(path: Path) -> str:
    """A source as Python reads it; in a bundle all is UTF-8, whatever its first lines say."""
    with tokenize.open(path) as file:
        lines = file.read().split("\n")
    for n, line in enumerate(lines[:2]):
        if found := CODING.match(line):
            lines[n] = line[: found.start(1)] + "utf-8" + line[found.end(1) :]
            break
        if not BLANK.match(line):
            break
    return "\n".join(lines)


def _parse(path: Path) -> ast.Module:
    try:
        return ast.parse(_text(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise StrategyError(f"{path.name}: can't be read as Python ({error}).") from None


def _own_modules(source: Path) -> dict[str, Path]:
    """Modules beside the strategy that it imports, and those that these import."""
    found: dict[str, Path] = {}
    waiting = [source]
    while waiting:
        for node in ast.walk(_parse(waiting.pop())):
            names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                path = source.parent / f"{name.split('.')[0]}.py"
                _check_known(name, path, source)
                if path.is_file() and path != source and path.name not in found:
                    found[path.name] = path
                    waiting.append(path)
    for name in found:
        if name.startswith("main"):
            raise UnsupportedError(
                f"{source.name} imports {name}: in a bundle main.py is the strategy, and LEAN also runs classes of modules whose "
                "names begin like it. Rename the module."
            )
    return dict(sorted(found.items()))


def _check_known(name: str, path: Path, source: Path) -> None:
    """Raise for an import of what is nowhere: it would fail there, too."""
    first = name.split(".")[0]
    known = path.is_file() or first in ("AlgorithmImports", "QuantConnect", "System", "clr", PACKAGE) or first in sys.modules
    if not known and importlib.util.find_spec(first) is None:
        raise UnsupportedError(f"{source.name} imports {name}: neither a file beside it nor installed here. Correct the import.")


def _head(origin: str, text: str) -> str:
    """What a file says of itself; it holds no time, so that equal sources give equal files."""
    digest = f", sha256 {hashlib.sha256(text.encode()).hexdigest()[:16]}" if text else ""
    lines, line = [], f"{MARK}{hidden_regime.__version__} from {origin}{digest}."
    while len(line) > 120:
        cut = line.rfind(" ", 0, 120)
        lines.append(line[:cut])
        line = "# " + line[cut + 1 :]
    return "\n".join([*lines, line]) + "\n"


def _face(trees: Mapping[str, ast.Module], where: str, names: list[str], places: Mapping[str, str]) -> str:
    """The package: its parts under the names of the modules that are in them, and what the strategy asks of packages."""
    packages: dict[str, dict[str, str]] = {}
    for tree in trees.values():
        for item in imports_of(tree, where):
            asked = [item.node.module] if isinstance(item.node, ast.ImportFrom) else [a.name for a in item.node.names]  # type: ignore[attr-defined]
            for package in asked:
                path = path_of(str(package))
                if item.name is not None and path is not None and path.name == "__init__.py":
                    packages.setdefault(str(package), {})[item.name] = places[item.origin]
    lines = [
        '"""hidden-regime, joined into few files: regimes for one strategy."""\n', FUTURE,
        "import sys", "import types\n", f"from {PACKAGE} import {', '.join(names)}\n",
        f'__version__ = "{hidden_regime.__version__}"\n', "_MODULES = {",
        *(f'    "{module}": {place},' for module, place in sorted(places.items())), "}",
        "_NAMES = {", *(f'    "{package}": {{{_pairs(found)}}},' for package, found in sorted(packages.items())), "}",
        "", "for _name, _part in _MODULES.items():", "    sys.modules[_name] = _part",
        "for _name in [*_MODULES, *_NAMES]:", '    while (_name := _name.rpartition(".")[0]).count("."):',
        '        sys.modules.setdefault(_name, types.ModuleType(_name, "Modules of a kind."))',
        "for _name, _found in _NAMES.items():",
        '    _package = sys.modules.setdefault(_name, types.ModuleType(_name, "Names that the strategy asks for."))',
        "    for _what, _part in _found.items():", "        setattr(_package, _what, getattr(_part, _what))",
        f'for _name in [_name for _name in sys.modules if _name.startswith("{PACKAGE}.")]:',
        '    _above, _, _last = _name.rpartition(".")',
        "    if _above in sys.modules and not hasattr(sys.modules[_above], _last):",
        "        setattr(sys.modules[_above], _last, sys.modules[_name])",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _pairs(found: Mapping[str, str]) -> str:
    return ", ".join(f'"{name}": {place}' for name, place in sorted(found.items()))


def _config(folder: Path, trees: Sequence[ast.Module], given: Mapping[str, str]) -> str:
    """The project's settings: parameters with the defaults that the strategy names; what the LEAN CLI added stays."""
    known: dict[str, Any] = {}
    path = folder / CONFIG
    if path.is_file():
        try:
            known = read_json(path)
            if not isinstance(known, dict):
                raise ValueError("no object")
        except ValueError as error:
            raise ParameterError("out", str(path), f"JSON with settings ({error})", "Mend or remove it.") from None
    defaults = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("get_parameter", "GetParameter")
        ):
            values = [*node.args, *(keyword.value for keyword in node.keywords)]
            with suppress(ValueError):  # what is computed has no default to show
                name, default = map(ast.literal_eval, values)
                defaults[str(name)] = str(default)
    settings = {"algorithm-language": "Python", "description": (ast.get_docstring(trees[0]) or "").split("\n")[0]} | known
    settings["parameters"] = dict(sorted((defaults | dict(given)).items()))
    return json.dumps(settings, indent=4, sort_keys=True) + "\n"


def _check_limits(files: Mapping[str, str]) -> None:
    if len(files) - 1 > MOST_FILES:
        raise UnsupportedError(
            f"{len(files) - 1} files beside main.py: QuantConnect's free tier takes {MOST_FILES}. Import less."
        )
    for name, content in files.items():
        if len(content.encode()) >= LARGEST:
            raise UnsupportedError(
                f"{name} has {len(content.encode())} bytes: QuantConnect's free tier takes fewer than {LARGEST}. Split it."
            )
