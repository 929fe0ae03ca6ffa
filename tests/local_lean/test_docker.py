"""Whether Docker is there: three answers, each with what to do."""

from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from hidden_regime.local_lean.docker import Daemon
from hidden_regime.local_lean.errors import DockerMissing


@pytest.fixture
def client(tmp_path):
    """A folder for PATH with a docker command in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    path = folder / "docker"
    path.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    path.chmod(0o755)
    return str(folder)


def test_without_a_docker_command_and_a_socket_docker_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setattr("hidden_regime.local_lean.docker.SOCKET", f"unix://{tmp_path}/none.sock")
    with pytest.raises(DockerMissing, match=r"isn't installed.*https://docs\.docker\.com/engine/install"):
        Daemon({"PATH": str(tmp_path)}).check()


def test_without_a_daemon_docker_does_not_run(tmp_path, client):
    with pytest.raises(DockerMissing, match=r"doesn't run: nobody answers at unix://.*none\.sock.*Start it"):
        Daemon({"PATH": client, "DOCKER_HOST": f"unix://{tmp_path}/none.sock"}).check()


def test_a_socket_that_nobody_listens_at_is_no_daemon(tmp_path, client):
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with pytest.raises(DockerMissing, match="doesn't run"):
        Daemon({"PATH": client, "DOCKER_HOST": f"unix://{path}"}).check()


def test_a_daemon_that_is_not_for_this_user_is_refused_before_sudo(tmp_path, client, monkeypatch):
    def refuse(self, address):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "connect", refuse)  # a root user is refused nowhere
    with pytest.raises(DockerMissing, match=r"isn't for this user.*sudo, which is refused.*group docker"):
        Daemon({"PATH": client, "DOCKER_HOST": f"unix://{tmp_path}/d.sock"}).check()


def test_another_server_is_no_docker(client):
    class Other(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(404)
            self.end_headers()

        def log_message(self, *told):
            pass

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with pytest.raises(DockerMissing, match="answers 404"):
            Daemon({"PATH": client, "DOCKER_HOST": f"tcp://127.0.0.1:{server.server_address[1]}"}).check()


@pytest.mark.parametrize(
    "told", [{"DOCKER_HOST": "ssh://me@there"}, {"DOCKER_HOST": "tcp://there:2376", "DOCKER_TLS_VERIFY": "1"}]
)
def test_an_address_that_is_not_asked_from_here_needs_the_docker_command(tmp_path, client, told):
    with pytest.raises(DockerMissing, match="needs the docker command"):
        Daemon({"PATH": str(tmp_path), **told}).check()
    daemon = Daemon({"PATH": client, **told})
    daemon.check()
    assert daemon.stop("lean_cli_0") is False


def test_a_running_daemon_is_there(docker, tmp_path):
    Daemon({"PATH": str(tmp_path), "DOCKER_HOST": docker.host}).check()


def test_stopping_a_container_that_is_not_there_does_nothing(docker, tmp_path):
    assert Daemon({"DOCKER_HOST": docker.host}).stop("lean_cli_0") is False
    assert Daemon({"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}).stop("lean_cli_0") is False
