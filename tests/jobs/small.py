"""A small campaign: a strategy that costs little, over some months of the packaged index."""

from __future__ import annotations

from pathlib import Path

HOLD = '''from AlgorithmImports import *
from pathlib import Path


class Hold(QCAlgorithm):
    """Holds a share of the index in every second month of so many."""

    def initialize(self):
        self.set_start_date(2004, 1, 2)
        self.set_end_date(2004, 4, 30)
        self.set_benchmark("SP500")
        self.share, self.every = self.get_parameter("share", 0.5), self.get_parameter("every", 2)
        self.asset = self.add_equity("SP500", Resolution.DAILY).symbol
        with open(Path(__file__).with_name("ran.txt"), "a") as file:
            file.write(f"{self.share} {self.every}\\n")
        if self.share > 1.5:
            raise ValueError("told to fail")

    def on_data(self, data):
        self.set_holdings(self.asset, self.share if self.time.month % self.every == 0 else 0)
'''

DAYS = "start = 2004-01-02\nend = 2004-04-30"
HEAD = """name = "{name}"
skip = {skip}
{more}
[target]
data = "sp500"
{days}
{target}
"""
ONE = """
[[hypothesis]]
name = "{name}"
why = "a reason"
strategy = "hold.py"
parameters = {{ {parameters} }}
{space}
"""


def campaign(folder: Path, *hypotheses: tuple[str, str, str], name: str = "small", skip: tuple[str, ...] = (), target: str = "",
             more: str = "", tail: str = "", days: str = DAYS) -> Path:  # fmt: skip
    """The file of a campaign, with its strategy beside it; a hypothesis is a name, its parameters, and its space, as in TOML."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hold.py").write_text(HOLD, encoding="utf-8")
    text = HEAD.format(name=name, skip=list(skip), more=more, target=target, days=days)
    for one, parameters, space in hypotheses or [("half", "share = 0.5", "")]:
        text += ONE.format(name=one, parameters=parameters, space=f"space = {{ {space} }}" if space else "")
    path = folder / f"{name}.toml"
    path.write_text(text + tail, encoding="utf-8")
    return path


class Clock:
    """Seconds that go on by themselves, so that everything has its time and nothing depends on the day."""

    def __init__(self, start: float = 1_700_000_000.0, step: float = 1.0) -> None:
        self.now, self.step = start, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now
