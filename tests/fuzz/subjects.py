"""The readers: for each some valid files, how they are changed, and what reads them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import lzma
import random
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import pandas as pd

from hidden_regime import (
    AutoregressiveHMM,
    Bar,
    ContinuousJumpModel,
    CovariateHMM,
    GaussianHMM,
    JumpModel,
    RegimeDetector,
    SparseJumpModel,
    StudentTHMM,
)
from hidden_regime.cache import FolderStore, ObjectPacks, inspect
from hidden_regime.cache.entry import BadEntryError, pack, unpack
from hidden_regime.cli import benchmark
from hidden_regime.data import LeanFolder, open_market, read_market
from hidden_regime.data.checking import check_folder
from hidden_regime.data.events import read_events, unused_columns
from hidden_regime.exceptions import RegimeError
from hidden_regime.experiments import (
    Finding,
    Lookahead,
    Objective,
    Space,
    compare_strategies,
    monte_carlo,
    segment,
)
from hidden_regime.experiments.lookahead.finding import Moment
from hidden_regime.experiments.reading import read_experiment
from hidden_regime.experiments.space.lean_config import read_lean_config
from hidden_regime.experiments.space.read import read_space
from hidden_regime.experiments.studies.folder import optimizer_config, read_study, write_study
from hidden_regime.experiments.studies.journal import SCHEMA, opened
from hidden_regime.experiments.studies.study import make_study
from hidden_regime.experiments.studies.trial import trial_of
from hidden_regime.experiments.trials.outcome import Outcome
from hidden_regime.models.saving import MAGIC
from hidden_regime.models.training import Task, train
from hidden_regime.research import projects
from hidden_regime.research.benchmarks import compare
from hidden_regime.simulator.comparison import differences, facts_of_folder, read_case
from hidden_regime.simulator.feed.custom import CustomFeed
from hidden_regime.simulator.object_store import ObjectStore
from tests.fuzz import archive_subjects as archive
from tests.fuzz import lean_subjects as lean
from tests.fuzz import learned_subjects as learned
from tests.fuzz import operation_subjects as operation
from tests.fuzz import pair_subjects as pairs
from tests.fuzz.mutating import of_bytes, of_gzip, of_json, of_text, of_xz, of_zip, within

Mutate = Callable[[bytes, random.Random], bytes]
DATA = Path(__file__).parents[1] / "cases" / "data"


class Subject(NamedTuple):
    """A reader: its valid files by name, how each is changed, and what reads a folder of them of which one is."""

    name: str
    files: Callable[[], Mapping[str, bytes]]
    mutate: Callable[[str], Mutate]
    read: Callable[[Path, str], object]


def _by_ending(name: str) -> Mutate:
    endings = {".zip": of_zip, ".csv": of_text, ".txt": of_text, ".json": of_json, ".gz": of_gzip, ".xz": of_xz}
    return endings.get(Path(name).suffix, of_bytes)


@cache
def _frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    index = pd.date_range("2019-01-01", periods=300, freq="B", name="Date")
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, 300)))
    columns = {"Open": close, "High": close * 1.01, "Low": close * 0.99, "Close": close, "Volume": 1000.0, "Adj Close": close / 2}
    return pd.DataFrame(columns, index=index).round(4)


def _tables() -> Mapping[str, bytes]:
    daily = _frame()
    hours = daily.set_axis(pd.date_range("2021-10-20", periods=300, freq="h", tz="UTC", name="Datetime"), axis=0)
    long = pd.concat([daily.assign(ticker=name).reset_index() for name in ("A", "B")])
    events = pd.DataFrame({"date": daily.index[[50, 90]], "ticker": "A", "dividend": [0.5, 0.0], "split": ["", "7:1"]})
    downloaded = "Price,Close,High\nTicker,SPY,SPY\nDate,,\n" + daily[["Close", "High"]].to_csv(header=False)
    texts = {"daily": daily.to_csv(), "hours": hours.to_csv(), "long": long.to_csv(index=False), "events": events.to_csv(index=False),
             "downloaded": downloaded}  # fmt: skip
    return {f"{name}.csv": text.encode() for name, text in texts.items()} | {"p.csv.gz": gzip.compress(texts["daily"].encode())}


def _parquet() -> Mapping[str, bytes]:
    return {"daily.parquet": _frame().to_parquet(), "plain.parquet": _frame().reset_index().to_parquet(index=False)}


def _read_tables(folder: Path, name: str) -> None:
    for read in (_read_table, lambda path: read_events(path, "A"), unused_columns):
        _each(read, folder / name)


def _read_table(path: Path) -> None:
    market = read_market(path)
    for ticker in market.tickers():
        market.load(ticker).frame()


def _each(read: Callable[[Path], object], path: Path) -> None:
    """One reader's refusal keeps no other from reading."""
    try:
        read(path)
    except RegimeError:
        return


LEAN_FILES = (
    "daily/aapl.zip", "hour/qqq.zip", "minute/spy/20150302_trade.zip", "map_files/aapl.csv", "factor_files/aapl.csv",
    "map_files/qqq.csv", "factor_files/qqq.csv",
)  # fmt: skip


@cache
def _lean() -> Mapping[str, bytes]:
    usa = DATA / "equity" / "usa"
    files = {f"equity/usa/{name}": (usa / name).read_bytes() for name in LEAN_FILES}
    rates = "alternative/interest-rate/usa/interest-rate.csv"
    sides = ",".join(["1000100,1000200,1000000,1000100,300"] * 2)
    lines = "".join(f"{minute * 60_000},{sides}\n" for minute in range(570, 600))
    quotes = io.BytesIO()
    import zipfile

    with zipfile.ZipFile(quotes, "w") as archive:
        archive.writestr("20150302_spy_minute_quote.csv", lines)
    week = {
        day: [{"start": "09:30:00", "end": "16:00:00", "state": "market"}]
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
    }
    hours = {"entries": {"Equity-usa-[*]": week | {"saturday": [], "sunday": [], "holidays": ["1/1/2015"],
             "earlyCloses": {"11/27/2015": "13:00:00"}, "lateOpens": {}}}}  # fmt: skip
    return files | {
        rates: (DATA / rates).read_bytes(), "equity/usa/minute/spy/20150302_quote.zip": quotes.getvalue(),
        "market-hours/market-hours-database.json": json.dumps(hours).encode(),
    }  # fmt: skip


def _read_lean(folder: Path, name: str) -> None:
    del name
    market = open_market(folder)
    assert isinstance(market, LeanFolder)
    reads = [lambda path: market.market_hours, lambda path: market.interest_rates()]
    for ticker in ("AAPL", "QQQ", "SPY"):
        reads += [
            lambda path, t=ticker: market.load(t).frame(), lambda path, t=ticker: market.hourly(t),
            lambda path, t=ticker: _days(market.intraday(t, 60)), lambda path, t=ticker: _days(market.intraday(t, 1)),
            lambda path, t=ticker: [market.quotes(t).find(day) for day in market.quotes(t).days] if market.quotes(t) else None,
            lambda path, t=ticker: market.minute_files(t), lambda path, t=ticker: market.map_file(t).names(),
        ]  # fmt: skip
    for read in reads:
        _each(read, folder)


def _days(bars: object) -> None:
    for day in getattr(bars, "days", ()):
        bars.rows(day)  # type: ignore[attr-defined]


OBSERVED = np.random.default_rng(0).normal(size=(80, 2)) * np.repeat([1.0, 3.0], 40)[:, None]


KINDS = (GaussianHMM, StudentTHMM, JumpModel, SparseJumpModel, ContinuousJumpModel, CovariateHMM, AutoregressiveHMM)


@cache
def _models() -> Mapping[str, bytes]:
    import tempfile

    files = {}
    for model in (
        GaussianHMM(2),
        StudentTHMM(2, n_iter=20),
        JumpModel(2, penalty=5.0),
        SparseJumpModel(2),
        ContinuousJumpModel(2),
        CovariateHMM(2),
        AutoregressiveHMM(2),
    ):
        model.fit(OBSERVED)
        files[f"{type(model).__name__}.json"] = json.dumps(model.to_dict()).encode()
        with tempfile.TemporaryDirectory() as folder:
            model.save(Path(folder) / "m")
            files[f"{type(model).__name__}.hr"] = (Path(folder) / "m").read_bytes()
    return files


def _sealed(rest: bytes) -> bytes:
    return MAGIC + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


def _mutate_model(name: str) -> Mutate:
    def parts(rest: bytes, rng: random.Random) -> bytes:
        head, _, body = rest.partition(b"\n")
        return of_json(head, rng) + b"\n" + body if rng.random() < 0.5 else head + b"\n" + of_bytes(body, rng)

    return of_json if name.endswith(".json") else within(_sealed, lambda content: content[len(MAGIC) + 65 :], parts)


def _read_models(folder: Path, name: str) -> None:
    _read_model({kind.__name__: kind for kind in KINDS}[Path(name).stem], folder / name)


def _read_model(kind: type, path: Path) -> None:
    try:
        content = json.loads(path.read_bytes()) if path.suffix == ".json" else None
    except (ValueError, RecursionError):
        return  # no content that from_dict could be asked for
    model = kind.load(path) if content is None else kind.from_dict(content)  # type: ignore[attr-defined]
    if model.n_features_in_ == OBSERVED.shape[1] and not len(getattr(model, "covariate_means_", ())):
        model.filter_proba(OBSERVED)


@cache
def _detector() -> Mapping[str, bytes]:
    detector = RegimeDetector(2, lookback=60, retrain=20)
    rng = np.random.default_rng(1)
    for n, close in enumerate(100.0 * np.exp(np.cumsum(rng.normal(0, 0.01, 120)))):
        detector.update(Bar(datetime(2020, 1, 1) + pd.Timedelta(days=n), *[float(close)] * 4, 1.0))
    return {"detector.json": json.dumps(detector.to_dict()).encode()}


def _read_detector(folder: Path, name: str) -> None:
    del name
    try:
        content = json.loads((folder / "detector.json").read_bytes())
    except (ValueError, RecursionError):
        return
    found = RegimeDetector.from_dict(content)
    repr(found)


TASK = Task(np.random.default_rng(0).normal(size=(60, 2)), 2)


@cache
def _entry() -> bytes:
    return pack("abcd", train([TASK])[0])


def _closed(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def _mutate_entry(name: str) -> Mutate:
    def parts(content: bytes, rng: random.Random) -> bytes:
        head, _, numbers = content.partition(b"\n")
        return of_json(head, rng) + b"\n" + numbers if rng.random() < 0.7 else head + b"\n" + of_bytes(numbers, rng)

    return within(_closed, lambda content: content[65:], parts)


def _read_entry(folder: Path, name: str) -> None:
    del name
    inspect(FolderStore(folder), verify=True)
    content = FolderStore(folder).get("abcd") or b""
    for task in (TASK, None):
        try:
            unpack("abcd", content, task)
        except BadEntryError:  # never leaves the cache: it counts as a miss
            continue


def _packs() -> Mapping[str, bytes]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        packs = ObjectPacks(ObjectStore(folder))
        packs.put("abcd", _entry())
        packs.flush()
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def _mutate_pack(name: str) -> Mutate:
    def sealed(body: bytes) -> bytes:
        return b"hidden-regime pack " + hashlib.sha256(body).hexdigest().encode() + b"\n" + body

    return within(sealed, lambda content: content.partition(b"\n")[2], of_text)


def _read_packs(folder: Path, name: str) -> None:
    del name
    inspect(ObjectPacks(ObjectStore(folder)), verify=True)
    inspect(ObjectPacks(ObjectStore(folder)))


@cache
def _results() -> Mapping[str, bytes]:
    import tempfile

    from hidden_regime.simulator import result, run_file

    run = run_file(DATA.parent / "algorithms" / "r01_buy_and_hold.py", LeanFolder(DATA), end=date(2015, 1, 20))
    with tempfile.TemporaryDirectory() as folder:
        result.write(run, Path(folder), "r01")
        files = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
        facts = json.dumps(facts_of_folder(folder)).encode()
    return files | {"cases/case.json": facts, "cases/case.json.xz": lzma.compress(facts)}


@cache
def _facts() -> dict[str, object]:
    return json.loads(_results()["cases/case.json"])  # type: ignore[no-any-return]


def _read_results(folder: Path, name: str) -> None:
    from hidden_regime.simulator.comparison.facts import BROKEN

    facts = read_case(folder / name) if name.startswith("cases/") else facts_of_folder(folder)
    try:
        differences(facts, _facts())
    except BROKEN:  # `check` says so
        return


def _settings() -> Mapping[str, bytes]:
    config = {"parameters": {"a": 1}, "libraries": [{"name": "lib", "path": "lib"}], "algorithm-language": "Python"}
    row = {"name": "x", "equal": True, "trainings": 3, "speed_up": 4.5}
    measured = {"machine": {"kernels": "native", "python": "3.11.2", "packages": {"numpy": "1"}}, "scenarios": [row],
                "instructions": {"x": 3.0}}  # fmt: skip
    return {"config.json": json.dumps(config).encode(), "benchmark.json": json.dumps(measured).encode()}


def _read_settings(folder: Path, name: str) -> None:
    del name
    strategy = folder / "main.py"
    strategy.write_text("", encoding="utf-8")
    projects.parameters(strategy)
    with projects.libraries(strategy):
        found = benchmark._read(folder / "benchmark.json")
    try:
        compare(found, found)
    except benchmark.BROKEN:  # the command says so
        return


ASKED = {
    "strategy": "s", "method": "grid", "space": Space.of({"fast": "10:12:1"}).to_dict()["parameters"], "constraints": [],
    "objectives": [{"target": "Sharpe Ratio", "direction": "max", "value": None}], "seed": 0, "batch": 8, "segments": None,
    "parameters": {}, "start": None, "end": None, "cash": None, "digests": {},
    "first": "2020-01-01", "last": "2020-12-31", "reads": ["assets"],
}  # fmt: skip


@cache
def _studies() -> Mapping[str, bytes]:
    space = b'constraints = ["Drawdown <= 25%"]\n[parameters]\nfast = "10:50:5"\nslow = {low = 30, high = 90, step = 15}\n'
    trials = [trial_of(n, {"fast": str(10 + n)}, _outcome(n), (Objective("Sharpe Ratio"),), ()) for n in range(3)]
    study = make_study(ASKED, "id", trials, {n: _outcome(n) for n in range(3)}, "all")
    with TemporaryDirectory() as folder:
        write_study(study, Path(folder))
        kept = {name: Path(folder, name).read_bytes() for name in ("study.json", "returns.parquet")}
    lines = b"".join(json.dumps(one).encode() + b"\n" for one in [{"schema": SCHEMA, "study": ASKED}, trials[0].to_dict()])
    optimizer = json.dumps(optimizer_config(study)).encode()
    return kept | {"s.space.toml": space, "optimizer.json": optimizer, "journal.log": lines}


def _outcome(n: int) -> Outcome:
    days = np.arange("2020-01-01", "2020-06-01", dtype="datetime64[D]")
    equity = 100.0 * np.exp(np.cumsum(np.random.default_rng(n).normal(0.0, 0.01, len(days))))
    return Outcome("complete", {"Sharpe Ratio": f"0.{n}", "Drawdown": "9.000%"}, days, equity)


def _read_studies(folder: Path, name: str) -> None:
    if name == "s.space.toml":
        read_space(folder / name)
    elif name == "optimizer.json":
        read_lean_config(folder / name)
    elif name == "journal.log":
        with opened(folder, ASKED):
            pass
    else:
        read_study(folder).table()


@cache
def _judgements() -> Mapping[str, bytes]:
    days = pd.bdate_range("2020-01-01", periods=120)
    luck = np.random.default_rng(0).normal(0.0005, 0.01, (120, 2))
    one, two = (pd.Series(luck[:, i], days) for i in range(2))
    moment = Moment(datetime(2020, 3, 2, 16), 3, 1)
    finding = Finding("look-ahead", moment.time, "UP", "market 1", "nothing", "s.py line 1", "buy()", 1.5, moment.time)
    spec = {"parameters": {}, "first": "2020-01-02", "last": "2020-12-31", "cash": None, "cuts": 1, "seed": 0}
    made = {
        "comparison": compare_strategies({"one": one, "two": two}, n_resamples=99),
        "segments": segment(one, by="year"),
        "simulation": monte_carlo(one, n_paths=50),
        "lookahead": Lookahead("s", spec, "looks ahead", (finding,), (), (moment,), 3, ("a note",), "id"),
    }
    kept = {}
    for name, found in made.items():
        with TemporaryDirectory() as folder:
            found.write(Path(folder))
            kept |= {f"{name}/{path.name}": path.read_bytes() for path in Path(folder).iterdir() if path.suffix != ".html"}
    return kept


def _read_judgements(folder: Path, name: str) -> None:
    read_experiment(folder / name.split("/")[0]).table()


class _Lines:
    """A custom class that takes lines as they are."""

    def get_source(self, config: object, moment: datetime, live: bool) -> object:
        """Where a day's lines are: always there."""
        del config, moment, live
        return self.source

    def reader(self, config: object, line: str, moment: datetime, live: bool) -> None:
        """A line: nothing."""


def _custom() -> Mapping[str, bytes]:
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("signal.csv", (DATA / "custom" / "signal.csv").read_bytes())
    return {"signal.csv": (DATA / "custom" / "signal.csv").read_bytes(), "signal.zip": packed.getvalue()}


def _read_custom(folder: Path, name: str) -> None:
    from hidden_regime.simulator.enums import FileFormat, Resolution, SubscriptionTransportMedium
    from hidden_regime.simulator.objects.symbol import Symbol

    for source in (name, f"{name}#signal.csv"):
        facts = {
            "source": str(folder / source),
            "format": FileFormat.CSV,
            "transport_medium": SubscriptionTransportMedium.LOCAL_FILE,
        }
        kind = type("Mine", (_Lines,), {"source": type("Source", (), facts)()})
        feed = CustomFeed(kind, Symbol("X"), Resolution.DAILY, str.encode)
        _each(lambda path, feed=feed: list(feed.rows(datetime(2015, 1, 1), datetime(2015, 1, 2))), folder)


SUBJECTS = (
    Subject("tables", _tables, _by_ending, _read_tables),
    *([Subject("parquet", _parquet, _by_ending, _read_tables)] if find_spec("pyarrow") else []),
    Subject("lean", _lean, _by_ending, _read_lean),
    Subject("lists", lean.lists, _by_ending, lean.read_lists),
    Subject("folder", _lean, _by_ending, lambda folder, name: check_folder(folder)),
    Subject("pairs", pairs.folders, _by_ending, pairs.read_folders),
    Subject("pair tables", pairs.tables, _by_ending, pairs.read_tables),
    Subject("models", _models, _mutate_model, _read_models),
    Subject("detector", _detector, _by_ending, _read_detector),
    Subject("entry", lambda: {"ab/abcd.hr": _entry()}, _mutate_entry, _read_entry),
    Subject("packs", _packs, _mutate_pack, _read_packs),
    Subject("results", _results, _by_ending, _read_results),
    Subject("archives", archive.archives, archive.changed, archive.read_archives),
    Subject("settings", _settings, _by_ending, _read_settings),
    Subject("studies", _studies, _by_ending, _read_studies),
    Subject("judgements", _judgements, _by_ending, _read_judgements),
    Subject("custom", _custom, _by_ending, _read_custom),
    Subject("learned texts", learned.texts, _by_ending, learned.read_texts),
    Subject("learned models", learned.folders, _by_ending, learned.read_folders),
    Subject("lean backtests", lean.backtests, _by_ending, lean.read_backtests),
    Subject("lean searches", lean.searches, _by_ending, lean.read_searches),
    Subject("replies", lean.replies, _by_ending, lean.read_replies),
    Subject("pushed", lean.pushed, _by_ending, lean.read_state),
    Subject("ledgers", lean.ledgers, _by_ending, lean.read_ledger),
    Subject("records", operation.records, _by_ending, operation.read_records),
    Subject("alerts", operation.queues, _by_ending, operation.read_queue),
)
