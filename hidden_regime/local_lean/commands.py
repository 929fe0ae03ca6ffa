"""Command lines of lean-cli, from values. Everything is checked here: lean-cli answers each mistake with the same exit code 1.

There are no options for dates: a strategy takes them as parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments.search.base import check_count
from hidden_regime.experiments.space.numbers import text_of
from hidden_regime.experiments.space.parameter import Choice
from hidden_regime.experiments.space.space import Space

APART = set(",:\"'")
"""What LEAN's optimiser parts parameters by: it starts a backtest with --parameters fast:5,slow:30."""


def backtest_arguments(
    project: Path,
    output: Path,
    *,
    name: str = "",
    parameters: Mapping[str, str] | None = None,
    image: str = "",
    update: bool = False,
) -> list[str]:
    """Arguments of `lean backtest`.

    Parameters
    ----------
    project : Path
        Folder with main.py, or a strategy's file.
    output : Path
        Folder of the results, always told: of its own accord lean-cli gives two runs of one second the same.
    name : str
        Name of the backtest.
    parameters : mapping of str to str
        All of them: the project's own count no more where there is one. See `all_parameters`.
    image : str
        Of the engine; default: lean-cli's own.
    update : bool
        Fetch a newer engine before.

    Examples
    --------
    >>> backtest_arguments(Path("Cross"), Path("Cross/backtests/1"), parameters={"fast": "10"})[-4:]
    ['--no-update', '--parameter', 'fast', '10']
    """
    told = ["--backtest-name", name] if name else []
    for key, value in (parameters or {}).items():
        told += ["--parameter", key, value]
    return ["backtest", str(project), "--output", str(output), *_engine(image, update), *told]


def optimize_arguments(
    project: Path, output: Path, config: Path, *, workers: int | None = None, image: str = "", update: bool = False
) -> list[str]:
    """Arguments of `lean optimize`.

    Parameters
    ----------
    project : Path
    output : Path
        Folder of the results.
    config : Path
        What to search, as `write_lean_config` writes it. lean-cli's own options have no word for the finest step of an Euler
        search, so that one ends after its first round, and none for a fixed parameter or a value that is enough.
    workers : int, optional
        Backtests at once; default: lean-cli's own, half of the processors.
    image, update
        As of `backtest_arguments`.

    Examples
    --------
    >>> optimize_arguments(Path("Cross"), Path("out"), Path("c.json"), workers=1)[4:]
    ['--optimizer-config', 'c.json', '--no-update', '--max-concurrent-backtests', '1']
    """
    if workers is not None:
        check_count("workers", workers)
    told = [] if workers is None else ["--max-concurrent-backtests", str(workers)]
    return [
        "optimize", str(project), "--output", str(output), "--optimizer-config", str(config), *_engine(image, update), *told,
    ]  # fmt: skip


def _engine(image: str, update: bool) -> list[str]:
    return ["--update" if update else "--no-update", *(["--image", image] if image else [])]


def all_parameters(own: Mapping[str, str], given: Mapping[str, object] | None) -> dict[str, str]:
    """What to pass with --parameter: the project's parameters with the given ones over them; none where none is given.

    Parameters
    ----------
    own : mapping of str to str
        Of the project's config.json. lean-cli forgets all of them where it is given a single one.
    given : mapping of str to text or number

    Examples
    --------
    >>> all_parameters({"fast": "10", "slow": "40"}, {"fast": 5}), all_parameters({"fast": "10"}, None)
    ({'fast': '5', 'slow': '40'}, {})
    """
    if not given:
        return {}
    for name, value in given.items():
        if not isinstance(name, str) or not name:
            raise ParameterError("parameters", name, "a name")
        if value is None or (hasattr(value, "__iter__") and not isinstance(value, str)):
            raise ParameterError(f"parameters[{name!r}]", value, "a text or a number, which LEAN passes as text")
    return dict(own) | {name: text_of(value) for name, value in given.items()}


def check_texts(space: Space) -> None:
    """Raise for names and texts that LEAN's optimiser takes apart: what a backtest would get is another parameter.

    Raises
    ------
    ParameterError
    """
    for one in space:
        for text in (one.name, *(one.texts if isinstance(one, Choice) else ())):
            if not text or APART & set(text) or text.split() != [text]:
                remedy = (
                    "LEAN's optimiser parts names and values at these. The project's config.json may hold it, for all trials."
                )
                raise ParameterError(one.name, text, "a text without blanks, commas, colons and quotation marks", remedy)
