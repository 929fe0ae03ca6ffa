"""What LEAN's QuantBook has and this one hasn't, and what to do instead."""

from __future__ import annotations

REMEDIES = {
    "get_fundamental": "Bring the figures yourself: a class that derives from PythonData, and add_data.",
    "universe_history": "Name the assets yourself: add_equity for each.",
    "option_history": "",
    "get_option_history": "",
    "future_history": "",
    "get_future_history": "",
    "get_portfolio_statistics": (
        "Run a strategy: `hidden-regime backtest FILE` has all of LEAN's statistics; a notebook of them: "
        "`hidden-regime notebook new backtest FOLDER`."
    ),
}
"""Members that LEAN's QuantBook adds to those of QCAlgorithm, with a word for those that there is another way for."""
WHERE = "Run the notebook in QuantConnect's research environment or with `lean research`, or do without."


def refusal(name: str) -> str:
    """The error's text for a member that LEAN alone has."""
    said = f"QuantBook.{name} exists in LEAN only: the embedded engine doesn't have it. {WHERE}"
    remedy = REMEDIES.get(name, "")
    return f"{said} {remedy}".rstrip()
