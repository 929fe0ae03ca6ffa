"""What a trial depends on changes its digest, and nothing else does."""

from __future__ import annotations

import os
import shutil
import string

import numpy as np
import pytest

from hidden_regime.data import LeanFolder, TableMarket, make_market
from hidden_regime.experiments.trials.digests import data_digest, digest_of, package_digest, strategy_digest
from tests.conftest import CASES
from tests.experiments.small import frame, market, write_strategy

FILES = {
    "main.py": "import helper\nfrom pack.inner import thing\nfrom pack import other\nimport library.part\n",
    "helper.py": "import deeper\n", "deeper.py": "import helper\n", "pack/__init__.py": "from .near import x\n",
    "pack/inner.py": "thing = 1\n", "pack/other.py": "", "pack/near.py": "x = 1\n", "shared/library/part.py": "",
}  # fmt: skip


@pytest.fixture
def project(tmp_path):
    for name, text in FILES.items():
        write_strategy((tmp_path / name).parent, text, (tmp_path / name).name)
    return tmp_path


def digest(folder):
    return strategy_digest(folder / "main.py", [folder / "shared"])


@pytest.mark.parametrize("name", FILES)
def test_each_file_that_is_imported_counts(project, name):
    before = digest(project)
    (project / name).write_text(FILES[name] + "\n# changed\n", encoding="utf-8")
    assert digest(project) != before
    (project / name).write_text(FILES[name], encoding="utf-8")
    assert digest(project) == before


def test_files_beside_that_nobody_imports_do_not_count(project):
    before = digest(project)
    for name in ("unread.py", "pack/unread.py", "prices.csv", "config.json"):
        (project / name).write_text("x", encoding="utf-8")
    os.utime(project / "main.py", (0, 0))
    assert digest(project) == before


def test_a_new_file_in_the_place_of_an_installed_one_counts(project):
    (project / "main.py").write_text("import numpy\n", encoding="utf-8")
    before = digest(project)
    (project / "numpy.py").write_text("", encoding="utf-8")
    assert digest(project) != before


def test_imports_inside_of_functions_and_conditions_count(project):
    (project / "main.py").write_text("def f():\n    if 1:\n        import late\n", encoding="utf-8")
    (project / "late.py").write_text("a = 1\n", encoding="utf-8")
    before = digest(project)
    (project / "late.py").write_text("a = 2\n", encoding="utf-8")
    assert digest(project) != before


@pytest.mark.parametrize("content", [b"def f(:", b"\x00", b"\xff\xfe", b"", b"import\n", b"from . import *\nfrom .. import x\n"])
def test_a_file_that_is_no_python_has_a_digest_too(tmp_path, content):
    path = tmp_path / "main.py"
    path.write_bytes(content)
    assert set(strategy_digest(path)) <= set(string.hexdigits)


def test_where_the_strategy_lies_does_not_count(tmp_path):
    assert strategy_digest(write_strategy(tmp_path / "a")) == strategy_digest(write_strategy(tmp_path / "b"))


def test_a_market_is_its_bars_and_names():
    assert data_digest(market()) == data_digest(market.__wrapped__())
    others = [market(seed=1), market(name="x"), market(synthetic=True), market(defensive=("UP",))]
    assert len({data_digest(one) for one in [market(), *others]}) == 5


@pytest.mark.parametrize("column", ["open", "high", "low", "close", "volume"])
def test_every_bar_of_a_market_counts(column):
    def changed(row):
        table = frame()
        table.iloc[row, table.columns.get_loc(column)] += 0.01
        return data_digest(TableMarket({"UP": table}, name="small", origin="invented", benchmark="UP", assets=("UP",)))

    assert len({data_digest(market()), changed(0), changed(70), changed(-1)}) == 4


def test_equal_seeds_give_equal_synthetic_markets():
    one, same, other = (data_digest(make_market(n_days=30, seed=seed).market) for seed in (1, 1, 2))
    assert one == same != other


def test_a_lean_folder_is_its_files(tmp_path):
    folder = LeanFolder(CASES / "data", synthetic=True)
    assert data_digest(folder) == data_digest(LeanFolder(CASES / "data", synthetic=True))
    copied = tmp_path / "data"
    shutil.copytree(CASES / "data", copied)
    before = data_digest(LeanFolder(copied, synthetic=True))
    changed = next(path for path in sorted(copied.rglob("*.zip")))
    os.utime(changed, ns=(0, 0))
    after = data_digest(LeanFolder(copied, synthetic=True))
    assert data_digest(folder) == before  # where it lies is no difference
    assert len({before, after, package_digest(), None}) == 4


def test_nobody_knows_what_another_market_holds():
    class Own:
        name = benchmark = "own"

    assert data_digest(Own()) is None


def test_order_of_keys_is_no_difference_and_types_are():
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    assert (
        len(
            {
                digest_of(*parts)
                for parts in [(1,), ("1",), (1.5,), (None,), (True,), ([1],), (1, 1), ([1, 1],), ("a", "b"), ("ab",)]
            }
        )
        == 10
    )
    with pytest.raises(TypeError):
        digest_of(np.int64(1))
