"""Stack texts of failing strategies."""

from __future__ import annotations

import sys
import traceback

import pytest

from hidden_regime.simulator.carets import carets

SNIPPETS = [
    "1 / None",
    "str(1 / None)",
    "[0, 1][5]",
    '{"ä": 1}["ö"] + 1',
    "x = 1 +  (2 // 0) * 3",
    "raise ValueError('the whole line')",
    "x = undefined",
    'x = "text".missing  # a comment',
    "x = int(\n        'a')",
    "x = (1\n        + None)",
    "x = [1, 2][\n        9]",
    "assert 1 == 2, 'no'",
    "x = -None",
    "x = 2 ** None if True else 0   ",
]


def failing(tmp_path, source):
    path = tmp_path / "failing.py"
    path.write_text(f"def f():\n        {source}\n")
    try:
        scope = {}
        exec(compile(path.read_text(), str(path), "exec"), scope)
        scope["f"]()
    except (ArithmeticError, AssertionError, AttributeError, LookupError, NameError, TypeError, ValueError) as error:
        return traceback.extract_tb(error.__traceback__)[-1]
    raise AssertionError("it was to fail")


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="newer Pythons draw other lines")
@pytest.mark.parametrize("source", SNIPPETS)
def test_carets_are_those_of_python_3_11(tmp_path, source):
    frame = failing(tmp_path, source)
    theirs = "".join(traceback.StackSummary.from_list([frame]).format()).splitlines()[2:]
    assert [f"    {line}" for line in [carets(frame)] if line] == theirs


def test_stack_texts_have_leans_form(play):
    """The line under `1 / None` is that of LEAN's own test of its parser."""
    hooks = """
    def on_data(self, data):
        self.deep(data)

    def deep(self, data):
        self.set_holdings("SPY", 1 / None)
    """
    done = play('self.add_equity("SPY", Resolution.DAILY)', hooks, fails=True)
    assert done.message.split("\n")[1:] == [
        "  at deep",
        '    self.set_holdings("SPY", 1 / None)',
        "                             ~~^~~~~~",
        " in strategy.py: line 17",
        "  at on_data",
        "    self.deep(data)",
        " in strategy.py: line 14",
        "",
    ]
