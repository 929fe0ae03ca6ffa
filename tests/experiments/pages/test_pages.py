"""The pages: equal bytes for equal content, no markup from outside, and what stands beside what."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest

from hidden_regime.experiments.studies.folder import read_study, write_study
from hidden_regime.experiments.studies.walk_forward_folder import read_walk_forward, write_walk_forward
from tests.experiments.pages.planted import HOSTILE, curve, grid, rough, scattered, study, trial, walked

MOST = 6_000_000
EVIL = [HOSTILE, "</script><img src=x onerror=alert(2)>", "%{y} $x$ <b>bold</b>", "\u2028{{ 7 * 7 }}"]


class Reader(HTMLParser):
    """Tags and texts of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.texts, self.scripts, self.inside = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.inside.append(tag)
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs), attrs

    def handle_endtag(self, tag):
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data):
        (self.scripts if self.inside[-1:] == ["script"] else self.texts).append(data)


def read(page):
    reader = Reader()
    reader.feed(page)
    return reader


def hostile_study():
    space = [{"name": HOSTILE, "values": EVIL}, {"name": "n", "low": "1", "high": "3", "step": "1"}]
    trials = []
    for i in range(12):
        own = {HOSTILE: EVIL[i % 4], "n": str(1 + i // 4)}
        failed = i == 5
        trials.append(trial(i, own, None if failed else (float(i % 5), i / 10), status="failed" if failed else "complete",
                            error=f"ValueError: {EVIL[1]}" if failed else ""))  # fmt: skip
    goals = ((EVIL[2], "max"), (HOSTILE, "min"))
    return study(trials, space, objectives=goals, strategy=EVIL[1], notes=[EVIL[3]], identity=HOSTILE)


STUDIES = {
    "grid": lambda: grid(rough),
    "search": scattered,
    "hostile": hostile_study,
    "one": lambda: study([trial(0, {"fast": "10", "share": "0.1", "kind": "a"})]),
    "nothing": lambda: study([]),
    "failed": lambda: study([trial(0, {"fast": "10", "share": "0.1", "kind": "a"}, None, status="failed", error=HOSTILE)]),
    "idle": lambda: study([trial(0, {"fast": "10", "share": "0.1", "kind": "a"}, None, status="no orders")]),
    "infeasible": lambda: study([trial(i, {"fast": f"{i}0", "share": "0.1", "kind": "a"}, (i / 9,), violations=(0.1,))
                                 for i in range(1, 4)], constraints=["Drawdown <= 0.25"]),
    "without curves": lambda: study([trial(i, {"fast": f"{i}0", "share": "0.1", "kind": "a"}, (i / 9,)) for i in range(1, 4)],
                                    curves=False),
}  # fmt: skip
WALKS = {
    "rolling": lambda: walked(5),
    "random": lambda: walked(6, mode="random"),
    "medians": lambda: walked(4, medians=True),
    "one": lambda: walked(1),
    "gaps": lambda: walked(6, lost=(2,), silent=(4,)),
    "lost": lambda: walked(2, lost=(1, 2)),
    "hostile": lambda: walked(8, silent=(3,), strategy=EVIL[1], kinds=tuple(EVIL)),
}


@pytest.mark.parametrize("make", [*STUDIES.values(), *WALKS.values()], ids=[*STUDIES, *(f"walk {name}" for name in WALKS)])
def test_equal_content_has_equal_bytes_and_opens_by_itself(make):
    page = make().to_html()
    assert page == make().to_html()
    assert len(page.encode()) < MOST
    reader = read(page)
    assert not {"link", "iframe", "img"} & set(reader.tags)
    assert page.count("prefers-color-scheme:dark") == 1 and "@media print" in page
    figures = page.count('class="plotly-graph-div"')
    assert reader.tags.count("script") == figures + 2  # plotly, and the one that fits figures to the page


@pytest.mark.parametrize("found", [hostile_study(), walked(8, silent=(3,), strategy=EVIL[1], kinds=tuple(EVIL))], ids=["s", "w"])
def test_texts_from_outside_are_never_markup(found):
    page = found.to_html()
    reader = read(page)
    plain = read(walked(8, silent=(3,)).to_html() if hasattr(found, "windows") else grid(rough).to_html())
    assert set(reader.tags) <= set(plain.tags)
    shown = "".join(reader.texts)
    assert EVIL[1] in shown and HOSTILE in shown and ("{{ 7 * 7 }}" in shown)
    scripts = [script for script in reader.scripts if script.strip().startswith("window.PLOTLYENV")]
    assert len(scripts) == page.count('class="plotly-graph-div"')
    drawn = [text for script in scripts for text in texts_in(script)]
    assert any(unescape(text).startswith("<script>") for text in drawn)
    for text in drawn:
        assert "<" not in text.replace("<br>", "").replace("<extra></extra>", ""), text  # the tags of our own templates


def texts_in(script):
    """All texts of a figure's JSON, as plotly reads them."""
    at = script.index("[", script.index("Plotly.newPlot("))
    traces, end = json.JSONDecoder().raw_decode(script, at)
    layout, _ = json.JSONDecoder().raw_decode(script, script.index("{", end))
    stack, out = [traces, layout], []
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            out.append(one)
        elif isinstance(one, (list, dict)):
            stack.extend(one.values() if isinstance(one, dict) else one)
    assert "<" not in script[at:end]
    return out


def test_a_page_that_was_written_is_the_page_of_what_is_read(tmp_path):
    for name, make in STUDIES.items():
        folder = tmp_path / name
        found = make()
        if name in ("nothing", "without curves"):
            continue  # without a curve there is no table of returns to read
        write_study(found, folder)
        assert read_study(folder).to_html() == (folder / "report.html").read_text(encoding="utf-8"), name
    for name, make in WALKS.items():
        folder = tmp_path / f"walk {name}"
        write_walk_forward(make(), folder)
        assert read_walk_forward(folder).to_html() == (folder / "report.html").read_text(encoding="utf-8"), name


def text_of(found):
    return " ".join(" ".join(read(found.to_html()).texts).split())


def test_psr_stands_beside_dsr_of_all_counts_and_pbo_beside_its_band():
    found = grid(rough)
    text = text_of(found)
    places = [text.index(name) for name in ("PSR", "DSR, all tries", "DSR, by correlation", "DSR, by eigenvalues", "PBO")]
    assert places == sorted(places)
    luck = found.luck
    assert f"noise of this shape: {luck.pbo_low:.2f} to {luck.pbo_high:.2f}" in text
    assert f"there are {luck.years:.1f} years" in text
    assert f"worth {luck.n_effective:.1f} independent ones by mean correlation" in text
    assert f"{luck.n_effective_by_eigenvalues:.1f} by eigenvalues" in text


def test_order_of_a_studys_page():
    text = text_of(scattered())
    heads = ["Best parameters", "In words", "Trials in order", "By parameter", "Two parameters together", "Importance",
             "Several objectives", "The best sets", "Trials without a value", "Notes", "A backtest is not a forecast"]  # fmt: skip
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    assert "diluted by weekends" in text


def test_banners():
    def banners(found):
        return re.findall(r'<div class="banner">(.*?)</div>', found.to_html())

    assert banners(STUDIES["failed"]())[0].startswith("All 1 trials failed; the first with: &lt;script&gt;")
    assert banners(STUDIES["infeasible"]()) == ["None of 3 trials may be the best: 3 don&#39;t meet Drawdown &lt;= 0.25."]
    assert banners(STUDIES["idle"]()) == ["None of 1 trials may be the best: 1 sent no order."]
    assert banners(grid(lambda fast, share, kind: float(fast)))[0].startswith("The best is at the edge of its range: fast = 40")
    assert banners(grid(lambda fast, share, kind: (fast == "20") + (share == "0.3"))) == []


def test_the_table_is_the_ten_best_sets():
    found = grid(rough)
    table = re.search(r"The best sets.*?<table.*?>(.*?)</table>", found.to_html(), flags=re.DOTALL)[1]
    rows = [re.findall(r"<td>(.*?)</td>", row) for row in table.split("<tr>")[2:]]
    head = re.findall(r"<th>(.*?)</th>", table)
    ranked = sorted(found.trials, key=lambda t: -t.values[0])[:10]
    assert [int(row[1]) for row in rows] == [t.number for t in ranked]
    for row, t in zip(rows, ranked, strict=True):
        told = dict(zip(head, row, strict=True))
        assert {name: told[name] for name in t.parameters} == t.parameters
        assert float(told["Sharpe Ratio, LEAN"]) == pytest.approx(t.values[0], abs=5e-4)
        returns = curve(t.number).returns
        assert float(told["Sharpe, days"]) == pytest.approx(returns.mean() / returns.std(ddof=1) * 252**0.5, abs=5e-3)
        assert (told["Drawdown"], told["CAGR"], told["Orders"]) == ("12.3%", "5.1%", "33")


def test_the_verdict_comes_first_on_a_walk_forwards_page():
    found = walked(6, silent=(4,))
    text = text_of(found)
    heads = ["The rule.", "Out of sample, stitched", "Sharpe ratio, stitched", "In and out of sample", "Windows",
             "Parameters by window"]  # fmt: skip
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    f = found.figures
    assert all(reason in text for reason in f.verdict.reasons) and f.verdict.rule in text
    assert f"{f.stitched.annual_sharpe:.2f} \u00b1 {f.stitched.annual_se:.2f}" in text
    assert f"{f.degradation.mean:+.2f} \u00b1 {f.degradation.se:.2f}" in text
    assert f"{f.consistency_sharpe:.0%} / {f.consistency_return:.0%}" in text
    assert f"{f.selection_in_sample.mean:.2f} \u00b1 {f.selection_in_sample.se:.2f}" in text
    known = {one.name: one for one in f.stability}["fast"]
    assert f"{known.mean:.3f}" in text and f"{known.std:.3f}" in text and f"{known.cv:.2f}" in text
    assert "Selection out of sample" not in text and "median out" not in text
    text, f = text_of(walked(6, medians=True)), walked(6, medians=True).figures
    assert f"Selection out of sample {f.selection_out_of_sample.mean:.2f} \u00b1 {f.selection_out_of_sample.se:.2f}" in text
    assert "median out" in text
    assert "No window had a feasible trial" in text_of(walked(2, lost=(1, 2)))
