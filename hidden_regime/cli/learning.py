"""The `ml` commands: from bars to a validated model inside a strategy, by a file that says all of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from hidden_regime.cli import endings, options, show_learning, telling
from hidden_regime.cli.messages import STRATEGY_FAILED, Debug, messages, path_argument, path_option, say
from hidden_regime.cli.options import Json, Quiet, Workers
from hidden_regime.exceptions import SavedModelError

if TYPE_CHECKING:
    from hidden_regime.learning.kept import KeptTrainings
    from hidden_regime.learning.model_file import ModelFile
    from hidden_regime.learning.registry.registry import Entry

ml_app = typer.Typer(
    no_args_is_help=True,
    help="Learned models around regimes, validated and calibrated.\n\nExample: [bold]hidden-regime ml train model.toml[/]",
)
File = Annotated[Path, path_argument("The question: a TOML file such as model.toml.")]
Out = Annotated[Path | None, path_option("Folder for the files. Default: results/NAME-...")]
Models = Annotated[Path, path_option("Folder of the registry.")]
Id = Annotated[str, typer.Argument(help="NAME (in production, else the latest), NAME@VERSION or NAME@STAGE.")]
Trainers = Annotated[int, typer.Option("--workers", help="Processes for the trainings.")]
Shuffle = Annotated[int | None, typer.Option(help="Deal the labels to other rows by this seed: any skill is luck then.")]
USUAL = Path("models")
CHECKED = 600
"""Latest bars on which columns and labels are checked."""


def _told(console: Console, as_json: bool, told: dict[str, Any], folder: Path, what: str) -> None:
    show_learning.line(console, f"{what} in {folder}.")
    if as_json:
        say(json.dumps(told | {"folder": str(folder)}, indent=2))


def _unfinished(beside: Path, config: ModelFile) -> KeptTrainings:
    """Where trainings are kept until all are done."""
    from hidden_regime.learning.kept import KeptTrainings

    return KeptTrainings(beside / f".unfinished-{config.name}")


def _folder(out: Path | None, config: ModelFile, what: str) -> Path:
    return out or Path("results") / f"{config.name}-{what}"


@ml_app.command()
def features(model: File, out: Out = None, quiet: Quiet = False, as_json: Json = False, debug: Debug = False) -> None:
    """Make the features of a question, check that none looks ahead, and write them with their dictionary.

    Example: [bold]hidden-regime ml features model.toml[/]
    """
    from hidden_regime.learning.features.dictionary import dictionary, feature_files
    from hidden_regime.learning.features.making import make_features
    from hidden_regime.learning.model_file import ModelFile
    from hidden_regime.learning.outputs import write_outputs
    from hidden_regime.testing.causality import check_causal_function

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        config = ModelFile.read(model)
        title, frame = config.frame()
        made = config.make_features(frame)
        check_causal_function(lambda bars: make_features(bars, config.spec).table, frame.iloc[-CHECKED:])
        folder = _folder(out, config, "features")
        write_outputs(folder, feature_files(made, title), "features.json")
        told = dictionary(made, title)
        show_learning.features(console, told)
        show_learning.line(console, "No column looks ahead: the future was cut off and changed, and no value moved.", "green")
        _told(console, as_json, told, folder, "Features")


@ml_app.command()
def label(model: File, out: Out = None, quiet: Quiet = False, as_json: Json = False, debug: Debug = False) -> None:
    """Make the labels of a question, check that each ends when it says, and write them.

    Example: [bold]hidden-regime ml label model.toml[/]
    """
    from hidden_regime.experiments.folders import to_json
    from hidden_regime.learning.labels.checking import check_label_function
    from hidden_regime.learning.model_file import ModelFile
    from hidden_regime.learning.outputs import write_outputs

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        config = ModelFile.read(model)
        _, data = config.dataset()
        check_label_function(lambda bars: config.make_labels(bars, config.make_features(bars)), data.frame.iloc[-CHECKED:])
        table = data.labels.table.rename_axis("time").reset_index()
        told = {
            "schema": "hidden-regime/labels/1", "labels": dict(config.labels), "kind": data.labels.kind, "rows": len(table),
            "apart": float(data.labels.weight.sum()), "up": float(data.y.mean()),
        }  # fmt: skip
        folder = _folder(out, config, "labels")
        csv = table.to_csv(index=False, lineterminator="\n")
        write_outputs(folder, {"labels.csv": csv, "labels.json": to_json(told), "README.md": _label_readme(told)}, "labels.json")
        show_learning.labels(console, data)
        show_learning.line(console, "Each label ends when it says: what came after its end was changed, and none moved.", "green")
        _told(console, as_json, told, folder, "Labels")


def _label_readme(told: dict[str, Any]) -> str:
    return (
        f"# Labels\n\n{told['rows']} {told['kind']} labels: {json.dumps(told['labels'])}. `t0` and `t1` are the places of the "
        "bar that a label begins at and of the last one that it depends on, `weight` is the mean share of the bars of its life "
        f"that are its own: all together are worth {told['apart']:.0f} that don't overlap. {told['up']:.1%} are up.\n"
    )


@ml_app.command()
def train(
    model: File, registry: Models = USUAL, shuffle: Shuffle = None, workers: Trainers = 1, quiet: Quiet = False,
    as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Train a model, evaluate how it was made, and keep it in the registry.

    Example: [bold]hidden-regime ml train model.toml[/]
    """
    from hidden_regime.learning.model_file import ModelFile
    from hidden_regime.learning.registry.registry import Registry
    from hidden_regime.learning.training import train as train_model

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        config = ModelFile.read(model)
        kept, unfinished = Registry(registry), _unfinished(registry, config)
        endings.explain("no model is left half written, and the same command goes on with the trainings that are done")
        with telling.progress(console, "trainings") as step:
            found = train_model(
                config, shuffle=shuffle, trials_before=kept.trials(config), step=step, workers=workers, kept=unfinished
            )
        entry = kept.add(found)
        unfinished.forget()
        for text in found.log:
            show_learning.line(console, text, "dim")
        if found.evaluation is not None:
            show_learning.evaluation(console, found.evaluation)
        show_learning.line(console, f"Model {entry.id} in {entry.folder}. Open {entry.folder / 'evaluation.html'} in a browser.")
        if as_json:
            say(json.dumps({"id": entry.id, "folder": str(entry.folder), **_short(found.facts)}, indent=2))


def _short(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts without their long tables."""
    return {name: value for name, value in facts.items() if name not in ("reference", "memory", "oof_log_losses", "oof_returns")}


@ml_app.command()
def tune(
    model: File,
    trials: Annotated[int | None, typer.Option(help="Trials of each training. Default: what the file says, else 20.")] = None,
    workers: Trainers = 1, out: Out = None, quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Search for parameters within each training, and for all rows; the file says them to `train` then.

    Example: [bold]hidden-regime ml tune model.toml --trials 20[/]
    """
    import numpy as np

    from hidden_regime.experiments.folders import to_json
    from hidden_regime.learning.crossing import cross, one_training
    from hidden_regime.learning.model_file import ModelFile
    from hidden_regime.learning.outputs import write_outputs
    from hidden_regime.learning.tuning import Tuner
    from hidden_regime.learning.tuning_page import tuning_page

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        config = ModelFile.read(model)
        title, data = config.dataset()
        tuner = Tuner(config.recipe, (config.n_trials or 20) if trials is None else trials, config.recipe.seed)
        folder = _folder(out, config, "tuning")
        unfinished = _unfinished(folder.parent, config)
        endings.explain("the same command goes on with the trainings that are done")
        with telling.progress(console, "trainings") as step:
            n_folds = len(cross(
                config.recipe, data, config.splitter, tuner, lambda done, total: step(done, total + 1), workers=workers,
                kept=unfinished))  # fmt: skip
            _, chosen = one_training(config.recipe, data, np.arange(len(data)), tuner, unfinished)
        told = {
            "schema": "hidden-regime/tuning/1", "kind": chosen.kind, "parameters": dict(chosen.parameters),
            "method": "TPE on the weighted log loss of purged folds within each training", "trials": tuner.history,
        }  # fmt: skip
        page = tuning_page(f"{config.name}: {title}, tuning", tuner.history, chosen, n_folds + 1)
        write_outputs(folder, {"trials.json": to_json(told), "report.html": page}, "trials.json")
        unfinished.forget()
        show_learning.line(console, f"{tuner.count} trials in {n_folds + 1} trainings. For all rows:")
        show_learning.line(console, "[model.parameters]")
        for name, value in chosen.parameters.items():
            show_learning.line(console, f"{name} = {value}")
        _told(console, as_json, {name: value for name, value in told.items() if name != "trials"}, folder, "Trials and pictures")


@ml_app.command()
def evaluate(
    model: File, shuffle: Shuffle = None, workers: Trainers = 1, out: Out = None, quiet: Quiet = False, as_json: Json = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Train a question on each split, and judge what it says of days that it never saw, beside what knows nothing.

    Example: [bold]hidden-regime ml evaluate model.toml --shuffle 1[/]
    """
    from hidden_regime.learning.evaluation.evaluating import evaluate as evaluate_model
    from hidden_regime.learning.model_file import ModelFile
    from hidden_regime.learning.outputs import write_outputs
    from hidden_regime.learning.tuning import Tuner

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        config = ModelFile.read(model)
        title, data = config.dataset()
        tuner = Tuner(config.recipe, config.n_trials, config.recipe.seed) if config.n_trials else None
        n_folds = sum(1 for _ in config.splitter.splits(data.labels))
        folder = _folder(out, config, "evaluation" if shuffle is None else f"shuffled-{shuffle}")
        unfinished = _unfinished(folder.parent, config)
        endings.explain("the same command goes on with the trainings that are done")
        with telling.progress(console, "trainings") as step:
            found = evaluate_model(
                config.recipe, data.features, data.labels, cv=config.splitter, tune=tuner,
                n_trials=max(config.n_trials * n_folds, 1), n_resamples=config.n_resamples, seed=config.recipe.seed,
                shuffle=shuffle, title=f"{config.name}: {title}", step=step, workers=workers,
                kept=unfinished)  # fmt: skip
        files = {"evaluation.json": found.to_json(), "evaluation.md": found.to_markdown(), "report.html": found.to_html()}
        write_outputs(folder, files, "evaluation.json")
        unfinished.forget()
        show_learning.evaluation(console, found)
        telling.end(console, folder, found.to_dict() if as_json else None, "Evaluation")


@ml_app.command()
def robustness(
    model: File,
    runs: Annotated[int, typer.Option(help="Trainings and tests.")] = 500,
    seed: Annotated[int, typer.Option(help="Which stretches.")] = 0,
    shuffle: Shuffle = None, workers: Workers = None, out: Out = None, quiet: Quiet = False, as_json: Json = False,
    debug: Debug = False,
) -> None:  # fmt: skip
    """Train and test on random stretches again and again: Sharpe ratio, drawdown and hit rate with intervals.

    Exit status 1: fragile.

    Example: [bold]hidden-regime ml robustness model.toml --runs 500[/]
    """
    from hidden_regime.learning.model_file import ModelFile
    from hidden_regime.learning.outputs import write_outputs
    from hidden_regime.learning.robust import robustness as check

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        config = ModelFile.read(model)
        with telling.progress(console, "runs") as step:
            found = check(config, runs, seed, shuffle=shuffle, workers=workers, step=step)
        folder = _folder(out, config, "robustness")
        write_outputs(folder, {"robustness.json": found.to_json(), "report.html": found.to_html()}, "robustness.json")
        show_learning.robustness(console, found)
        told = {name: value for name, value in found.to_dict().items() if name != "runs"}
        telling.end(console, folder, told if as_json else None, "Robustness")
    if found.verdict == "fragile":
        raise typer.Exit(STRATEGY_FAILED)


@ml_app.command("list")
def list_(registry: Models = USUAL, as_json: Json = False, debug: Debug = False) -> None:
    """List the models of the registry.

    Example: [bold]hidden-regime ml list[/]
    """
    from hidden_regime.learning.registry.registry import Registry

    console = Console(quiet=as_json)
    with messages(debug):
        entries = Registry(registry).list()
        show_learning.models(console, entries)
        if as_json:
            say(json.dumps([_listed(one) for one in entries], indent=2))


def _listed(entry: Entry) -> dict[str, Any]:
    """A model of a list; one that is damaged doesn't hide the others."""
    told = {"id": entry.id, "stages": list(entry.stages)}
    try:
        return told | {"verdict": entry.facts()["verdict"]}
    except SavedModelError as error:
        return told | {"verdict": None, "problem": error.text}


@ml_app.command()
def show(id: Id, registry: Models = USUAL, as_json: Json = False, debug: Debug = False) -> None:
    """Show a model: what it takes, what it says, how it was trained, what it is worth.

    Example: [bold]hidden-regime ml show sp500-up[/]
    """
    from hidden_regime.learning.registry.registry import Registry

    console = Console(quiet=as_json)
    with messages(debug):
        entry = Registry(registry).get(id)
        facts = entry.facts()
        show_learning.model(console, entry)
        show_learning.line(console, f"{entry.id} in {entry.folder}; stages: {', '.join(entry.stages) or 'none'}.")
        if as_json:
            say(json.dumps({"id": entry.id, "stages": list(entry.stages), **_short(facts)}, indent=2))


@ml_app.command()
def promote(
    id: Id,
    stage: Annotated[str, typer.Option(help="production or staging.")] = "production",
    back: Annotated[bool, typer.Option("--back", help="Put the model before this one back into use.")] = False,
    registry: Models = USUAL, debug: Debug = False,
) -> None:  # fmt: skip
    """Put a model into use, or go back to the one before; its files have to be those that were added.

    Example: [bold]hidden-regime ml promote sp500-up[/]
    """
    from hidden_regime.learning.registry.registry import Registry

    with messages(debug):
        kept = Registry(registry)
        entry = kept.roll_back(id.partition("@")[0], stage) if back else kept.promote(id, stage)
        say(f"{entry.id} is in {stage}.")


@ml_app.command()
def export(
    id: Id,
    to: Annotated[str, typer.Option(help="store (an object store), module (beside a strategy) or mlflow.")] = "store",
    out: Annotated[Path, path_option("Folder: of backtest --store, the LEAN CLI's storage, or a strategy's.")] = Path("store"),
    registry: Models = USUAL, debug: Debug = False,
) -> None:  # fmt: skip
    """Write a model where a strategy finds it.

    Example: [bold]hidden-regime ml export sp500-up --out store[/]
    """
    from hidden_regime.learning.registry.exporting import export as write
    from hidden_regime.learning.registry.registry import Registry
    from hidden_regime.quantconnect.learned.loading import key_of

    with messages(debug):
        entry = Registry(registry).get(id)
        path = write(entry, to, out)
        say(f"{entry.id} in {path}.")
        if to == "store":
            say(f"In the object store it is {key_of(entry.name)}: load_model(self, {entry.name!r}) finds it.")


@ml_app.command()
def reproduce(id: Id, registry: Models = USUAL, quiet: Quiet = False, debug: Debug = False) -> None:
    """Train a model again from what is known of it, and compare every byte.

    Exit status 1: something is other than it was; it is named.

    Example: [bold]hidden-regime ml reproduce sp500-up[/]
    """
    from hidden_regime.learning.registry.registry import Registry
    from hidden_regime.learning.reproducing import reproduce as again

    console = Console(quiet=quiet)
    with messages(debug):
        with telling.progress(console, "trainings") as step:
            found = again(Registry(registry).get(id), step)
        show_learning.reproduction(console, found)
    if not found.equal:
        raise typer.Exit(STRATEGY_FAILED)


@ml_app.command()
def drift(
    id: Id,
    data: Annotated[str | None, typer.Option(help="Prices with days after the training. Default: its own source.")] = None,
    asset: Annotated[str | None, typer.Option(help="Ticker, where the source holds several.")] = None,
    end: options.End = None, registry: Models = USUAL, quiet: Quiet = False, as_json: Json = False, debug: Debug = False,
) -> None:  # fmt: skip
    """Hold a model in use against its training: columns that moved, a log loss that decayed, a rule that stands still.

    Exit status 1: something calls for a look.

    Example: [bold]hidden-regime ml drift sp500-up --data sp500[/]
    """
    from hidden_regime.data.packaged import load_series
    from hidden_regime.learning.registry.registry import Registry
    from hidden_regime.learning.watching import drift_of

    console = Console(quiet=quiet or as_json)
    with messages(debug):
        entry = Registry(registry).get(id)
        asked = entry.facts()["config"]["data"]
        source = asked["source"] if data is None else data
        _, frame = load_series(source, asset or asked.get("asset"))
        last = options.parse_day("--end", end)
        found = drift_of(entry, frame.loc[asked.get("start") : None if last is None else str(last)])
        show_learning.drift(console, found)
        if as_json:
            say(json.dumps(found.to_dict(), indent=2))
    if found.alarms:
        raise typer.Exit(STRATEGY_FAILED)
