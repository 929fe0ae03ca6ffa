"""Docker's HTTP API as far as lean-cli and the docker command use it for backtests."""

from __future__ import annotations

import json
import re
import secrets
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hidden_regime.local_lean.no_lean.containers import RUNNING, Container
from hidden_regime.local_lean.no_lean.images import ID, IMAGE_TOLD, INFO, VERSION, is_image, listed

FRAME = ">BxxxL"
"""Before each piece of output: which stream, and how many bytes."""
STDOUT = 1
DEFAULT_GRACE = 10


@dataclass(frozen=True)
class Request:
    """A request: its path without the API's version, its options and its content."""

    method: str
    path: str
    options: Mapping[str, str]
    content: Any


@dataclass(frozen=True)
class Reply:
    """An answer: JSON, or pieces of bytes that come as they do."""

    status: int
    content: Any = None
    pieces: Iterable[bytes] | None = None


@dataclass
class State:
    """What the stand-in knows: containers, networks and volumes, and what it was asked that it doesn't know."""

    environment: Mapping[str, str]
    containers: dict[str, Container] = field(default_factory=dict)
    networks: dict[str, str] = field(default_factory=dict)
    volumes: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def answer(self, request: Request) -> Reply:
        """Answer a request; of one that isn't played say so."""
        for method, pattern, act in ROUTES:
            found = pattern.fullmatch(request.path)
            if found and method == request.method:
                return act(self, request, *found.groups())
        self.unknown.append(f"{request.method} {request.path}")
        return Reply(404, {"message": f"{request.method} {request.path} isn't played here"})

    def find(self, key: str) -> Container | None:
        """The container of a name, or of the beginning of an id."""
        with self._lock:
            found = [one for one in self.containers.values() if key in (one.id, one.name) or one.id.startswith(key)]
        return found[0] if found else None

    def add(self, container: Container) -> bool:
        """Take in a container; False where its name is taken."""
        with self._lock:
            if any(one.name == container.name for one in self.containers.values()):
                return False
            self.containers[container.id] = container
            return True

    def remove(self, container: Container) -> None:
        """Forget a container."""
        with self._lock:
            self.containers.pop(container.id, None)


Act = Callable[..., Reply]


def _about(act: Callable[[State, Request, Container], Reply]) -> Act:
    """Of a route about a container: 404 where there is none, in the words that lean-cli and docker know."""

    def found(state: State, request: Request, key: str) -> Reply:
        container = state.find(key)
        return Reply(404, {"message": f"No such container: {key}"}) if container is None else act(state, request, container)

    return found


def _image(state: State, request: Request, name: str) -> Reply:
    return Reply(200, IMAGE_TOLD) if is_image(name) else Reply(404, {"message": f"No such image: {name}"})


def _pull(state: State, request: Request) -> Reply:
    name = f"{request.options.get('fromImage', '')}:{request.options.get('tag', 'latest')}"
    if not is_image(name):
        return Reply(404, {"message": f"pull access denied for {name}: this stand-in for Docker has no other image than its own"})
    return Reply(200, pieces=[json.dumps({"status": f"Status: Image is up to date for {name}"}).encode() + b"\r\n"])


def _network(state: State, request: Request, name: str) -> Reply:
    known = {key: one for key, one in state.networks.items() if name in (key, one)}
    return Reply(200, _networks(known)[0]) if known else Reply(404, {"message": f"network {name} not found"})


def _networks(known: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"Id": key, "Name": name, "Driver": "bridge", "Scope": "local", "Containers": {}} for key, name in known.items()]


def _create_network(state: State, request: Request) -> Reply:
    key = secrets.token_hex(32)
    state.networks[key] = str(request.content["Name"])
    return Reply(201, {"Id": key, "Warning": ""})


def _create_volume(state: State, request: Request) -> Reply:
    name = str(request.content.get("Name") or secrets.token_hex(8))
    state.volumes.add(name)
    return Reply(201, _volume(name))


def _volume(name: str) -> dict[str, Any]:
    return {
        "Name": name,
        "Driver": "local",
        "Mountpoint": "",
        "CreatedAt": "1970-01-01T00:00:00Z",
        "Labels": {},
        "Scope": "local",
    }


def _list(state: State, request: Request) -> Reply:
    everyone = request.options.get("all", "0") not in ("0", "false", "False")
    shown = [one for one in state.containers.values() if everyone or one.status == RUNNING]
    return Reply(200, [{"Id": one.id, "Names": [f"/{one.name}"], "Image": one.config.get("Image", ""), "ImageID": ID,
                        "State": one.status, "Status": one.status, "Created": 0, "Command": "bash", "Ports": []}
                       for one in shown])  # fmt: skip


def _create(state: State, request: Request) -> Reply:
    image = str(request.content.get("Image", ""))
    if not is_image(image):
        return Reply(404, {"message": f"No such image: {image}"})
    container = Container(request.options.get("name") or secrets.token_hex(8), request.content)
    if not state.add(container):
        return Reply(409, {"message": f"Conflict. The container name {container.name!r} is already in use"})
    return Reply(201, {"Id": container.id, "Warnings": []})


def _start(state: State, request: Request, container: Container) -> Reply:
    container.start(state.environment)
    if container.is_gone_after:
        threading.Thread(target=_remove_after, args=(state, container), daemon=True).start()
    return Reply(204)


def _remove_after(state: State, container: Container) -> None:
    container.wait()
    state.remove(container)


def _wait(state: State, request: Request, container: Container) -> Reply:
    container.wait()
    return Reply(200, {"StatusCode": container.exit_code})


def _logs(state: State, request: Request, container: Container) -> Reply:
    tail = request.options.get("tail", "all")
    follow = request.options.get("follow", "0") not in ("0", "false")
    lines = container.lines(follow=follow, last=int(tail) if tail.isdigit() else None)
    return Reply(200, pieces=lines if container.config.get("Tty") else _framed(lines))


def _framed(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield struct.pack(FRAME, STDOUT, len(line)) + line


def _stop(state: State, request: Request, container: Container) -> Reply:
    if container.status != RUNNING:
        return Reply(304)
    container.stop(int(request.options.get("t", DEFAULT_GRACE)))
    return Reply(204)


def _kill(state: State, request: Request, container: Container) -> Reply:
    if container.status != RUNNING:
        return Reply(409, {"message": f"Container {container.id} is not running"})
    container.kill()
    return Reply(204)


def _delete(state: State, request: Request, container: Container) -> Reply:
    if container.status == RUNNING:
        if request.options.get("force", "0") in ("0", "false", "False"):
            return Reply(409, {"message": f"You cannot remove a running container {container.id}. Stop it first."})
        container.kill()
    state.remove(container)
    return Reply(204)


def _fixed(status: int, content: Any) -> Act:
    return lambda state, request: Reply(status, content)


ROUTES: list[tuple[str, re.Pattern[str], Act]] = [
    (method, re.compile(pattern), act)
    for method, pattern, act in (
        ("GET", "/_ping", _fixed(200, "OK")),
        ("HEAD", "/_ping", _fixed(200, "OK")),
        ("GET", "/version", _fixed(200, VERSION)),
        ("GET", "/info", _fixed(200, INFO)),
        ("GET", "/images/json", _fixed(200, [listed()])),
        ("GET", "/images/(.+)/json", _image),
        ("POST", "/images/create", _pull),
        ("GET", "/networks", lambda state, request: Reply(200, _networks(state.networks))),
        ("POST", "/networks/create", _create_network),
        ("GET", "/networks/([^/]+)", _network),
        ("GET", "/volumes", lambda state, request: Reply(200, {"Volumes": [_volume(name) for name in sorted(state.volumes)]})),
        ("POST", "/volumes/create", _create_volume),
        ("GET", "/containers/json", _list),
        ("POST", "/containers/create", _create),
        ("GET", "/containers/([^/]+)/json", _about(lambda state, request, container: Reply(200, container.told()))),
        ("POST", "/containers/([^/]+)/start", _about(_start)),
        ("POST", "/containers/([^/]+)/wait", _about(_wait)),
        ("GET", "/containers/([^/]+)/logs", _about(_logs)),
        ("POST", "/containers/([^/]+)/stop", _about(_stop)),
        ("POST", "/containers/([^/]+)/kill", _about(_kill)),
        ("DELETE", "/containers/([^/]+)", _about(_delete)),
    )
]
