"""What the head of a report says of assets that have no regimes."""

from __future__ import annotations

import jinja2

from hidden_regime.research.page import PAGE


def head(assets):
    """The page around some assets, whose figures are left out."""
    parts = {"rows": [], "price": "", "matrix": ""}
    page = jinja2.Environment(autoescape=True).from_string(PAGE)
    return page.render(assets=[parts | asset for asset in assets], tiles=[], statistics=[], year=252)


def test_assets_without_regimes_share_one_line():
    text = head([{"ticker": "A<b", "doubt": "none"}, {"ticker": "SURE", "doubt": ""}, {"ticker": "C", "doubt": "none"}])
    assert text.count('class="banner"') == 1
    assert "A&lt;b, C: no regimes that" in text


def test_regimes_that_are_not_doubted_have_none():
    assert 'class="banner"' not in head([{"ticker": "SURE", "doubt": ""}])
