"""Run a few lines of a strategy over the reference market."""

from __future__ import annotations

import textwrap

import pytest

from hidden_regime.simulator import run_file

HEAD = """from AlgorithmImports import *

{top}

class Strategy(QCAlgorithm):
    def initialize(self):
        self.set_start_date({start})
        self.set_end_date({end})
        self.set_cash(100000)
        self.seen = []
{body}

{hooks}
"""


@pytest.fixture
def play(tmp_path, reference_market):
    """play(body, hooks): lines of `initialize`, and functions of the class."""

    def run(body, hooks="", *, start="2014, 1, 2", end="2014, 1, 31", top="", market=None, fails=False, **options):
        path = tmp_path / "strategy.py"
        parts = {"top": textwrap.dedent(top), "body": _indent(body, 8), "hooks": _indent(hooks, 4)}
        path.write_text(HEAD.format(start=start, end=end, **parts))
        done = run_file(path, market or reference_market, **options)
        if not fails and done.error is not None:
            raise done.error
        return done

    return run


def _indent(text, n):
    return textwrap.indent(textwrap.dedent(text).strip("\n"), " " * n)
