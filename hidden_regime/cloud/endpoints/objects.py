"""The object store: what was sent is what arrived, by its digest."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from itertools import repeat
from typing import Any

from hidden_regime.cloud.endpoints.group import Group, under
from hidden_regime.cloud.errors import NotFound, QCError, ServerError
from hidden_regime.cloud.records.objects import ObjectPage, StoredObject
from hidden_regime.cloud.waiting import wait_until
from hidden_regime.exceptions import ParameterError

UPLOAD = 1200.0
"""Seconds for an upload."""


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

        try:
            found: Any = self.transport.http.get(url, timeout=UPLOAD, follow_redirects=True)
        except httpx.HTTPError as error:
            raise ServerError(f"object/get: the object's address gave no reply ({type(error).__name__}).", "object/get") from None
        if found.status_code != 200:
            raise ServerError(f"object/get: the object's address answered {found.status_code}.", "object/get")
        return bytes(found.content)


def _unpacked(content: bytes, key: str) -> bytes:
    """An object out of the archive that the server packs it into; one that isn't packed is as it is."""
    if not content.startswith(b"PK\x03\x04"):
        return content
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if name.strip("/") == key.strip("/")] or archive.namelist()
            return content if len(names) != 1 else archive.read(names[0])
    except (zipfile.BadZipFile, RuntimeError, OSError, ValueError) as error:
        raise QCError(f"object/get: the archive of {key!r} can't be read ({type(error).__name__}).", "object/get") from error
