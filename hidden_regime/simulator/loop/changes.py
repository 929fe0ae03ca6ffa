"""What a strategy asks for in a step - securities and universes that come or go - and when it takes effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from hidden_regime.simulator.loop.moments import Moment
from hidden_regime.simulator.universes.manager import MOMENT

if TYPE_CHECKING:
    from hidden_regime.simulator.core import Core
    from hidden_regime.simulator.loop.step import Stepper


def settle(core: Core, stepper: Stepper, arrived: Callable[[], Moment]) -> None:
    """The end of a step: what was asked for in it takes effect, in steps of their own at the same time, as in LEAN.

    Parameters
    ----------
    arrived : callable
        The moment of such a step, with the subscriptions as they are by then.
    """
    universes = core.universes
    while universes.queued:
        universes.carry_out()
        while universes.next_time <= core.now + MOMENT:
            universes.select(universes.next_time)
            stepper.step(arrived(), changes=True)
