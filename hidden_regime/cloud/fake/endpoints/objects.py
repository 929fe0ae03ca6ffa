"""Objects of the organization, which strategies read and write too."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

from hidden_regime.cloud.fake.dates import plain
from hidden_regime.cloud.fake.refusals import absent, invalid
from hidden_regime.cloud.fake.requests import Request
from hidden_regime.cloud.fake.state import Cloud, Endpoints, Reply, endpoint
from hidden_regime.exceptions import ObjectStoreError
from hidden_regime.simulator.object_store import ObjectStore

PAGE = 100
PREVIEW = 100


def put(cloud: Cloud, ask: Request) -> Reply:
    """Keep bytes under a key."""
    store, key = _store(cloud, ask), _key(ask.text("key"))
    content = ask.fields["objectData"]
    content = content.encode() if isinstance(content, str) else content
    try:
        store.save_bytes(key, content)
    except ObjectStoreError as error:
        raise invalid(error.text) from None
    return {}


def properties(cloud: Cloud, ask: Request) -> Reply:
    """Size, time and hash of an object."""
    content, path = _content(cloud, ask, ask.text("key"))
    return {
        "metadata": {
            "key": _key(ask.text("key")), "modified": plain(path.stat().st_mtime), "created": plain(path.stat().st_mtime),
            "size": len(content), "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
            "mime": "application/octet-stream", "preview": content[:PREVIEW].decode("utf-8", "replace"),
        }
    }  # fmt: skip


def listing(cloud: Cloud, ask: Request) -> Reply:
    """What lies directly under a path, folders among it."""
    folder = _key(ask.text("path"))
    inside = folder + "/" if folder else ""
    found: dict[str, dict[str, Any]] = {}
    for key in _store(cloud, ask).keys:
        if not key.startswith(inside):
            continue
        name, deeper, _ = key[len(inside) :].partition("/")
        path = _root(cloud) / (inside + name)
        one = {
            "key": f"/{inside}{name}", "name": name, "modified": plain(path.stat().st_mtime), "folder": bool(deeper),
            "size": None if deeper else path.stat().st_size, "mime": "directory" if deeper else "application/octet-stream",
        }  # fmt: skip
        found[name] = one
    page, pages = ask.whole("page", 1), max(1, -(-len(found) // PAGE))
    shown = [found[name] for name in sorted(found)][(page - 1) * PAGE : page * PAGE]
    used = sum((_root(cloud) / key).stat().st_size for key in _store(cloud, ask).keys)
    return {
        "path": f"/{folder}", "objects": shown, "page": page, "totalPages": pages, "objectStorageUsed": used,
        "objectStorageUsedHuman": f"{used / 1_000_000:.2f} MB",
    }  # fmt: skip


def delete(cloud: Cloud, ask: Request) -> Reply:
    """Drop an object."""
    _content(cloud, ask, ask.text("key"))
    _store(cloud, ask).delete(_key(ask.text("key")))
    return {}


def get(cloud: Cloud, ask: Request) -> Reply:
    """A job that zips objects, and then the address of the zip."""
    _store(cloud, ask)
    if ask.given("jobId"):
        job = ask.text("jobId")
        if f"{job}.zip" not in cloud.ready:
            raise absent("Job")
        return {"jobId": job, "url": _url(cloud, job)}
    keys = [_key(str(key)) for key in ask.several("keys")]
    if not keys:
        raise invalid("keys must be a list of keys")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for key in keys:
            archive.writestr(key, _content(cloud, ask, key)[0])
    job = cloud.store.identity("download")
    cloud.ready[f"{job}.zip"] = packed.getvalue()
    return {"jobId": job, "url": "" if cloud.is_loading("objects", job) else _url(cloud, job)}


def _url(cloud: Cloud, job: str) -> str:
    return f"{cloud.base}__ready__/{job}.zip"


def _root(cloud: Cloud) -> Path:
    return cloud.store.folder / "objects"


def _store(cloud: Cloud, ask: Request) -> ObjectStore:
    cloud.check_organization(ask)
    return ObjectStore(_root(cloud))


def _key(given: str) -> str:
    return given.strip("/")


def _content(cloud: Cloud, ask: Request, key: str) -> tuple[bytes, Path]:
    key = _key(key)
    try:
        return _store(cloud, ask).read_bytes(key), _root(cloud) / key
    except ObjectStoreError:
        raise absent("Object") from None


ENDPOINTS: Endpoints = {
    "object/set": endpoint(put, "organizationId! key! objectData!"),
    "object/properties": endpoint(properties, "organizationId! key!"),
    "object/list": endpoint(listing, "organizationId! path page"),
    "object/delete": endpoint(delete, "organizationId! key!"),
    "object/get": endpoint(get, "organizationId! keys jobId"),
}
