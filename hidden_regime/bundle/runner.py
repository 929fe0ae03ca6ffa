"""Runs one strategy in a process of its own, as a script: it knows nothing but what its orders name."""

import importlib
import importlib.metadata
import json
import sys
import traceback


def _told(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({frame.filename}, line {frame.lineno})"


def main() -> None:
    """Read orders (JSON) from the first file named, write orders (of the strategy) into the second."""
    with open(sys.argv[1], encoding="utf-8") as file:
        given = json.load(file)
    sys.path[:0] = given["paths"]
    engine = importlib.import_module(given["engine"] + ".simulator")
    data = importlib.import_module(given["engine"] + ".data")
    run_state = importlib.import_module(given["engine"] + ".simulator.run_state")
    name = given["data"]
    market = data.make_market(**given["synthetic"]).market if name is None else data.open_market(name)
    run = engine.run_file(given["strategy"], market, parameters=given["parameters"], store=given["store"] or None)
    foreign = []
    if given["only"]:
        for found, module in sorted(sys.modules.items()):
            where = getattr(module, "__file__", None) or ""
            if found.split(".")[0] == "hidden_regime" and where and not where.startswith(given["only"]):
                foreign.append(found)
    orders = [
        [str(o.time), o.symbol.value, o.quantity, o.type.name, o.status.name, repr(o.price)]
        for o in run_state.run_state_of(run.algorithm).book.orders.values()
    ]
    versions = {}
    for name in given["packages"]:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = ""
    answer = {
        "orders": orders, "error": None if run.error is None else _told(run.error), "foreign": foreign,
        "versions": versions, "python": ".".join(map(str, sys.version_info[:3])),
    }  # fmt: skip
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        json.dump(answer, file)


if __name__ == "__main__":
    main()
