"""Random numbers as .NET gives them: a seed has the same numbers here and there."""

from __future__ import annotations

import time

from hidden_regime.exceptions import ParameterError
from hidden_regime.simulator.spelling import TwoSpellings

BIGGEST, SEED, LENGTH, LAG = 2**31 - 1, 161803398, 56, 21


def _wrapped(value: int) -> int:
    """An int of 32 bits, which overflows."""
    return (value + 2**31) % 2**32 - 2**31


class Random(TwoSpellings):
    """System.Random: Knuth's subtractive generator."""

    def __init__(self, seed: int | None = None) -> None:
        given = time.time_ns() % 2**31 if seed is None else int(seed)
        last, following = SEED - min(abs(given), BIGGEST), 1
        numbers = [0] * LENGTH
        numbers[LENGTH - 1] = last
        for i in range(1, LENGTH - 1):
            place = LAG * i % (LENGTH - 1)
            numbers[place] = following
            following = last - following
            if following < 0:
                following += BIGGEST
            last = numbers[place]
        for _ in range(4):
            for i in range(1, LENGTH):
                numbers[i] = _wrapped(numbers[i] - numbers[1 + (i + 30) % (LENGTH - 1)])
                if numbers[i] < 0:
                    numbers[i] += BIGGEST
        self._numbers, self._place, self._other = numbers, 0, LAG

    def _sample(self) -> int:
        self._place = self._place % (LENGTH - 1) + 1
        self._other = self._other % (LENGTH - 1) + 1
        found = self._numbers[self._place] - self._numbers[self._other]
        found -= found == BIGGEST
        found += BIGGEST if found < 0 else 0
        self._numbers[self._place] = found
        return found

    def next_double(self) -> float:
        """From 0, to less than 1."""
        return self._sample() * (1.0 / BIGGEST)

    def next(self, *bounds: int) -> int:
        """A whole number from 0 or the first bound, to less than the last."""
        if not bounds:
            return self._sample()
        low, high = (0, *bounds) if len(bounds) == 1 else bounds
        if low > high:
            raise ParameterError("Random.next", bounds, "bounds that rise")
        width = high - low
        if width <= BIGGEST:
            return int(self.next_double() * width) + low
        # Wider than an int: the larger sample, its sign by a second one.
        sample = self._sample()
        sample = -sample if self._sample() % 2 == 0 else sample
        return int((sample + (BIGGEST - 1)) / (2.0 * BIGGEST - 1) * width) + low
