"""Features, labels, models and what they are worth, on the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from hidden_regime.cli.show import said
from hidden_regime.exceptions import SavedModelError

if TYPE_CHECKING:
    from hidden_regime.learning.dataset import Dataset
    from hidden_regime.learning.evaluation.evaluation import Evaluation
    from hidden_regime.learning.registry.registry import Entry
    from hidden_regime.learning.reproducing import Reproduction
    from hidden_regime.learning.robust import Robustness
    from hidden_regime.learning.watching import DriftReport

COLOURS = {"skill": "green", "robust": "green", "worse than the prior": "red", "fragile": "red"}


def line(console: Console, text: object, style: str = "") -> None:
    """A line of text."""
    console.print(said(text, style), highlight=False, soft_wrap=True)


def _table(console: Console, columns: Iterable[str], rows: Iterable[Iterable[object]], title: str = "") -> None:
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="dim")
    for i, name in enumerate(columns):
        table.add_column(name, justify="right" if i else "left", no_wrap=not i)
    for row in rows:
        table.add_row(*(said(cell) for cell in row))
    console.print(table)


def features(console: Console, told: dict[str, Any]) -> None:
    """The data dictionary."""
    rows = [(one["name"], one["what"], one["first"] or "-", one["missing"]) for one in told["columns"]]
    _table(console, ("column", "what it is", "first value", "missing"), rows, f"{told['rows']:,} bars")
    line(console, f"{told['complete_rows']:,} rows in which all are known.")
    if told["regimes_at_all"]:
        line(console, f"Regimes at all: {told['regimes_at_all']}.")


def labels(console: Console, data: Dataset) -> None:
    """How many of each, and how much they overlap."""
    table = data.labels.table
    ends = table["why"].value_counts()
    rows = [(why, f"{int(count):,}") for why, count in ends.items()]
    _table(console, ("ended by", "labels"), rows, f"{data.labels.kind} labels")
    line(
        console,
        f"{len(table):,} labels, worth {data.labels.weight.sum():,.0f} that don't overlap; {data.y.mean():.1%} of them are up; "
        f"they live for {(data.labels.t1 - data.labels.t0).mean():.1f} bars on average.",
    )


def evaluation(console: Console, found: Evaluation) -> None:
    """Figures beside those of what knows nothing."""
    from hidden_regime.learning.evaluation.words import NAMES, between, sentences

    rows = []
    for name, one in found.figures.items():
        others = [found.baselines[b].get(name) for b in ("class prior", "momentum")]
        rows.append((NAMES[name], f"{one.value:.4f}", between(one), *("-" if v is None else f"{v:.4f}" for v in others)))
    console.print()
    _table(console, ("figure", "model", "95%", "class prior", "momentum"), rows, f"{found.n_rows:,} rows out of fold")
    console.print()
    line(console, f"Verdict: {found.verdict}.", f"bold {COLOURS.get(found.verdict, '')}".strip())
    for sentence in sentences(found):
        line(console, sentence)
    notes(console, found.notes)


def robustness(console: Console, found: Robustness) -> None:
    """Intervals over the runs."""
    rows = []
    for name in ("sharpe", "hold_sharpe", "difference", "drawdown", "hit_rate", "auc", "log_loss_gain"):
        middle, low, high = found.interval(name)
        rows.append((name.replace("_", " "), f"{middle:.3f}", f"{low:.3f} to {high:.3f}"))
    _table(console, ("figure", "median", "95% of the runs"), rows, f"{len(found.runs)} runs")
    line(console, f"Verdict: {found.verdict}.", f"bold {COLOURS.get(found.verdict, '')}".strip())


def models(console: Console, entries: Iterable[Entry]) -> None:
    """The registry."""
    rows = []
    for entry in entries:
        try:
            facts = entry.facts()
        except SavedModelError as error:
            rows.append((entry.id, "-", ", ".join(entry.stages) or "-", f"damaged: {error.text}", "-", "-"))
            continue
        gain = facts["log_loss_gain"]["value"]
        rows.append((entry.id, facts["recipe"]["kind"], ", ".join(entry.stages) or "-", facts["verdict"], f"{gain:+.4f}",
                     f"{facts['first']} to {facts['last']}"))  # fmt: skip
    _table(console, ("model", "kind", "stage", "verdict", "gain", "trained on"), rows)


def model(console: Console, entry: Entry) -> None:
    """One model, by its README and its evaluation."""
    for name in ("README.md", "evaluation.md"):
        path = entry.folder / name
        if path.is_file():
            for text in path.read_text(encoding="utf-8").splitlines():
                line(console, text)
            console.print()


def reproduction(console: Console, found: Reproduction) -> None:
    """What came of it."""
    if found.equal:
        what = f"{found.files} files, byte for byte" if found.files else "predictions, bit for bit"
        line(console, f"{found.id}: equal ({what}).", "green")
        return
    line(console, f"{found.id}: not equal.", "bold red")
    for one in found.differences:
        line(console, f"  {one}")


def drift(console: Console, found: DriftReport) -> None:
    """Columns now against their training, and what calls for a look."""
    rows = [(one.name, f"{one.psi:.3f}", f"{one.ks:.3f}", "moved" if one.moved else "") for one in found.columns]
    _table(console, ("column", "stability index", "distance", ""), rows, f"{found.rows} rows, {found.first} to {found.last}")
    for name, now, then in (
        ("Log loss", found.log_loss, found.expected_log_loss),
        ("Accuracy", found.accuracy, found.expected_accuracy),
    ):
        line(console, f"{name} {now:.4f}, and {then:.4f} out of fold.")
    earned, expected = (f"{value * 1e4:.2f}" for value in (found.earned, found.expected_earned))
    line(console, f"The rule earns {earned} basis points a bar before costs, and {expected} out of fold.")
    for one in found.alarms or ["no alarm"]:
        line(console, one, "bold red" if found.alarms else "green")
    line(console, f"Of {found.horizon} bars without decay {found.false_alarms:.0%} would alarm.", "dim")


def notes(console: Console, texts: Iterable[str]) -> None:
    """What has to be said besides."""
    for text in texts:
        line(console, f"note: {text}", "dim")
