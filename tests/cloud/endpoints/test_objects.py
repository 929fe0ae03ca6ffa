"""The object store: what arrived is what was sent, and an object's address gets nothing of ours."""

from __future__ import annotations

import hashlib
import io
import zipfile

import httpx
import pytest

from hidden_regime.cloud import NotFound, ServerError, Waiting
from hidden_regime.cloud.endpoints import objects
from hidden_regime.exceptions import ParameterError
from tests.cloud.scripted import LOST, Scripted

CONTENT = bytes(range(256)) * 3
MD5 = hashlib.md5(CONTENT).hexdigest()
AT = "https://store.example/of/another?signed=1"


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


class Store:
    """A server with an object's address on another host."""

    def __init__(self, answers, at):
        self.scripted, self.at, self.fetched = Scripted(answers), at, []

    def __call__(self, request):
        if request.url.host == "www.quantconnect.com":
            return self.scripted(request)
        self.fetched.append(request)
        answer = self.at(request) if callable(self.at) else self.at
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, content=answer)

    @property
    def objects(self):
        return self.scripted.client(http=httpx.Client(transport=httpx.MockTransport(self))).objects


@pytest.mark.parametrize("md5", [MD5, MD5.upper()])
def test_an_object_is_sent_in_parts_and_checked(md5):
    server = Scripted(
        {"object/set": {"success": True}, "object/properties": {"metadata": {"key": "a/b", "md5": md5, "size": len(CONTENT)}}}
    )
    assert server.client().objects.set("o1", "a/b", CONTENT).md5 == md5
    (set_, fields), properties = server.asked
    body = fields[""]
    kind = server.headers[0]["content-type"]
    boundary = kind.partition("boundary=")[2].encode()
    assert set_ == "object/set" and kind.startswith("multipart/form-data; boundary=")
    parts = [part.split(b"\r\n\r\n", 1) for part in body.split(b"--" + boundary)[1:-1]]
    heads, contents = [head.decode() for head, _ in parts], [content[:-2] for _, content in parts]
    assert [head.split('name="')[1].split('"')[0] for head in heads] == ["organizationId", "key", "objectData"]
    assert contents == [b"o1", b"a/b", CONTENT]
    assert properties == ("object/properties", {"organizationId": "o1", "key": "a/b"})


def test_an_object_that_arrived_as_another_one_is_told():
    other = hashlib.md5(CONTENT[:-1]).hexdigest()
    server = Scripted({"object/set": {"success": True}, "object/properties": {"metadata": {"md5": other}}})
    with pytest.raises(ServerError, match=rf"arrived as another content \(md5 {other}, sent {MD5}\). Send it again"):
        server.client().objects.set("o1", "k", CONTENT)


def test_an_object_whose_sending_got_no_reply_is_sent_again():
    server = Scripted({"object/set": [LOST, {"success": True}], "object/properties": {"metadata": {"md5": MD5}}})
    server.client().objects.set("o1", "k", CONTENT)
    assert server.asked[0][1][""].count(CONTENT) == server.asked[1][1][""].count(CONTENT) == 1


@pytest.mark.parametrize("content", ["text", None, 5, bytearray(b"x")])
def test_only_bytes_are_sent(content):
    server = Scripted()
    with pytest.raises(ParameterError, match="Encode a text"):
        server.client().objects.set("o1", "k", content)
    assert server.asked == []


PACKED = {
    "as it is": (CONTENT, CONTENT), "in a zip": (zipped(("a/b", CONTENT)), CONTENT), "in a zip, from the root": (zipped(("/a/b", CONTENT)), CONTENT),
    "in a zip, by its last name": (zipped(("b", CONTENT)), CONTENT), "in a zip, stored": (zipped(("a/b", CONTENT), method=zipfile.ZIP_STORED), CONTENT),
    "in a zip beside others": (zipped(("x", b"1"), ("a/b", CONTENT)), CONTENT), "a zip in a zip": (zipped(("a/b", zipped(("x", b"1")))), zipped(("x", b"1"))),
    "itself a zip of one other file": (zipped(("weights", b"1")), zipped(("weights", b"1"))), "itself a zip of two": (zipped(("x", b"1"), ("y", b"2")), None),
    "empty": (b"", b""),
}  # fmt: skip


@pytest.mark.parametrize("how", PACKED)
def test_an_object_is_what_it_was_however_it_comes(how):
    at, meant = PACKED[how]
    store = Store({"object/get": {"success": True, "url": AT}}, at)
    assert store.objects.get("o1", "a/b") == (at if meant is None else meant)
    assert store.scripted.asked == [("object/get", {"organizationId": "o1", "keys": ["a/b"]})]


def test_the_address_of_an_object_gets_no_credentials_where_it_sends_us_on_neither():
    def at(request):
        return (
            httpx.Response(302, headers={"Location": "https://cdn.example/x"}) if request.url.host == "store.example" else CONTENT
        )

    store = Store({"object/get": {"success": True, "url": AT}}, at)
    assert store.objects.get("o1", "a/b") == CONTENT
    assert [one.url.host for one in store.fetched] == ["store.example", "cdn.example"]
    for one in store.fetched:
        assert one.method == "GET" and not {"authorization", "timestamp", "cookie"} & set(one.headers) and one.content == b""


@pytest.mark.parametrize(
    "where",
    [
        "http://store.example/x",
        "ftp://store.example/x",
        "file:///etc/hostname",
        "http://[::1",
        "",
        "odd",
        ["https://store.example"],
        {},
    ],
)
def test_an_address_that_anybody_could_answer_for_is_not_believed(where):
    store = Store({"object/get": {"success": True, "url": where}}, CONTENT)
    with pytest.raises((ServerError, NotFound), match="object/get"):
        store.objects.get("o1", "a/b")


def test_nor_one_that_sends_us_on_to_such_a_one():
    def at(request):
        return httpx.Response(302, headers={"Location": "http://store.example/x"}) if request.url.scheme == "https" else CONTENT

    with pytest.raises(ServerError, match="none of https"):
        Store({"object/get": {"success": True, "url": AT}}, at).objects.get("o1", "a/b")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404),
        httpx.Response(500),
        httpx.ReadTimeout("x"),
        httpx.ConnectError("x"),
        httpx.Response(403, text="<Error>"),
    ],
)
def test_an_address_that_gives_nothing_is_told(answer):
    with pytest.raises(ServerError, match="Ask again later"):
        Store({"object/get": {"success": True, "url": AT}}, answer).objects.get("o1", "a/b")


def test_one_that_has_to_be_packed_is_waited_for():
    packing = {"success": True, "jobId": "j", "url": ""}
    store = Store({"object/get": [packing, packing, packing | {"url": None}, {"success": True, "url": AT}]}, CONTENT)
    assert store.objects.get("o1", "a/b") == CONTENT
    assert [fields for _, fields in store.scripted.asked[1:]] == [{"organizationId": "o1", "jobId": "j"}] * 3
    assert store.scripted.slept == [3.0, 3.0]
    with pytest.raises(Waiting, match="isn't over after 300 s"):
        Store({"object/get": packing}, CONTENT).objects.get("o1", "a/b")


@pytest.mark.parametrize(
    "reply", [{"success": True}, {"success": True, "url": None, "jobId": None}, {"success": True, "url": [], "jobId": []}]
)
def test_neither_an_address_nor_a_job_is_no_object(reply):
    with pytest.raises(NotFound, match="neither an address nor a job"):
        Store({"object/get": reply}, CONTENT).objects.get("o1", "a/b")


def damaged(kind):
    """An archive that can't be read, in one of many ways."""
    packed = bytearray(zipped(("a/b", CONTENT * 50)))
    if kind == "cut":
        return bytes(packed[: len(packed) // 2])
    if kind == "flipped":
        packed[60] ^= 0xFF
    if kind == "encrypted":
        packed[6] |= 1
        packed[packed.rindex(b"PK\x01\x02") + 8] |= 1
    if kind == "of another method":
        packed[8] = packed[packed.rindex(b"PK\x01\x02") + 10] = 97
    return bytes(packed)


@pytest.mark.parametrize("kind", ["cut", "flipped", "encrypted", "of another method"])
def test_an_archive_that_is_damaged_is_told(kind):
    with pytest.raises(ServerError, match="the archive of 'a/b' can't be read"):
        Store({"object/get": {"success": True, "url": AT}}, damaged(kind)).objects.get("o1", "a/b")


def test_what_is_too_large_is_left(monkeypatch):
    monkeypatch.setattr(objects, "LARGEST", 1000)
    for at in (b"x" * 1001, zipped(("a/b", b"x" * 1001))):
        with pytest.raises(ServerError, match=r"1,00[01]"):
            Store({"object/get": {"success": True, "url": AT}}, at).objects.get("o1", "a/b")


def test_all_pages_of_a_folder_are_listed():
    pages = [
        {"objects": [{"key": f"/a/{n}", "isFolder": False}, {"key": f"/f{n}", "folder": "true"}], "page": n, "totalPages": "3"}
        for n in (1, 2, 3)
    ]
    server = Scripted({"object/list": pages})
    found = list(server.client().objects.list("o1", "/a"))
    assert [one.key for one in found] == ["/a/1", "/f1", "/a/2", "/f2", "/a/3", "/f3"] and [one.is_folder for one in found] == [
        False,
        True,
    ] * 3
    assert [fields for _, fields in server.asked] == [{"organizationId": "o1", "path": "/a", "page": n} for n in (1, 2, 3)]


def test_a_folder_of_one_page_and_an_empty_one():
    assert len(list(Scripted({"object/list": {"objects": [{"key": "a"}]}}).client().objects.list("o1"))) == 1
    assert list(Scripted({"object/list": {"objects": [], "totalPages": 99}}).client().objects.list("o1")) == []
