"""Queue, rules and sender with a clock and sinks of the test's own."""

from __future__ import annotations

import math
import sqlite3
import threading
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.operation.alerts import AlertQueue, AlertRules, Sender, Sink, alert_rules, read_alert_rules, send_test
from hidden_regime.operation.alerts.queue import post_in
from hidden_regime.operation.alerts.sender import DOWN_AFTER, HOUR
from hidden_regime.operation.alerts.wording import LONGEST, ZERO_WIDTH, body_of, uncalled

START = 1_700_000_000.0


class World:
    """A clock, and sinks that note what they get; those in `down` take nothing."""

    def __init__(self, folder, *sinks, **rules):
        self.now, self.got, self.down, self.asked = START, [], set(), []
        self.path = folder / "workspace.sqlite"
        self.rules = AlertRules(tuple(one if isinstance(one, Sink) else Sink(one, f"json://{one}") for one in sinks), **rules)
        self.restart()

    def restart(self):
        self.sender = Sender(self.path, self.rules, clock=lambda: self.now, send=self.send)
        self.queue = self.sender.queue

    def send(self, sink, title, body):
        self.asked.append((self.now, sink.name))
        if sink.name in self.down:
            return "it was not taken"
        self.got.append((sink.name, title, body))
        return ""

    def post(self, kind="drawdown", subject="trend", text="15%", **more):
        return self.queue.post(kind, subject, text, self.now, **more)

    def counts(self):
        return {name: sum(one[0] == name for one in self.got) for name in (sink.name for sink in self.rules.sinks)}


def test_an_alert_goes_once_to_each_sink(tmp_path):
    world = World(tmp_path, "mail", "hook")
    world.post()
    assert world.sender.step() == 2
    world.restart()
    assert world.sender.step() == 0
    assert world.counts() == {"mail": 1, "hook": 1}
    assert world.got[0][1] == "hidden-regime: drawdown"
    assert world.got[0][2].splitlines()[0] == "trend"
    assert [one.state for one in world.queue.tries()] == ["sent", "sent"]
    assert world.queue.undelivered() == []


def test_posting_writes_a_row_and_nothing_else(tmp_path):
    world = World(tmp_path, "mail")
    world.down = {"mail"}
    world.post()
    assert (world.got, world.asked, len(world.queue.undelivered())) == ([], [], 1)
    with sqlite3.connect(world.path) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == {"alerts", "tries"}


def test_an_alert_in_a_transaction_is_there_with_it_or_not_at_all(tmp_path):
    world = World(tmp_path, "mail")
    with world.queue.transaction() as db:
        post_in(db, "drawdown", "kept", "x", world.now)
    with suppress(ZeroDivisionError), world.queue.transaction() as db:
        post_in(db, "drawdown", "lost", "x", world.now)
        raise ZeroDivisionError
    assert [alert.subject for alert in world.queue.alerts()] == ["kept"]


def test_a_sink_that_is_down_is_tried_again_later_and_later_and_told_on_another(tmp_path):
    world = World(tmp_path, "mail", "hook", retry_first=2.0, retry_most=20.0)
    world.down = {"mail"}
    world.post()
    for _ in range(240):
        world.sender.step()
        world.now += 0.5
    times = [at - START for at, name in world.asked if name == "mail"]
    assert times == [0.0, 2.0, 6.0, 14.0, 30.0, 50.0, 70.0, 90.0, 110.0]
    told = [one for one in world.got if "sink-down" in one[1]]
    assert len(told) == 1 and told[0][0] == "hook" and "mail" in told[0][2]
    assert world.counts()["hook"] == 2
    world.down = set()
    world.now += 20.0
    world.sender.step()
    assert world.counts() == {"mail": 1, "hook": 2}  # once, and not of itself
    assert [one.state for one in world.queue.tries() if one.sink == "mail"] == ["failed"] * 9 + ["sent"]
    assert DOWN_AFTER == 3


def test_equal_alerts_are_sent_once_in_a_while(tmp_path):
    world = World(tmp_path, "mail", deduplicate=600.0)
    for second in (0, 100, 599, 601, 700, 1300):
        world.now = START + second
        world.post(text=str(second))
        world.post(subject="other", text=str(second)) if second == 100 else None
        world.sender.step()
    said = [body.split("\n\n")[1] for _, _, body in world.got]
    assert said == ["0", "100", "601", "1300"]
    assert len(world.queue.alerts()) == 7  # all are kept


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900), st.sampled_from("ab"), st.booleans()), min_size=1, max_size=8))
def test_which_alerts_are_sent_by_brute_force(tmp_path_factory, told):
    world = World(tmp_path_factory.mktemp("w"), "mail", deduplicate=600.0, per_hour=1000)
    last, expected = {}, []
    for gap, subject, step in told:
        world.now += gap
        number = world.post(subject=subject)
        if world.now - last.get(subject, -math.inf) >= 600.0:
            last[subject] = world.now
            expected.append(number)
        if step:
            world.sender.step()
    world.sender.step()
    assert sorted(one.alert for one in world.queue.tries()) == expected


def test_more_than_the_limit_goes_together(tmp_path):
    world = World(tmp_path, "mail", per_hour=3)
    for number in range(30):
        world.post(subject=f"s{number}")
    world.sender.step()
    assert [title for _, title, _ in world.got] == ["hidden-regime: drawdown"] * 2 + ["hidden-regime: 28 alerts"]
    assert world.got[2][2].splitlines()[-1] == "and 8 before these"
    world.post(subject="late")
    world.sender.step()
    world.now += HOUR - 1
    world.sender.step()
    assert world.counts() == {"mail": 3}
    world.now += 2
    world.sender.step()
    assert world.counts() == {"mail": 4}
    assert len({one.alert for one in world.queue.tries() if one.state == "sent"}) == 31


def test_a_message_that_a_sender_died_over_goes_again_and_says_so(tmp_path):
    world = World(tmp_path, "mail")
    world.post()
    world.queue.begin("mail", world.queue.unsent("mail", 0.0), "aa", world.now)  # and then it was killed
    world.restart()
    assert world.sender.step() == 1
    assert "died" in world.got[0][2]
    assert [one.state for one in world.queue.tries()] == ["died", "sent"]


def test_a_sink_gets_the_kinds_that_it_asks_for_and_old_alerts_are_given_up(tmp_path):
    world = World(tmp_path, Sink("mail", "json://x", ("daily",)), "hook", give_up=1000.0)
    world.post()
    world.sender.step()
    assert world.counts() == {"mail": 0, "hook": 1}
    world.down = {"hook"}
    world.post("daily", "all", "old")
    world.down = {"hook", "mail"}
    world.sender.step()
    world.now += 1001.0
    world.down = set()
    assert world.sender.step() == 0
    assert [alert.text for alert in world.queue.undelivered()] == ["old"]  # it stays in the file


def test_running_ends_when_it_is_told_to_and_when_a_channel_breaks(tmp_path):
    world, stop = World(tmp_path, "mail", "hook"), threading.Event()
    world.post()
    thread = threading.Thread(target=world.sender.run, args=(stop, 0.001))
    thread.start()
    for _ in range(5000):
        if sum(world.counts().values()) == 2:
            break
        stop.wait(0.002)
    stop.set()
    thread.join(10)
    assert world.counts() == {"mail": 1, "hook": 1}
    assert not thread.is_alive()

    def broken(*_):
        raise ZeroDivisionError

    world.post(subject="other")
    with pytest.raises(ZeroDivisionError):
        Sender(world.path, world.rules, clock=lambda: world.now, send=broken).run(threading.Event(), 0.001)


def test_what_was_posted_just_before_the_end_is_sent(tmp_path):
    world, stop = World(tmp_path, "mail"), threading.Event()
    world.post()
    stop.set()
    world.sender.run(stop, 0.001)
    assert world.counts() == {"mail": 1}


def test_texts_from_outside_are_spelled_out(tmp_path):
    world = World(tmp_path, "mail")
    world.post(subject="a\r\nBcc: x@y\x1b[31m", text="\x07 <b>" + "long" * 1000 + "\ud800")
    world.sender.step()
    _, title, body = world.got[0]
    assert title == "hidden-regime: drawdown"
    assert body.splitlines()[0] == "a Bcc: x@y\\x1b[31m"
    assert "\\x07 <b>" in body and len(body) < LONGEST + 200 and "letters more" in body
    assert uncalled("@everyone, a@b") == f"@{ZERO_WIDTH}everyone, a@{ZERO_WIDTH}b"
    assert body_of(world.queue.alerts()) == body


@pytest.mark.parametrize(
    ("bad", "said"),
    [({"kind": "Draw Down"}, "small letters"), ({"subject": 1}, "a text"), ({"text": None}, "a text")],
)  # fmt: skip
def test_what_cannot_be_posted_is_named(tmp_path, bad, said):
    world = World(tmp_path, "mail")
    with pytest.raises(ParameterError, match=said):
        world.post(**bad)
    for at in (math.nan, True, "now"):
        with pytest.raises(ParameterError, match="seconds since 1970"):
            world.queue.post("a", "b", "c", at)


def test_a_damaged_file_is_told(tmp_path):
    (tmp_path / "x.sqlite").write_text("no database, but long enough to be taken for the head of one" * 20)
    with pytest.raises(DataError, match="can't be used"):
        AlertQueue(tmp_path / "x.sqlite")


def test_a_test_alert_says_what_came_of_it_sink_by_sink(tmp_path):
    world = World(tmp_path, "mail", "hook")
    world.down = {"hook"}
    found = send_test(world.rules, lambda: world.now, send=world.send)
    assert [(one.sink, one.arrived, one.said, one.seconds) for one in found] == [
        ("mail", True, "", 0.0),
        ("hook", False, "it was not taken", 0.0),
    ]
    assert world.queue.alerts() == [] and "test" in world.got[0][1]


RULES = """
[limits]
daily_loss = 0.05

[alerts]
deduplicate = 60
per_hour = 5

[[alerts.sink]]
name = "mail"
url_from = "MY_MAIL"

[[alerts.sink]]
name = "hook"
url = "json://localhost/secret"
kinds = ["drawdown"]
"""


def test_rules_are_read_beside_those_of_others(tmp_path):
    (tmp_path / "rules.toml").write_text(RULES)
    rules = read_alert_rules(tmp_path / "rules.toml", {"MY_MAIL": "mailtos://me:hush@example.com"})
    assert [(one.name, one.kinds) for one in rules.sinks] == [("mail", ()), ("hook", ("drawdown",))]
    assert (rules.sinks[0].url, rules.deduplicate, rules.per_hour) == ("mailtos://me:hush@example.com", 60.0, 5)
    assert "hush" not in repr(rules) and "secret" not in repr(rules)
    with pytest.raises(DataError, match=r"an environment variable that is set\. export MY_MAIL"):
        read_alert_rules(tmp_path / "rules.toml", {})


SINK = {"name": "a", "url": "json://secret"}


@pytest.mark.parametrize(
    ("told", "said"),
    [(None, "a table with"), ({}, "at least one sink"), ({"sink": [SINK, SINK]}, "each name once"), ({"sink": [SINK], "per_hur": 1}, "one of"),
     ({"sink": [{"name": "a b", "url": "json://secret"}]}, "a name of letters"), ({"sink": [{"name": "a"}]}, "either url or url_from"),
     ({"sink": [SINK | {"url_from": "X"}]}, "either url or url_from"), ({"sink": [{"name": "a", "url": "secret"}]}, "an address of apprise"),
     ({"sink": [SINK], "per_hour": 0}, "at least 1"), ({"sink": [SINK], "retry_first": -1}, "at least 0"),
     ({"sink": [SINK | {"kinds": ["A"]}]}, "a list of kinds")],
)  # fmt: skip
def test_rules_that_cannot_be_are_named_and_no_address_is_told(told, said):
    with pytest.raises(ParameterError, match=said) as caught:
        alert_rules(told, {"X": "json://secret"})
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_toml_tells_no_address(tmp_path):
    (tmp_path / "rules.toml").write_text("[alerts]\nurl = json://secret\n")
    with pytest.raises(ParameterError, match="at line 2") as caught:
        read_alert_rules(tmp_path / "rules.toml", {})
    assert "secret" not in str(caught.value)
