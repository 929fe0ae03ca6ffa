"""`python -m benchmarks [--quick]` runs the suite, as `hidden-regime benchmark` does; `python -m benchmarks NAME` another.

`python -m benchmarks lean-suite CHECKOUT` runs LEAN's own regression algorithms; `truth` and `accelerator` have options.
"""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version

from benchmarks import (
    accelerator,
    coins,
    engine,
    experiments,
    forecast,
    headline,
    kernels,
    layer,
    lean_suite,
    monte_carlo,
    paired_test,
    simulation,
    startup,
    states,
    step,
    truth,
)
from hidden_regime.cli.benchmark import benchmark_app

MODULES = (headline, step, layer, truth, simulation, states, forecast, kernels, engine, coins, startup, experiments, monte_carlo)
KNOWN = {module.__name__.rpartition(".")[2]: module.main for module in MODULES} | {"paired": paired_test.main}

LEAN_SUITE, TRUTH, ACCELERATOR = "lean-suite", "truth", "accelerator"


def machine() -> str:
    """What the numbers were measured with."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "pandas", "numba"))
    return f"{platform.machine()}, Python {platform.python_version()}, {packages}"


def main() -> int:
    """Run the suite or one benchmark."""
    if sys.argv[1:2] == [LEAN_SUITE]:
        return lean_suite.main(sys.argv[2:])
    if sys.argv[1:2] == [TRUTH]:
        print(machine(), flush=True)
        return truth.command(sys.argv[2:])
    if sys.argv[1:2] == [ACCELERATOR]:
        print(machine(), flush=True)
        return accelerator.command(sys.argv[2:])
    names = [a for a in sys.argv[1:] if not a.startswith("-")]
    if not names or (names[0] not in KNOWN and len(sys.argv) > 1 and (sys.argv[1].startswith("-") or names[0] == "compare")):
        benchmark_app()
    if len(names) != 1 or names[0] not in KNOWN:
        print(f"usage: python -m benchmarks [{{{','.join(KNOWN)}}}] [--quick]")
        print(f"       python -m benchmarks {LEAN_SUITE} CHECKOUT [--only NAME ...] [--all] [--jobs N]")
        print(f"       python -m benchmarks {TRUTH} [--quick] [--jobs N] [--seeds A-B] [--out FILE]")
        print(f"       python -m benchmarks {ACCELERATOR} [--series N] [--starts N] [--rows N] [--states N] [--full]")
        return 2
    print(machine())
    KNOWN[names[0]](quick="--quick" in sys.argv)
    return 0


sys.exit(main())
