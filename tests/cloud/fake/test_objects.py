"""Objects of the organization."""

from __future__ import annotations

import hashlib
import io
import urllib.request
import zipfile

import pytest

from tests.cloud.fake.asking import STRATEGY

CONTENT = b"\x00\r\n--b\r\n" + bytes(range(256))


@pytest.fixture
def put(ask):
    organization = ask.cloud.account.organization

    def put(key: str, content: bytes) -> dict:
        fields = {"organizationId": organization, "key": key}
        body = b"".join(
            f'--b0undary\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        )
        body += (
            b'--b0undary\r\nContent-Disposition: form-data; name="objectData"; filename="x"\r\n\r\n'
            + content
            + b"\r\n--b0undary--\r\n"
        )
        return ask.send("object/set", body, "multipart/form-data; boundary=b0undary").told

    return put


def test_objects_are_kept_listed_and_dropped(ask, put):
    own = {"organizationId": ask.cloud.account.organization}
    for key in ("Lists/a.bin", "Lists/inner/b.bin", "Lists/inner/c.bin"):
        assert put(key, CONTENT)["success"] is True
    told = ask.good("object/list", **own, path="/Lists")
    assert [(one["key"], one["folder"], one["size"]) for one in told["objects"]] == [
        ("/Lists/a.bin", False, len(CONTENT)), ("/Lists/inner", True, None)]  # fmt: skip
    assert "Lists" in [one["name"] for one in ask.good("object/list", **own)["objects"]]
    metadata = ask.good("object/properties", **own, key="Lists/a.bin")["metadata"]
    assert (metadata["md5"], metadata["size"]) == (hashlib.md5(CONTENT).hexdigest(), len(CONTENT))
    ask.good("object/delete", **own, key="/Lists/a.bin")
    assert "not found" in ask("object/properties", **own, key="Lists/a.bin")["errors"][0]
    assert "not found" in ask("object/delete", **own, key="Lists/a.bin")["errors"][0]
    assert "not found" in ask("object/list", organizationId="0" * 32)["errors"][0]
    assert "Invalid argument" in put("../up", b"x")["errors"][0]


def test_objects_are_fetched_as_a_zip_in_two_steps(ask, put):
    own = {"organizationId": ask.cloud.account.organization}
    put("Zip/a", CONTENT)
    put("Zip/b", b"2")
    first = ask.good("object/get", **own, keys=["Zip/a", "/Zip/b"])
    assert first["url"] == ""
    second = ask.good("object/get", **own, jobId=first["jobId"])
    with urllib.request.urlopen(second["url"]) as reply, zipfile.ZipFile(io.BytesIO(reply.read())) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {"Zip/a": CONTENT, "Zip/b": b"2"}
    for wrong in ({"keys": ["Zip/none"]}, {"keys": []}, {"jobId": "none"}):
        assert ask("object/get", **own, **wrong)["success"] is False


def test_strategies_read_and_write_the_same_objects(ask, put):
    put("Shared/in", b"0.4")
    text = STRATEGY.replace('self.get_parameter("share", 0.9)', 'float(self.object_store.read("Shared/in"))')
    text = text.replace(
        "            self.liquidate()", "            self.liquidate()\n            self.object_store.save('Shared/out', 'sold')"
    )
    number = ask.project("Shared", text)
    assert ask.end(number, ask.begin(number))["error"] is None
    told = ask.good("object/properties", organizationId=ask.cloud.account.organization, key="Shared/out")
    assert told["metadata"]["preview"] == "sold"
