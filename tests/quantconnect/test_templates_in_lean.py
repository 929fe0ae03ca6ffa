"""The templates as real LEAN ran them, with the layer in both engines."""

from __future__ import annotations

import re

import pytest

from hidden_regime.research.strategies import template_folder
from hidden_regime.simulator import run_file
from hidden_regime.simulator.comparison import differences, facts_of_run, read_case
from tests.conftest import CASES

ANSWERS = sorted((CASES / "templates").glob("*.json.xz"))
TIMED = re.compile(r"s on regimes$|^\S+ \S+ (operation +calls|( {2})*\S+ +\d+( +\d+\.\d+){4,})")
"""Lines of a log that hold a machine's times."""


def test_ten_templates_have_an_answer():
    assert len(ANSWERS) == 10


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.name.removesuffix(".json.xz"))
def test_a_template_does_as_in_lean(path, reference_market, recorded_regimes):
    lean = read_case(path)
    file = template_folder() / lean["algorithm"]
    ours = facts_of_run(run_file(file, reference_market, parameters=lean["parameters"]), file.stem)
    for facts in (lean, ours):
        facts["log"] = [line for line in facts["log"] if not TIMED.search(line)]
    assert "\n".join(differences(lean, ours)) == ""
