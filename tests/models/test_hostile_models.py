"""Saved models that nobody saved: one kind of error, whatever is in them, and no more memory than the file has."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import (
    AutoregressiveHMM,
    ContinuousJumpModel,
    CovariateHMM,
    GaussianHMM,
    JumpModel,
    SparseJumpModel,
    StudentTHMM,
)
from hidden_regime.exceptions import SavedModelError
from hidden_regime.models.saving import MAGIC

X = np.random.default_rng(0).normal(size=(80, 2)) * np.repeat([1.0, 3.0], 40)[:, None]
Z = np.cos(np.arange(80))[:, None]
MODELS = [GaussianHMM(2).fit(X), StudentTHMM(2, n_iter=20).fit(X), JumpModel(2, penalty=5.0).fit(X), CovariateHMM(2).fit(X, covariates=Z),
          AutoregressiveHMM(2).fit(X), SparseJumpModel(2, penalty=5.0).fit(X), ContinuousJumpModel(2, penalty=5.0).fit(X)]  # fmt: skip
PLAIN = [json.loads(json.dumps(model.to_dict())) for model in MODELS]
BAD = st.one_of(
    st.none(), st.booleans(), st.floats(), st.integers(-3, 10**12), st.just(10**400), st.text(max_size=4), st.just({}), st.just([]),
    st.sampled_from(["O", "S1000000000", "complex128", "datetime64[s]", "f8,O", "float32", "bool", "int64"]), st.just([[5.0, 5.0], [5.0, 5.0]]),
)  # fmt: skip


def places(content, path=()):
    for key, value in content.items() if isinstance(content, dict) else enumerate(content):
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from places(value, (*path, key))


PLACES = [list(places(plain)) for plain in PLAIN]


@settings(max_examples=200, deadline=None)
@given(which=st.integers(0, len(MODELS) - 1), data=st.data())
def test_whatever_stands_anywhere_is_refused_or_works(which, data):
    model, content = MODELS[which], copy.deepcopy(PLAIN[which])
    path = data.draw(st.sampled_from(PLACES[which]))
    inner = content
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = data.draw(BAD)
    try:
        found = type(model).from_dict(content)
    except SavedModelError:
        return
    options = {"covariates": Z} if isinstance(found, CovariateHMM) else {}
    np.testing.assert_allclose(found.filter_proba(X, **options).sum(axis=1), 1.0, atol=1e-9)


def file_of(rest: bytes) -> bytes:
    return MAGIC + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


@pytest.fixture
def parts(tmp_path):
    MODELS[0].save(tmp_path / "good")
    head, body = (tmp_path / "good").read_bytes()[len(MAGIC) + 65 :].split(b"\n", 1)
    return tmp_path / "bad", head, body


def refused(path, rest: bytes) -> None:
    path.write_bytes(file_of(rest))
    with pytest.raises(SavedModelError):
        GaussianHMM.load(path)


def npz(head: bytes, content: bytes, method: int) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", method) as members:
        for i in range(8):
            members.writestr(f"a{i}.npy", b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + content)
    return body.getvalue()


def test_files_whose_checksum_fits_and_nothing_else(parts):
    path, head, body = parts
    for rest in (b"", head + b"\n", head + b"\nxx", b"{{\n" + body, b"[1]\n" + body, b"[" * 10**5 + b"\n" + body, b"\xff\n" + body,
                 head.replace(b'"a0"', b'"zz"') + b"\n" + body, head.replace(b'"a0"', b"[1]") + b"\n" + body,
                 head.replace(b'"a1"', b'"a0"') + b"\n" + body, head + b"\n" + body.replace(b"NUMPY", b"NUMPX")):  # fmt: skip
        refused(path, rest)


@pytest.mark.parametrize("shape", ["(1000000000000,)", "(-1,)", "(2, True)", "7", "(25000000,)"])
def test_sizes_are_checked_before_anything_is_unpacked(parts, shape):
    path, head, _ = parts
    array = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}\n".encode()
    bomb = npz(array, bytes(10**7), zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    try:
        refused(path, head + b"\n" + bomb)
        refused(path, head + b"\n" + npz(array, b"", zipfile.ZIP_STORED))
        assert tracemalloc.get_traced_memory()[1] < 5 * len(bomb) + 2_000_000
    finally:
        tracemalloc.stop()
