"""Whoever is killed, and whenever: at the end every job exists once, is paid once, and both ledgers agree.

HIDDEN_REGIME_KILLS says how often the client is killed; the server is killed a tenth as often.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from itertools import count
from threading import Thread

import httpx

from hidden_regime.cloud import Budget, QCError
from hidden_regime.cloud.fake import FakeCloud
from tests.cloud.fake.asking import STRATEGY
from tests.cloud.killed import DONE, QUICK, Killable, client, work
from tests.cloud.working import LONG, Work

KILLS = int(os.environ.get("HIDDEN_REGIME_KILLS", "20"))
SERVER_KILLS = KILLS // 10
JOBS = 3
MOST_EVENTS = 40


def keys_of(number):
    return [f"{number:04x}{job:04x}" for job in range(JOBS)]


def limited(path):
    budget = Budget("practice", path)
    for name in ("job", "day", "month"):
        budget.set(name, 1_000_000, source="the test")
    return budget


def tell(capsys, text):
    """Figures, where somebody asked for more kills than usual."""
    if "HIDDEN_REGIME_KILLS" in os.environ:
        with capsys.disabled():
            sys.stdout.write(f"\n{text}\n")


def check(plain, project, budget, rounds):
    """Every job exists once, the client's ledger has each once; gives QCC that are booked."""
    keys = [keys_of(number) for number in rounds]
    optimizations = sorted(one.name for one in plain.optimizations.list(project))
    backtests = Counter(one.name for one in plain.backtests.list(project) if one.name.startswith("run"))
    assert optimizations == sorted(f"grid #{one[0]}" for one in keys)
    assert backtests == Counter(f"run #{key}" for one in keys for key in one[1:])
    entries = budget.entries()
    assert sorted(one.name for one in entries) == optimizations and {one.state for one in entries} == {"booked"}
    assert {one.name: one.remote for one in entries} == {
        one.name: one.optimization_id for one in plain.optimizations.list(project)
    }
    assert budget.counted("backtests") == sum(backtests.values())
    return budget.spent("day")


def test_a_client_that_is_killed_again_and_again_begins_and_pays_everything_once(worker, tmp_path, capsys):
    # A cloud of its own: it gets requests that end in the middle.
    with FakeCloud(tmp_path / "cloud", pool=worker) as practice:
        kill_clients(practice, tmp_path, capsys)


def kill_clients(practice, tmp_path, capsys):
    made = Work(practice, tmp_path)
    budget = limited(tmp_path / "killed.sqlite")
    rng = random.Random(20_260_801)
    kills, moments, rounds = 0, Counter(), []
    process = Killable("client", practice.url, tmp_path / "killed.sqlite", made.project, made.compile_id)
    try:
        for number in count(1):
            rounds.append(number)
            code = None
            while code != DONE:
                process.begin(",".join(keys_of(number)))
                # A client is killed as it begins a request or has its reply, or a moment later, above all where something is
                # begun: of a new round's events the fifth and sixth are those of the optimisation. The last client lives.
                events = rng.choice([5, 6, rng.randrange(12), rng.randrange(MOST_EVENTS)]) if kills < KILLS else 10**9
                process.until(lambda said, events=events: said.count(b".") >= events or b"=" in said)
                if process.ended is None and kills < KILLS:
                    time.sleep(rng.choice([0.0, rng.uniform(0.0, 0.01)]))
                    moments[practice.calls[-1].endpoint] += 1
                    code = process.kill()
                    kills += code == -9
                else:
                    process.until(lambda said: said.endswith(b"\n") and b"=" in said)
                    code = process.ended
                assert code in (DONE, -9), process.process.stderr.read(10_000).decode()
            if kills >= KILLS:
                break
        assert check(made.plain, made.project, budget, rounds) == made.charged()
        assert made.qc.optimizations.settle(budget, older=0) == [] and budget.spent("day") == made.charged()
    finally:
        process.close()
        made.close()
    assert kills == KILLS
    tell(capsys, f"{kills} kills, {len(rounds)} rounds of {JOBS} jobs, last calls before them {dict(moments)}")


class Keeper:
    """Kills a server as a request of some number leaves or has its reply, or a moment later, and starts it again on its port."""

    def __init__(self, store, rng):
        self.server, self.rng, self.kills = Killable("server", store), rng, 0
        self.events, self.at, self.thread = 0, None, None
        self.url = self.start(0)
        self.port = httpx.URL(self.url).port

    def start(self, port):
        self.server.begin(port)
        return self.server.until(lambda said: b"\n" in said).decode().strip()

    def arm(self):
        self.at = self.events + self.rng.randrange(1, MOST_EVENTS)

    def look(self, _):
        """An event of the client."""
        self.events += 1
        if self.events == self.at:
            pauses = self.rng.choice([0.0, self.rng.uniform(0.0, 0.02)]), self.rng.uniform(0.0, 1.0)
            self.thread = Thread(target=self.strike, args=pauses)
            self.thread.start()

    def strike(self, before, after):
        time.sleep(before)
        self.server.kill()
        self.kills += 1
        time.sleep(after)
        self.start(self.port)

    def wait(self):
        """Until the server is there again."""
        if self.thread is not None:
            self.thread.join()
            self.thread = None


def test_a_server_that_is_killed_in_the_middle_ends_in_the_right_result_or_in_words(tmp_path, capsys):
    budget, rounds, ends, said = limited(tmp_path / "ledger.sqlite"), [], Counter(), []
    keeper = Keeper(tmp_path / "store", random.Random(20_260_802))
    hooks = {"request": [keeper.look], "response": [keeper.look]}
    try:
        with httpx.Client(trust_env=False, verify=False, event_hooks=hooks) as http:
            qc = client(http, keeper.url)
            project = qc.projects.create("Killed").project_id
            qc.files.update(project, "main.py", STRATEGY)
            compile_id = qc.compiles.run(project, timeout=LONG).compile_id
            qc.backtests.run(project, "first", timeout=LONG, compile_id=compile_id)
            while keeper.kills < SERVER_KILLS:
                rounds.append(len(rounds) + 1)
                keeper.arm()
                qc = client(http, keeper.url, sleep=keeper.rng.choice([QUICK, 0.3]))  # some outlive it, some give up before
                ended = None
                while ended is None:
                    try:
                        ended = work(qc, tmp_path / "ledger.sqlite", project, compile_id, keys_of(rounds[-1]))
                    except QCError as error:
                        ends[type(error).__name__] += 1
                        said.append(str(error))
                        keeper.wait()
                keeper.wait()
                ends["result"] += 1
                done, runs = ended
                assert (
                    done.status == "completed" and len(done.backtests) == 3 and all(one.done and not one.failed for one in runs)
                )
            organization = qc.account.organizations()[0].id
            charged = sum(-one.amount for one in qc.account.credit(organization).movements if one.type == "debit")
            assert check(qc, project, budget, rounds) == charged > 0
    finally:
        keeper.wait()
        keeper.server.close()
    tell(capsys, f"{keeper.kills} kills, {len(rounds)} rounds of {JOBS} jobs, ends {dict(ends)}")
