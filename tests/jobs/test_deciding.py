"""Decisions of figures and rules."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.experiments import Constraint
from hidden_regime.jobs.deciding import decide

NAMES = ("Sharpe Ratio", "Drawdown", "Total Orders")
OPERATORS = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip
NUMBERS = st.integers(-3, 3).map(float)


@given(
    st.dictionaries(st.sampled_from(NAMES), NUMBERS),
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(list(OPERATORS)), NUMBERS), max_size=4),
)
def test_a_hypothesis_goes_on_where_all_rules_are_met_and_every_other_one_is_in_the_reason(figures, rules):
    found = decide(figures, [Constraint(*rule) for rule in rules])
    met = [name in figures and OPERATORS[operator](figures[name], value) for name, operator, value in rules]
    assert found.goes_on == all(met)
    assert found.figures == {name: figures[name] for name, _, _ in rules if name in figures}
    parts = found.reason.split("; ")
    if rules:
        assert len(parts) == (len(rules) if all(met) else met.count(False))
    for (name, _, _), is_met in zip(rules, met, strict=True):
        if not is_met:
            word = "is not" if name in figures else "there is no"
            assert any(word in part and name in part for part in parts)


def test_the_reason_is_a_sentence():
    limit = [Constraint.parse("Sharpe Ratio > 0.3"), Constraint.parse("Total Orders >= 4")]
    assert decide({"Sharpe Ratio": 0.12, "Total Orders": 9.0}, limit).reason == "Sharpe Ratio 0.12 is not > 0.3"
    assert decide({"Sharpe Ratio": 0.5, "Total Orders": 9.0}, limit).reason == "Sharpe Ratio 0.5 is > 0.3; Total Orders 9 is >= 4"
    assert decide({"Sharpe Ratio": 0.5}, limit).reason == "there is no Total Orders, which must be >= 4"
    assert decide({}, []).reason == "no rule stands here"
