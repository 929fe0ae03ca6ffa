"""Every test of the kernels runs on each backend that there is."""

from __future__ import annotations

import pytest

from hidden_regime import kernels


@pytest.fixture(autouse=True, params=kernels.available(), scope="module")
def backend(request):
    with kernels.using(request.param):
        yield request.param
