"""Who may ask."""

from __future__ import annotations

import base64
import time
from email.utils import parsedate_to_datetime

import pytest

from hidden_regime.cloud.fake import Settings
from hidden_regime.cloud.fake.signing import objection, signature
from tests.cloud.fake.asking import signed

NOW = 1_700_000_000


def headers(stamp: str, digest: str, user: str = "1", kind: str = "Basic") -> dict[str, str]:
    coded = base64.b64encode(f"{user}:{digest}".encode()).decode()
    return {"Authorization": f"{kind} {coded}", "Timestamp": stamp}


RIGHT = "be08b544b180b666d4fde9a0c90254e44cc99c4e072f1b7046bbcf34239cd5bc"  # printf practice:1700000000 | sha256sum


def test_a_signature_is_the_hash_of_token_and_time():
    assert signature("practice", "1700000000") == RIGHT
    assert objection(headers(str(NOW), RIGHT), "1", "practice", NOW) == ""


@pytest.mark.parametrize("late", [-7200, 7200])
def test_a_signature_is_valid_for_two_hours_either_way(late):
    assert objection(headers(str(NOW), RIGHT), "1", "practice", NOW + late) == ""
    assert objection(headers(str(NOW), RIGHT), "1", "practice", NOW + late + late // 7200).startswith("Hash doesn't match.")


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(headers(str(NOW), RIGHT.replace("b", "c")), id="a wrong hash"),
        pytest.param(headers(str(NOW), RIGHT.upper()), id="upper case"),
        pytest.param(headers(str(NOW + 1), RIGHT), id="another time"),
        pytest.param(headers("now", RIGHT), id="no time"),
        pytest.param(headers(str(NOW), RIGHT, kind="Bearer"), id="another kind"),
        pytest.param({"Authorization": "Basic ?", "Timestamp": str(NOW)}, id="no base64"),
        pytest.param({}, id="nothing"),
    ],
)
def test_a_wrong_hash_is_refused(given):
    assert objection(given, "1", "practice", NOW).startswith("Hash doesn't match.")


def test_another_user_is_refused():
    assert objection(headers(str(NOW), RIGHT, user="2"), "1", "practice", NOW) == "UserID not valid"


def test_refusals_are_replies_or_a_status(serve):
    asker = serve()
    wrong = signed(asker.cloud, time.time(), token="another")
    assert asker.send("authenticate", **wrong).told["errors"][0].startswith("Hash doesn't match.")
    asker = serve("strict", settings=Settings(refuse_with="status"))
    heard = asker.send("authenticate", **wrong)
    assert (heard.status, heard.headers["WWW-Authenticate"][:5]) == (401, "Basic")
    assert asker.send("authenticate").told["success"] is True


def test_replies_are_dated_by_the_servers_clock(serve):
    asker = serve(clock=lambda: NOW + 0.5)
    assert parsedate_to_datetime(asker.send("authenticate").headers["Date"]).timestamp() == NOW
    asker.cloud.faults.add("*", "skew", seconds=9000, times=None)
    heard = asker.send("authenticate")
    assert heard.told["success"] is False
    ahead = parsedate_to_datetime(heard.headers["Date"]).timestamp()
    assert ahead == NOW + 9000
    assert asker.send("authenticate", **signed(asker.cloud, ahead)).told["success"] is True
