"""The kernel that notebooks are run on: this Python, with the names of QuantConnect's research environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

EXTENSION = "hidden_regime.notebooks"
INLINE = "module://matplotlib_inline.backend_inline"
"""Draws with Agg, without a screen, into the notebook."""


class NotebookKernel(AsyncKernelManager):
    """A kernel of this Python, whatever the notebook asks for."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """How it is started."""
        app = "--IPKernelApp."
        return KernelSpec(
            argv=[
                sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", f"{app}extra_extensions={EXTENSION}",
                f"{app}reraise_ipython_extension_failures=True",
            ],
            display_name="Python 3 (hidden-regime)", language="python",
        )  # fmt: skip


def connected_by(folder: Path) -> dict[str, Any]:
    """Where a kernel listens: at sockets in a folder of its own, where there are such, else at ports of this machine."""
    file = folder / "k.json"
    if os.name != "posix":
        return {"connection_file": str(file)}
    return {"connection_file": str(file), "transport": "ipc", "ip": str(folder / "k")}


def environment_of(folder: Path, given: dict[str, str]) -> dict[str, str]:
    """Environment of a kernel: this process's, with settings of IPython's that are nobody's."""
    return {**os.environ, "IPYTHONDIR": str(folder), "MPLBACKEND": INLINE, "PYDEVD_DISABLE_FILE_VALIDATION": "1", **given}
