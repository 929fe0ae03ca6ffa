"""The object store: what was sent is what arrived, by its digest."""

from __future__ import annotations

import hashlib
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from itertools import repeat

from hidden_regime.cloud.bodies import read_body
from hidden_regime.cloud.endpoints.group import Group, under
from hidden_regime.cloud.errors import NotFound, ServerError
from hidden_regime.cloud.records.objects import ObjectPage, StoredObject
from hidden_regime.cloud.waiting import wait_until
from hidden_regime.exceptions import ParameterError

UPLOAD = 1200.0
"""Seconds for an upload, and for a download."""
LARGEST = 2**30
"""Bytes of an object, unpacked."""


class ObjectsGroup(Group):
    """Objects of an organisation."""

    def set(self, organization_id: str, key: str, content: bytes) -> StoredObject:
        """Write an object, and check that it arrived whole.

        Raises
        ------
        ServerError
            The server has something else than what was sent.
        """
        if not isinstance(content, bytes):
            raise ParameterError("content", type(content).__name__, "bytes", "Encode a text: content.encode().")
        fields = {"organizationId": organization_id, "key": key}
        self.transport.call("object/set", fields, parts={"objectData": (key, content)}, timeout=UPLOAD)
        found = self.properties(organization_id, key)
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if found.md5 and found.md5.lower() != digest:
            raise ServerError(
                f"object/set: {key!r} arrived as another content (md5 {found.md5}, sent {digest}). Send it again.", "object/set"
            )
        return found

    def properties(self, organization_id: str, key: str) -> StoredObject:
        """Size, digest and time of an object."""
        reply = self.call("object/properties", organizationId=organization_id, key=key)
        return StoredObject.read(under(reply, "metadata", "object"))

    def list(self, organization_id: str, path: str = "/") -> Iterator[StoredObject]:
        """Objects and folders in a folder."""
        page = 1
        while True:
            found = ObjectPage.read(self.call("object/list", organizationId=organization_id, path=path, page=page))
            yield from found.objects
            if page >= found.total_pages or not found.objects:
                return
            page += 1

    def delete(self, organization_id: str, key: str) -> None:
        """Delete an object."""
        self.call_off("object/delete", organizationId=organization_id, key=key)

    def get(self, organization_id: str, key: str, *, timeout: float = 300.0) -> bytes:
        """Read an object.

        Raises
        ------
        NotFound
        Waiting
            The server still packs it.
        """
        reply = self.call("object/get", organizationId=organization_id, keys=[key])
        if not reply.get("url"):
            job = reply.get("jobId")
            if not job:
                raise NotFound(f"object/get: neither an address nor a job for {key!r}.", "object/get")
            reply = wait_until(
                lambda: self.call("object/get", organizationId=organization_id, jobId=job), lambda one: bool(one.get("url")),
                transport=self.transport, timeout=timeout, what=f"object {key!r}", pauses=repeat(3.0),
            )  # fmt: skip
        return _unpacked(self._download(str(reply["url"])), key)

    def _download(self, url: str) -> bytes:
        """Content at an address that the server gave; it is asked without credentials, for it may be anybody's."""
        import httpx

        what, failure = "object/get: the object's address", ""
        # Over plain http anybody could change what comes; a server on this machine is spoken to in no other way.
        schemes = ("https",) if self.transport.base_url.startswith("https:") else ("https", "http")
        unsafe = f"{what} is none of {' or '.join(schemes)}: anybody could have changed what comes from there."
        try:
            if httpx.URL(url).scheme not in schemes:
                raise ServerError(unsafe, "object/get")
            with self.transport.http.stream("GET", url, timeout=UPLOAD, follow_redirects=True) as reply:
                if reply.url.scheme not in schemes:
                    failure = unsafe
                elif reply.status_code != 200:
                    failure = f"{what} answered {reply.status_code}."
                else:
                    return read_body(
                        reply, "object/get: the object", "object/get", self.transport.clock, largest=LARGEST, whole=UPLOAD
                    )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            failure = f"{what} gave no reply ({type(error).__name__})."
        raise ServerError(f"{failure} Ask again later.", "object/get")


def _unpacked(content: bytes, key: str) -> bytes:
    """An object out of the archive that the server packs it into; one that isn't packed, an archive itself say, is as it is."""
    if not content.startswith(b"PK\x03\x04"):
        return content
    name = key.strip("/")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = [one for one in archive.infolist() if one.filename.strip("/") in (name, name.rpartition("/")[2])]
            if len(inside) != 1:
                return content
            if inside[0].file_size > LARGEST:
                raise ServerError(
                    f"object/get: {key!r} has {inside[0].file_size:,} bytes: at most {LARGEST:,} are read.", "object/get"
                )
            return archive.read(inside[0])
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError, ValueError) as error:
        what = f"object/get: the archive of {key!r} can't be read ({type(error).__name__}). Ask for it again."
        raise ServerError(what, "object/get") from error
