"""Notebooks made of a few cells."""

from __future__ import annotations

import json

import pytest


def notebook_of(*cells, parameters=None, minor=5):
    """A notebook as JSON. A cell is its code, or ("markdown", text), or ("parameters", code)."""
    written = []
    for number, cell in enumerate(cells, 1):
        kind, source = ("code", cell) if isinstance(cell, str) else cell
        tags = {"tags": [kind]} if kind not in ("code", "markdown") else {}
        one = {"cell_type": "markdown" if kind == "markdown" else "code", "metadata": tags, "source": source}
        one |= {"id": f"c{number}"} if minor >= 5 else {}
        written.append(one if kind == "markdown" else one | {"execution_count": None, "outputs": []})
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return {"cells": written, "metadata": kernel, "nbformat": 4, "nbformat_minor": minor}


@pytest.fixture
def write(tmp_path):
    """write(*cells, name=...): a notebook's path."""

    def make(*cells, name="book.ipynb", minor=5):
        path = tmp_path / name
        path.write_text(json.dumps(notebook_of(*cells, minor=minor)), encoding="utf-8")
        return path

    return make
