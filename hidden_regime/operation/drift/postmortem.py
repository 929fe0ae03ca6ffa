"""What happened to a deployment, written down from its journal, and what the journal can't say as questions."""

from __future__ import annotations

from collections import Counter

from hidden_regime.operation.drift.monitor import Monitored
from hidden_regime.operation.journal import Journal
from hidden_regime.operation.reporting.days import cents, fees, fills, on_trading_days
from hidden_regime.operation.reporting.markdown import plain, table

LATEST = 60
"""Rows of a table; of more the latest are shown."""
QUESTIONS = (
    "What was the first sign, and who or what saw it?",
    "What was lost by it, beside what the same days would have brought anyway?",
    "What would have caught it earlier, or made it harmless?",
    "What is changed now, by whom and until when?",
)


def postmortem(journal: Journal, name: str, found: Monitored | None = None) -> str:
    """Markdown of what happened; equal journals and findings give equal texts, and no text of a journal is markup.

    Parameters
    ----------
    journal : Journal
    name : str
        The deployment.
    found : Monitored, optional
        What `monitor` says of it.

    Raises
    ------
    ParameterError
        There is no such deployment.
    """
    deployment = journal.deployment(name)
    spec = deployment.spec
    ended = f". {plain(deployment.reason.rstrip('.'))}" if deployment.reason else ""
    sections = {
        "What happened": _happened(journal, name),
        "Orders": _orders(journal, name),
        "Regimes": _regimes(journal, name),
        "Drift": _drift(found),
        "Equity": _equity(journal, name),
        "Open questions": _questions(journal, name, found),
    }
    head = f"{plain(spec.strategy)} ({spec.digest[:12]}), {plain(spec.target)}, from {spec.start} on"
    parts = [f"# {plain(name)}: post-mortem\n", f"{head}. State: {plain(deployment.state)}{ended}.\n"]
    parts += [f"## {title}\n\n{text}" for title, text in sections.items()]
    return "\n".join(parts)


def _latest(rows: list[tuple[object, ...]], what: str) -> tuple[list[tuple[object, ...]], str]:
    more = len(rows) - LATEST
    return rows[-LATEST:], f"\n{more} earlier {what} are in the journal.\n" if more > 0 else ""


def _happened(journal: Journal, name: str) -> str:
    runs = journal.file.rows("SELECT began, ended, reason FROM runs WHERE deployment = ? ORDER BY id", name)
    shown, more = _latest([(began, ended or "not noted", reason) for began, ended, reason in runs], "runs")
    out = "Runs of its process, in UTC:\n\n" + table(("Began", "Ended", "Why"), shown) + more
    told = [(one.market_time[:16].replace("T", " "), one.level, one.kind, one.said) for one in journal.told(name)]
    shown, more = _latest(list(told), "lines")
    return (
        out
        + "\nThe journal's lines, in market time:\n\n"
        + (table(("Market time", "Level", "What", ""), shown) if told else "None.\n")
        + more
    )


def _orders(journal: Journal, name: str) -> str:
    events = journal.order_events(name)
    if not events:
        return "None.\n"
    filled = fills(events)
    states = Counter(row.status for row in {row.order: row for row in events}.values())
    said = ", ".join(f"{n} {plain(state.lower().replace('_', ' '))}" for state, n in sorted(states.items()))
    unsent = len(journal.unsent(name))
    rows: list[tuple[object, ...]] = [
        (one.time[:16].replace("T", " "), one.order, one.ticker, f"{one.quantity:+,g}", f"{one.price:,.10g}", f"{one.fee:,.2f}")
        for one in filled
    ]
    shown, more = _latest(rows, "fills")
    out = f"{sum(states.values())} orders ({said}), {len(filled)} fills, fees {cents(fees(events)):,.2f}"
    out += f"; the target has not confirmed {unsent} of {len(events)} events.\n" if unsent else ".\n"
    return out + "\n" + table(("Market time", "Order", "Asset", "Shares", "Price", "Fee"), shown) + more


def _regimes(journal: Journal, name: str) -> str:
    states: dict[str, list[tuple[str, str, float]]] = {}
    for time, ticker, regime, confidence in journal.regimes(name):
        states.setdefault(ticker, []).append((time, regime, confidence))
    if not states:
        return "None.\n"
    rows = []
    for ticker, own in states.items():
        changes = sum(a[1] != b[1] for a, b in zip(own, own[1:], strict=False))
        shares = ", ".join(f"{regime} {n / len(own):.0%}" for regime, n in Counter(r for _, r, _ in own).most_common())
        rows.append((ticker, f"{own[-1][1]} ({own[-1][2]:.1%})", own[-1][0][:10], changes, shares))
    return table(("Asset", "Last", "On", "Changes", "Shares of bars"), rows)


def _drift(found: Monitored | None) -> str:
    if found is None:
        return "Not tested.\n"
    rows = [(one.test, one.subject, "drifted" if one.drifted else "no", one.said) for one in found.findings]
    out = table(("Test", "Of", "Answer", ""), rows) if rows else "Nothing could be tested.\n"
    if found.growth is not None and found.band is not None:
        low, high = found.band
        out += f"\nA dollar became {found.growth:.4f}; 90 of 100 backtests drawn again lie between {low:.4f} and {high:.4f}.\n"
    return out + "".join(f"- not tested: {plain(one)}\n" for one in found.skipped)


def _equity(journal: Journal, name: str) -> str:
    days = on_trading_days(journal, name)
    if not days:
        return "No trading day is over.\n"
    peak, worst, trough = days[0].before, 0.0, days[0].day
    for one in days:
        peak = max(peak, one.value)
        if peak and float(1 - one.value / peak) > worst:
            worst, trough = float(1 - one.value / peak), one.day
    low, high = min(days, key=lambda one: one.change), max(days, key=lambda one: one.change)
    return table(("What", "Dollars", "Day"), [
        ("At its beginning", f"{days[0].before:,.2f}", days[0].day), ("At its end", f"{days[-1].value:,.2f}", days[-1].day),
        ("Worst day", f"{low.change:+,.2f}", low.day), ("Best day", f"{high.change:+,.2f}", high.day),
        ("Largest drawdown", f"{worst:.2%}", trough),
    ])  # fmt: skip


def _questions(journal: Journal, name: str, found: Monitored | None) -> str:
    asked = []
    told = Counter((one.kind, one.level) for one in journal.told(name))
    for (kind, level), n in sorted(told.items()):
        if level == "error":
            asked.append(f"{kind}: the journal has {n} of it. What brought it about?")
    unsent = len(journal.unsent(name))
    if unsent:
        asked.append(f"{unsent} order events were not confirmed by the target: what does its account hold?")
    unended = journal.file.rows("SELECT COUNT(*) FROM runs WHERE deployment = ? AND ended = ''", name)[0][0]
    if unended:
        asked.append(f"{unended} runs ended without a word, or go on: what ended them?")
    if found is not None:
        asked += [
            f"{one.subject}: {one.test} drifted. Is it the market, the data or the strategy?"
            for one in found.findings
            if one.drifted
        ]
    return "".join(f"- [ ] {plain(one)}\n" for one in [*asked, *QUESTIONS])
