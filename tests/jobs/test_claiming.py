"""The store: who claims what, and what happens to the steps of the dead."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading

import pytest

from hidden_regime.jobs import StoreError, read_campaign, words
from hidden_regime.jobs.changing import cancel, retry
from hidden_regime.jobs.claiming import LEASE, MOST_DEATHS, bury, claim, finish, leave, release
from hidden_regime.jobs.outcome import Outcome
from hidden_regime.jobs.owners import Owner, is_dead
from hidden_regime.jobs.planning import plan
from hidden_regime.jobs.store import Store, open_store
from tests.jobs.small import Clock, campaign

YES, NO = Outcome("yes", "it is"), Outcome("no", "it isn't", False)


@pytest.fixture
def made(tmp_path):
    found = read_campaign(campaign(tmp_path, ("one", "share = 0.5", ""), ("two", "share = 0.4", "")))
    clock = Clock()
    store = open_store(found, clock=clock)
    store.plan(found, plan(found))
    return found, store, clock


def states(store):
    return {step.title: step.state for step in store.steps("small")}


def test_steps_of_a_hypothesis_come_in_order_and_hypotheses_beside_each_other(made):
    asked, store, _ = made
    with Owner(store.folder) as one, Owner(store.folder) as two, Owner(store.folder) as three:
        first, second = claim(store, asked, one.name).step, claim(store, asked, two.name).step
        assert (first.title, second.title) == ("one/baseline", "two/baseline")
        third = claim(store, asked, three.name)
        assert third.step is None
        assert third.others_work
        assert finish(store, first, YES)
        assert claim(store, asked, three.name).step.title == "one/worth"
        assert finish(store, second, NO)
        assert {title: state for title, state in states(store).items() if title.startswith("two")} == {
            "two/baseline": "done", "two/worth": "skipped", "two/lookahead": "skipped", "two/verdict": "skipped",
        }  # fmt: skip


def test_what_the_dead_held_is_taken_over_at_once_and_noted_once(made):
    asked, store, _ = made
    code = (
        "import sys, os, signal; from pathlib import Path; from hidden_regime.jobs import read_campaign\n"
        "from hidden_regime.jobs.owners import Owner; from hidden_regime.jobs.claiming import claim\n"
        "from hidden_regime.jobs.store import open_store\n"
        "asked = read_campaign(sys.argv[1]); store = open_store(asked)\n"
        "owner = Owner(store.folder, 'dies').__enter__(); claim(store, asked, owner.name)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(asked.path)], check=False)
    assert store.steps("small")[0].owner == "dies"
    with Owner(store.folder) as one:
        taken = claim(store, asked, one.name).step
        assert (taken.title, taken.attempts) == ("one/baseline", 2)
        dead = next(step for step in store.steps("small") if step.title == "one/baseline")
        from dataclasses import replace

        assert not finish(store, replace(dead, owner="dies"), NO)
        assert finish(store, taken, YES)
    kinds = [
        (event.kind, event.said) for event in store.events("small") if event.step == "baseline" and event.hypothesis == "one"
    ]
    assert [kind for kind, _ in kinds] == ["begun", "begun", "done"]
    assert kinds[1][1].startswith("taken over from dies")


def test_a_lease_that_ran_out_is_taken_over_whoever_lives(made):
    asked, store, clock = made
    with Owner(store.folder) as one, Owner(store.folder) as two:
        held = claim(store, asked, one.name).step
        claim(store, asked, two.name)
        assert claim(store, asked, two.name, {step.id for step in store.steps("small") if step.hypothesis == "two"}).step is None
        clock.now += LEASE + 1
        assert claim(store, asked, two.name).step.title == held.title


def test_an_owner_lives_as_long_as_its_process(tmp_path):
    with Owner(tmp_path) as one:
        assert not is_dead(tmp_path, one.name)
    assert is_dead(tmp_path, one.name)
    assert is_dead(tmp_path, "nobody")


def test_a_step_that_workers_die_over_again_and_again_fails(made):
    asked, store, _ = made
    for number in range(MOST_DEATHS):
        claim(store, asked, f"worker{number}")
        bury(store, "small", f"worker{number}")
    assert states(store)["one/baseline"] == "failed"
    assert "may need more memory" in store.steps("small")[0].reason
    with Owner(store.folder) as one:
        assert claim(store, asked, one.name).step.title == "two/baseline"


def test_a_death_counts_where_the_run_lives_on_and_not_where_all_of_it_was_killed(made):
    asked, store, _ = made
    for number in range(6):  # each of a run of its own
        assert claim(store, asked, f"run{number}-a").step.title == "one/baseline"
    assert claim(store, asked, "run5-b").step.title == "one/baseline"
    assert claim(store, asked, "run5-c").step.title == "one/baseline"
    assert claim(store, asked, "run5-d").step.title == "two/baseline"
    assert states(store)["one/baseline"] == "failed"


def test_a_released_step_is_there_for_anybody(made):
    asked, store, _ = made
    release(store, claim(store, asked, "one").step)
    assert claim(store, asked, "two").step.title == "one/baseline"


def test_many_workers_claim_each_step_once(made):
    asked, store, clock = made
    clock.step = 0.0  # else their asking alone would let a lease run out
    claimed, errors = [], []

    def work():
        try:
            with Owner(store.folder) as own:
                while True:
                    found = claim(store, asked, own.name)
                    if found.step is None:
                        if not found.others_work:
                            return
                        continue
                    claimed.append(found.step.title)
                    finish(store, found.step, YES)
        except Exception as error:  # noqa: BLE001 - told below
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(claimed) == sorted(states(store))


def test_what_failed_is_retried_with_another_key_and_what_is_unclear_with_its_own(made):
    asked, store, _ = made
    failed, unclear = claim(store, asked, "a").step, claim(store, asked, "a", {1}).step
    assert unclear.hypothesis == "two"
    leave(store, failed, words.FAILED, "so")
    leave(store, unclear, words.UNCLEAR, "perhaps")
    assert claim(store, asked, "a").step is None
    assert len(retry(store, "small")) == 2
    again = {step.hypothesis: step for step in store.steps("small") if step.name == "baseline"}
    assert (again["one"].state, again["two"].state) == ("planned", "submitting")
    assert again["one"].key != failed.key
    assert again["one"].folder != failed.folder
    assert again["two"].key == unclear.key


def test_what_has_not_begun_is_cancelled_and_comes_back(made):
    asked, store, _ = made
    running = claim(store, asked, "a").step
    assert [step.name for step in cancel(store, "small", "one")] == ["worth", "lookahead", "verdict"]
    finish(store, running, YES)
    assert claim(store, asked, "a").step.hypothesis == "two"
    retry(store, "small", "one")
    assert states(store)["one/worth"] == "planned"


def test_a_changed_spec_begins_anew_and_an_old_outcome_is_not_noted(made, tmp_path):
    asked, store, _ = made
    held = claim(store, asked, "a").step
    other = read_campaign(campaign(tmp_path, ("one", "share = 0.6", "")))
    store.plan(other, plan(other))
    assert not finish(store, held, YES)
    assert [(step.title, step.state) for step in store.steps("small")] == [
        (f"one/{name}", "planned") for name in ("baseline", "worth", "lookahead", "verdict")
    ]
    kinds = [event.kind for event in store.events("small")]
    assert kinds.count("dropped") == 4


def test_what_an_unchanged_decision_has_ended_stays_ended_whatever_changes_after_it(tmp_path):
    hypothesis = ("one", "share = 0.5", 'every = "1:2:1"')
    asked = read_campaign(campaign(tmp_path, hypothesis))
    store = open_store(asked, clock=Clock())
    store.plan(asked, plan(asked))
    for outcome in (YES, NO):
        finish(store, claim(store, asked, "a").step, outcome)
    changed = read_campaign(campaign(tmp_path, hypothesis, tail="[optimise]\nn_trials = 3\n"))
    store.plan(changed, plan(changed))
    assert [step.state for step in store.steps("small")][2:] == ["skipped"] * 5
    assert claim(store, changed, "a").step is None
    other = read_campaign(campaign(tmp_path, hypothesis, tail="[rules]\nbaseline = ['Total Orders > 1']\n"))
    store.plan(other, plan(other))
    assert claim(store, other, "a").step.title == "one/worth"


def test_two_files_of_one_name_are_refused(made, tmp_path):
    asked, store, _ = made
    (tmp_path / "other.toml").write_text(asked.path.read_text())
    other = read_campaign(tmp_path / "other.toml")
    with pytest.raises(StoreError, match="each name once"):
        store.plan(other, plan(other))


def test_the_log_only_grows(made):
    _, store, _ = made
    for statement in ("DELETE FROM events", "UPDATE events SET said = 'never'"):
        with pytest.raises(StoreError, match="events are never"), store.transaction() as db:
            db.execute(statement)


def test_a_damaged_or_newer_store_is_told(tmp_path):
    (tmp_path / "jobs.sqlite").write_bytes(b"no database at all, but long enough to be taken for one" * 30)
    with pytest.raises(StoreError, match="can't be used"):
        Store(tmp_path)
    with sqlite3.connect(tmp_path / "x.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    (tmp_path / "x.sqlite").rename(tmp_path / "jobs.sqlite")
    with pytest.raises(StoreError, match="newer version"):
        Store(tmp_path)
