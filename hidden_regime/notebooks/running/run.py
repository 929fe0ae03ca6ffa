"""One run of a notebook."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hidden_regime.exceptions import DataError, MissingDependencyError, ParameterError
from hidden_regime.files.paths import given_path
from hidden_regime.files.whole import write_file
from hidden_regime.notebooks.quantbook.present import DATA
from hidden_regime.notebooks.reports.encoding import encode
from hidden_regime.notebooks.reports.mime import METADATA
from hidden_regime.notebooks.reports.reading import failure_in, numbered, report_of
from hidden_regime.notebooks.reports.report import Failure, Report
from hidden_regime.notebooks.running.parameters import with_parameters

HOUR = 3600.0
NEEDS = "running notebooks needs nbclient and ipykernel: pip install 'hidden-regime[notebooks]'."
START = 60
"""Seconds that a kernel has to start."""
SHORTEST = 1e-3


@dataclass
class _Run:
    """How far a run is, and what time it has left."""

    until: float
    cell_timeout: float | None
    clock: Callable[[], float]
    cell: Any = None
    by_cell: bool = field(default=False)

    def begin_cell(self, cell: Any, cell_index: int) -> None:
        """Take note of the cell that is run."""
        del cell_index
        self.cell = cell

    def seconds(self, cell: Any) -> float:
        """What a cell may take."""
        del cell
        left = max(self.until - self.clock(), SHORTEST)
        self.by_cell = self.cell_timeout is not None and self.cell_timeout < left
        return min(left, self.cell_timeout) if self.cell_timeout is not None else left


def run_notebook(
    path: str | Path,
    parameters: Mapping[str, Any] | None = None,
    *,
    out: str | Path,
    timeout: float = HOUR,
    cell_timeout: float | None = None,
    data: str | Path | None = None,
    kernel: str | None = None,
    environment: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Report:
    """Run a notebook in a process of its own, in the notebook's folder, and keep what came of it.

    Parameters
    ----------
    path : str or Path
        An .ipynb file. It stays as it is.
    parameters : mapping, optional
        Put into a cell behind the one tagged `parameters`, as papermill does it.
    out : str or Path
        The executed notebook: written whole, also where a cell failed.
    timeout : float
        Seconds for all cells.
    cell_timeout : float, optional
        Seconds for each.
    data : str or Path, optional
        What `QuantBook()` has: a packaged set, a LEAN data folder, or files of prices.
    kernel : str, optional
        A kernel of Jupyter's. Default: this Python, with QuantBook, `report`, `api` and LEAN's names.
    environment : mapping, optional
        Variables of the kernel's environment besides this process's.
    clock : callable
        Seconds, for the timeouts.

    Returns
    -------
    Report
        Also of a notebook that failed: its `error` says in which cell and line.

    Raises
    ------
    DataError
        It is no notebook.
    ParameterError
    MissingDependencyError
    """
    source, target = given_path("path", path), given_path("out", out)
    for name, seconds in (("timeout", timeout), ("cell_timeout", cell_timeout)):
        if seconds is not None and not seconds > 0:
            raise ParameterError(name, seconds, "seconds above zero")
    if target.resolve() == source.resolve():
        raise ParameterError("out", str(out), "another file than the notebook itself, which stays as it is")
    if not target.parent.is_dir():
        raise ParameterError("out", str(out), "a file in a folder that is there", f"Make {target.parent}.")
    notebook, notes = with_parameters(_read(source), parameters or {})
    given = {str(name): str(value) for name, value in (environment or {}).items()}
    if data is not None:
        given[DATA] = str(Path(data).resolve()) if Path(data).exists() else str(data)
    run = _Run(clock() + timeout, cell_timeout, clock)
    begin = clock()
    error: Failure | None = Failure("stopped", message="it was interrupted")
    try:
        error = _execute(notebook, run, source.resolve().parent, kernel, given)
    finally:
        told = {
            "parameters": {name: encode(value, name) for name, value in (parameters or {}).items()},
            "error": None if error is None else asdict(error), "notes": list(notes), "seconds": round(clock() - begin, 3),
        }  # fmt: skip
        notebook.metadata[METADATA] = told
        _write(notebook, target)
    return replace(report_of(notebook), path=target)


def _read(path: Path) -> Any:
    try:
        import nbformat
    except ImportError as error:
        raise MissingDependencyError(NEEDS) from error
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise DataError(f"{path} can't be read ({type(error).__name__}): expected a notebook (.ipynb).") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of cells without an id, which are given one
        try:
            found = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
            _, found = nbformat.validator.normalize(found)
        except Exception as error:
            raise DataError(
                f"{path} is no notebook ({type(error).__name__}: {str(error)[:200]}): expected an .ipynb file."
            ) from error
    for cell in found.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return found


def _write(notebook: Any, path: Path) -> None:
    import nbformat

    write_file(path, nbformat.writes(notebook) + "\n")  # type: ignore[no-untyped-call]


def _execute(notebook: Any, run: _Run, folder: Path, kernel: str | None, environment: dict[str, str]) -> Failure | None:
    """Run all cells; what ended it early, if anything did."""
    try:
        import ipykernel  # noqa: F401
        from jupyter_client.kernelspec import NoSuchKernel
        from jupyter_client.manager import AsyncKernelManager
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

        from hidden_regime.notebooks.running.own_kernel import NotebookKernel, connected_by, environment_of
    except ImportError as error:
        raise MissingDependencyError(NEEDS) from error
    with TemporaryDirectory(prefix="hr-", ignore_cleanup_errors=True) as place:
        kind = NotebookKernel if kernel is None else AsyncKernelManager
        client = NotebookClient(
            notebook, kernel_manager_class=kind, kernel_name=kernel or "python3", timeout_func=run.seconds, startup_timeout=START,
            on_cell_start=run.begin_cell, shutdown_kernel="immediate", resources={"metadata": {"path": str(folder)}},
        )  # fmt: skip
        manager = client.create_kernel_manager()
        for name, value in connected_by(Path(place)).items():
            setattr(manager, name, value)
        try:
            client.execute(env=environment_of(Path(place), environment))
        except CellExecutionError:
            return _failed(notebook, run)
        except CellTimeoutError:
            what = f"its {run.cell_timeout:,g} seconds" if run.by_cell else "all that the notebook has"
            return replace(_at(notebook, run, "timeout"), message=f"it took longer than {what}")
        except DeadKernelError:
            return replace(_at(notebook, run, "dead kernel"), message="the kernel's process ended")
        except NoSuchKernel as error:
            raise ParameterError("kernel", kernel, "a kernel that Jupyter knows", "jupyter kernelspec list") from error
        except RuntimeError as error:
            if run.cell is not None:
                raise
            return Failure("dead kernel", message=f"the kernel didn't start: {error}")
        finally:
            with suppress(RuntimeError, OSError):
                _end(manager)
    return None


def _end(manager: Any) -> None:
    """Make sure that no kernel outlives the run, however it ended."""
    from jupyter_core.utils import run_sync

    if manager.has_kernel:
        run_sync(manager.shutdown_kernel)(now=True)


def _number(notebook: Any, run: _Run) -> int | None:
    return next((number for number, cell in numbered(notebook.cells) if cell is run.cell), None)


def _at(notebook: Any, run: _Run, kind: str) -> Failure:
    return Failure(kind, _number(notebook, run))


def _failed(notebook: Any, run: _Run) -> Failure:
    return failure_in(run.cell, _number(notebook, run) or 0) or _at(notebook, run, "failed cell")
