"""`hidden-regime cache`, as a user types it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from hidden_regime.cache import CachingTrainer, FolderStore, MemoryStore, ObjectPacks
from hidden_regime.cli.main import app
from hidden_regime.models.training import Task, train
from hidden_regime.simulator.object_store import ObjectStore


@pytest.fixture
def command():
    return lambda *words: CliRunner().invoke(app, ["cache", *map(str, words)], input="n\n")


@pytest.fixture
def models(tmp_path):
    store = FolderStore(tmp_path / "models")
    trainer = CachingTrainer(train, MemoryStore(10), store)
    trainer([Task(np.random.default_rng(i).normal(size=(60, 2)), 2) for i in range(5)])
    return store


def test_info_counts(models, command):
    said = command("info", models.folder)
    assert said.exit_code == 0
    assert "models" in said.output and "5" in said.output and "KB" in said.output
    figures = json.loads(command("info", models.folder, "--json").output)
    assert figures["entries"] == 5
    assert figures["bytes"] == sum(p.stat().st_size for p in models.folder.rglob("*.hr"))


def test_verify_finds_what_is_damaged_and_removes_it(models, command):
    assert command("verify", models.folder).output == "5 of 5 models are sound.\n"
    path = sorted(models.folder.rglob("*.hr"))[2]
    path.write_bytes(path.read_bytes()[:-1])
    said = command("verify", models.folder)
    assert said.exit_code == 1
    assert "4 of 5 models are sound" in said.output and path.stem in said.output and "checksum" in said.output
    assert command("verify", models.folder, "--remove").exit_code == 0
    assert command("verify", models.folder).output == "4 of 4 models are sound.\n"


def test_prune_and_clear_make_room(models, command):
    assert command("prune", models.folder).exit_code == 2
    assert command("prune", models.folder, "--max-mb", -1).exit_code == 2
    assert "0 models removed, 5 left" in command("prune", models.folder, "--max-age", 1).output
    size = json.loads(command("info", models.folder, "--json").output)["bytes"]
    assert "2 models removed, 3 left" in command("prune", models.folder, "--max-mb", size * 0.7 / 1e6).output
    assert command("clear", models.folder).exit_code == 0  # nobody says yes
    assert len(models) == 3
    assert "3 models removed" in command("clear", models.folder, "--yes").output
    assert len(models) == 0


def test_models_in_an_object_store_are_found(tmp_path, command):
    objects = ObjectStore(tmp_path)
    store = ObjectPacks(objects)
    trainer = CachingTrainer(train, MemoryStore(10), store)
    trainer([Task(np.random.default_rng(0).normal(size=(60, 2)), 2)])
    trainer.flush()
    assert command("verify", tmp_path, "--object-store").output == "1 of 1 models are sound.\n"
    said = command("info", tmp_path)
    assert said.exit_code == 2
    assert "--object-store" in said.output


def test_a_wrong_place_is_one_line(tmp_path, command):
    said = command("info", tmp_path / "nothing")
    assert said.exit_code == 2
    assert said.output.count("\n") == 1 and "a folder that exists" in said.output
    assert command("info", "nonsense://x").exit_code == 2
