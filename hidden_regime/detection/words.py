"""What the kernels tell of a bar in numbers, in words: names of states, and notes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from hidden_regime.regimes.identity import LEAST, doubtful_states, pairs


def renamed(before: tuple[str, ...], now: tuple[str, ...]) -> list[tuple[str, str]]:
    """Old and new name of each state that is called otherwise than before."""
    return list(dict.fromkeys((was, is_) for was, is_ in zip(before, now, strict=True) if was != is_))


def say_renamed(changed: list[tuple[str, str]]) -> str:
    """The same for `notes`."""
    return f"renamed: {', '.join(f'{was} is {now} now' for was, now in changed)}" if changed else ""


@lru_cache(4096)
def notes_of(empty: int, alike: int, before: tuple[str, ...], now: tuple[str, ...]) -> str:
    """Notes of a model: which states are empty, which pairs are one regime, and which are called otherwise than before."""
    k = len(now)
    weight = np.array([[0.0 if empty >> i & 1 else LEAST for i in range(k)]])
    same = np.array([[bool(alike >> i & 1) for i in range(len(pairs(k)[0]))]])
    return "; ".join(filter(None, (doubtful_states(weight, same)[0], say_renamed(renamed(before, now)))))
