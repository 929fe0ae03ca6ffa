"""From an idea to a strategy that somebody has signed for."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hidden_regime.cli.main import app
from hidden_regime.data import open_market
from hidden_regime.exceptions import ParameterError
from hidden_regime.experiments import monte_carlo, walk_forward
from hidden_regime.operation.deploying import check_may_go_on, deploy, digest_of_strategy
from hidden_regime.operation.journal import journal_of
from hidden_regime.operation.readiness import idea
from hidden_regime.operation.readiness.checking import _fees, _monte_carlo, _walk_forward, ready
from hidden_regime.operation.readiness.project import new_project
from hidden_regime.operation.readiness.proof import failed, passed
from hidden_regime.operation.readiness.signing import NotSignedError, allowed_share, grow, is_ready, keep_proofs, sign, week_of
from hidden_regime.operation.readiness.stress import stress
from hidden_regime.operation.targets.opening import is_real
from tests.operation.strategies import TURNING
from tests.operation.worlds import END, NOW, START, WALL, backtest, strategy_at

ASSETS = {"assets": "AAPL,IBM,MSFT", "defensive": ""}


def test_a_copy_gives_equal_orders_and_editing_either_leaves_the_other(tmp_path):
    first = strategy_at(tmp_path / "a", TURNING, "main.py")
    new_project(tmp_path / "b", str(tmp_path / "a"))
    expected = backtest(first)
    assert backtest(str(tmp_path / "b" / "main.py")).orders == expected.orders
    strategy_at(tmp_path / "a", "raise SystemExit", "main.py")
    assert backtest(str(tmp_path / "b" / "main.py")).orders == expected.orders
    assert {path.name for path in (tmp_path / "b").iterdir()} == {"main.py", "config.json", "rules.toml", "idea.md", "README.md"}
    with pytest.raises(ParameterError, match="NAME"):
        new_project(tmp_path / "b", first)


def test_an_idea_that_says_nothing_is_not_one(tmp_path):
    assert idea.missing(tmp_path) == list(idea.FIELDS)
    new_project(tmp_path / "one", "basic_regime_switching")
    assert idea.missing(tmp_path / "one") == list(idea.FIELDS)
    answered = "".join(f"## {title}\n\nSomething.\n\n" for title in list(idea.FIELDS)[1:])
    (tmp_path / "one" / "idea.md").write_text(answered, encoding="utf-8")
    assert idea.missing(tmp_path / "one") == ["Asset class"]


RULES = """
[guards]
drawdown = { limit = 0.2, action = "stop" }
daily_loss = { limit = 0.1, action = "reduce" }
order_size = { limit = 0.9, action = "warn" }
model_age = { limit = 300, action = "warn" }
order_rate = { limit = 50, action = "warn" }
"""


def test_each_guard_is_stressed_and_one_that_can_not_fire_is_told(tmp_path):
    path = strategy_at(tmp_path, TURNING)
    proofs = stress(tmp_path / "strategy.py", open_market("us_stocks"), RULES, start=START, end=END, parameters={})
    assert path and {one.name: one.state for one in proofs} == {
        "guard drawdown": "pass", "guard daily_loss": "pass", "guard order_size": "pass", "guard model_age": "fail",
        "guard order_rate": "pass",
    }  # fmt: skip
    assert "51 orders today, limit 50" in proofs[-1].evidence  # of a strategy that never sends so many
    assert "all prices fall" in proofs[0].evidence and "2012" in proofs[0].evidence


def test_ready_says_what_has_passed_what_has_not_and_what_nobody_has_tried(tmp_path):
    new_project(tmp_path / "one", strategy_at(tmp_path / "mine", TURNING))
    proofs = ready(str(tmp_path / "one"), "us_stocks", start=date(2012, 1, 3), end=date(2012, 2, 10))
    states = {one.name: one.state for one in proofs}
    assert states["idea"] == states["fees"] == "fail" and states["walk-forward"] == states["monte-carlo"] == "not done"
    assert all(
        states[name] == "pass" for name in ("look-ahead", "rehearsal", "killed and gone on", "a missing bar", "kill switch")
    )
    assert states["guard drawdown"] == "pass"
    idea_file = tmp_path / "one" / "idea.md"
    idea_file.write_text("## Broker and fees\n\nInteractive Brokers: InteractiveBrokersFeeModel.\n", encoding="utf-8")
    market = open_market("us_stocks")
    found = _fees(tmp_path / "one" / "main.py", market, date(2012, 1, 3), date(2012, 2, 10), {})
    assert found.state == "pass" and "$" in found.evidence


FAILING = TURNING.replace("self.set_cash(50_000)", "raise ValueError('no [red]money')")
IDLE = TURNING.replace("self.set_holdings(symbol, 0.6 if symbol == best else 0.1)", "pass").replace("self.days % 7 == 3", "False")


def test_a_strategy_that_fails_or_holds_nothing_proves_nothing(tmp_path):
    days = {"start": date(2012, 1, 3), "end": date(2012, 2, 10)}
    new_project(tmp_path / "failing", strategy_at(tmp_path / "a", FAILING))
    assert not [one for one in ready(str(tmp_path / "failing"), "us_stocks", **days) if one.state == "pass"]
    new_project(tmp_path / "idle", strategy_at(tmp_path / "b", IDLE))
    states = {one.name: one.state for one in ready(str(tmp_path / "idle"), "us_stocks", **days)}
    assert states["kill switch"] == states["guard drawdown"] == "not done" and states["rehearsal"] == "pass"
    with pytest.raises(ParameterError, match="start"):
        ready(str(tmp_path / "idle"), "us_stocks", start=date(2030, 1, 1), end=date(2030, 2, 1))


def test_experiments_of_another_strategy_prove_nothing(tmp_path):
    text = TURNING.replace("self.sma(s, 5)", 'self.sma(s, int(self.get_parameter("fast", 5)))')
    path = Path(strategy_at(tmp_path / "mine", text, "turning.py"))
    days = {"start": date(2011, 1, 3), "end": date(2011, 8, 30)}
    walked = walk_forward(
        path, {"fast": [4, 6]}, data="us_stocks", method="grid", n_trials=2, is_months=2, oos_months=2, workers=1,
        out=tmp_path / "walked", **days,
    )  # fmt: skip
    monte_carlo(path, data="us_stocks", n_paths=50, out=tmp_path / "drawn", **days)
    answer = walked.figures.verdict.answer
    assert answer in _walk_forward(tmp_path / "walked", path).evidence
    assert _monte_carlo(tmp_path / "drawn", path).state == "pass"
    other = Path(strategy_at(tmp_path / "other", text, "another.py"))
    assert "is of turning" in _monte_carlo(tmp_path / "drawn", other).evidence
    path.write_text(f"{text}# edited\n", encoding="utf-8")
    found = _walk_forward(tmp_path / "walked", path)
    assert found.state == "fail" and "other files" in found.evidence


def test_real_money_waits_for_signatures(tmp_path):
    journal = journal_of(tmp_path)
    path = strategy_at(tmp_path / "mine", TURNING, "main.py")
    digest, target = digest_of_strategy(tmp_path / "mine" / "main.py"), f"lean:{tmp_path / 'mine'}#live-interactive"

    def refused(says):
        with pytest.raises(NotSignedError, match=says):
            deploy(journal, "one", path, data=None, now=NOW, at=WALL, target=target)

    refused("ready")
    keep_proofs(journal, digest, [passed("a", ""), failed("b", "")], "1")
    refused("not wholly")
    keep_proofs(journal, digest, [passed("a", "")], "2")
    assert is_ready(journal, digest) and not is_ready(journal, digest + "0")
    refused("2026-W01")
    sign(journal, "one", "week", week_of(NOW.date()), "Ada", WALL)
    refused("any money")
    now = datetime(2026, 1, 1, 17, tzinfo=UTC)
    with pytest.raises(ParameterError, match="5%"):
        grow(journal, "one", 0.5, "Ada", WALL, now=now)
    assert grow(journal, "one", 0.05, "Ada", WALL, now=now) == allowed_share(journal, "one") == 0.05
    with pytest.raises(NotSignedError, match="27 days"):
        grow(journal, "one", 0.1, "Ada", WALL, now=now + timedelta(days=27, hours=1))
    assert grow(journal, "one", 0.1, "Ada", "2026-02-01T00:00:00Z", now=now + timedelta(days=31)) == 0.1
    assert deploy(journal, "one", path, data=None, now=NOW, at=WALL, target=target).spec.target == target
    # On paper nobody has to sign.
    deploy(journal, "two", path, data=None, now=NOW, at=WALL, target=f"lean:{tmp_path / 'mine'}")
    # Somebody has ended it, and begins it again in a week for which nobody has signed.
    made, later = journal.deployment("one"), NOW.date() + timedelta(days=7)
    check_may_go_on(journal, made, later)  # it should run: a process that died is begun again, whatever the day
    journal.set_state("one", "stopped")
    check_may_go_on(journal, journal.deployment("one"), NOW.date())
    with pytest.raises(NotSignedError, match="2026-W02"):
        check_may_go_on(journal, journal.deployment("one"), later)
    journal.set_state("two", "stopped")
    check_may_go_on(journal, journal.deployment("two"), later)


@pytest.mark.parametrize(
    ("environment", "broker", "real"),
    [("", None, False), ("#live-paper", "PaperBrokerage", False), ("#my-paper", "InteractiveBrokersBrokerage", True),
     ("#live-ib", "PaperBrokerage", True), ("#live-paper", 7, True)],
)  # fmt: skip
def test_an_environment_that_is_only_called_paper_is_real(tmp_path, environment, broker, real):
    (tmp_path / "mine").mkdir()
    if broker is not None:
        told = {"data-folder": "data", "environments": {environment[1:]: {"live-mode-brokerage": broker}}}
        (tmp_path / "lean.json").write_text(json.dumps(told), encoding="utf-8")
    assert is_real(f"lean:{tmp_path / 'mine'}{environment}") == real


def test_the_commands_sign_and_wait(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    strategy = strategy_at(tmp_path / "mine", TURNING, "main.py")

    def typed(*words):
        return CliRunner().invoke(app, list(words))

    waits = typed("live", "start", strategy, "--target", f"lean:{tmp_path / 'mine'}#live-interactive")
    assert waits.exit_code == 3 and "ready" in waits.output
    assert typed("new", "b", "--from", strategy).exit_code == 0 and (tmp_path / "b" / "main.py").is_file()
    assert typed("weekly", "mine", "--by", "Ada").exit_code == 0
    assert typed("grow", "mine", "--to", "0.05", "--by", "Ada").exit_code == 0
    assert typed("grow", "mine", "--to", "0.10", "--by", "Ada").exit_code == 3
    assert typed("grow", "mine", "--to", "1.5", "--by", "Ada").exit_code == 2
    for wrong in (["../mine", "--by", "Ada"], ["mine", "--by", " "]):
        assert typed("weekly", *wrong).exit_code == 2
