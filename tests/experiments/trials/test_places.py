"""Where trials are kept: what the environment says, in its order."""

from __future__ import annotations

from pathlib import Path

import pytest

from hidden_regime.experiments.trials.places import cache_folder

NAMES = ("HIDDEN_REGIME_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("mine", "xdg", "local"), Path("mine")), ((" ", "xdg", "local"), Path("xdg/hidden-regime")),
        (("", "", "local"), Path("local/hidden-regime")), (("", " ", ""), Path.home() / ".cache" / "hidden-regime"),
    ],
)  # fmt: skip
def test_the_first_that_says_something_decides(monkeypatch, said, expected):
    for name, value in zip(NAMES, said, strict=True):
        monkeypatch.setenv(name, value)
    assert cache_folder() == expected


def test_without_any_it_is_in_the_users_folder(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    assert cache_folder() == Path.home() / ".cache" / "hidden-regime"
