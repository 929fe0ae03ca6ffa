"""A page on paper."""

from __future__ import annotations

import os

import pytest

from hidden_regime.exceptions import MissingDependencyError, StudyError
from hidden_regime.experiments.pages import printing


def test_it_prints_with_the_browser_that_is_there(tmp_path):
    if printing.browser() is None:
        pytest.skip("no browser is installed")
    page = tmp_path / "page.html"
    page.write_text("<h1>Printed</h1>")
    made = printing.print_page(page)
    assert made == tmp_path / "page.pdf"
    assert made.read_bytes().startswith(b"%PDF")


def test_without_a_browser_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(printing, "browser", lambda: None)
    with pytest.raises(MissingDependencyError, match="install one, or open"):
        printing.print_page(tmp_path / "page.html")


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for the browser")
def test_a_browser_that_prints_nothing_is_an_error(tmp_path, monkeypatch):
    program = tmp_path / "browser"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    monkeypatch.setattr(printing, "browser", lambda: str(program))
    with pytest.raises(StudyError, match="printed nothing"):
        printing.print_page(tmp_path / "page.html")
    monkeypatch.setattr(printing, "browser", lambda: str(tmp_path / "gone"))
    with pytest.raises(StudyError, match="can't print"):
        printing.print_page(tmp_path / "page.html")
