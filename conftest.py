"""What all tests share: where trials are kept, and which modules documentation tests leave alone."""

import os
from importlib.util import find_spec
from tempfile import TemporaryDirectory

collect_ignore_glob = [] if find_spec("jax") else ["hidden_regime/kernels/accelerated*.py"]  # of a library that isn't installed


def pytest_configure(config):
    """Keep trials in a folder of these tests, neither finding nor leaving any in the user's."""
    folder = TemporaryDirectory(prefix="hidden-regime-tests-")
    before = os.environ.get("HIDDEN_REGIME_CACHE")
    os.environ["HIDDEN_REGIME_CACHE"] = folder.name

    def end():
        if before is None:
            os.environ.pop("HIDDEN_REGIME_CACHE", None)
        else:
            os.environ["HIDDEN_REGIME_CACHE"] = before
        folder.cleanup()

    config.add_cleanup(end)
