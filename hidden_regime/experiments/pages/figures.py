"""Pictures of studies and walk-forwards, in plotly."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from hidden_regime.experiments.studies.study import Study
    from hidden_regime.experiments.walking_forward import WalkForward


def history(study: Study) -> go.Figure:
    """Objective of each trial in order, and the best so far."""
    import plotly.graph_objects as go

    values = [None if trial.values is None else trial.values[0] for trial in study.trials]
    return go.Figure(go.Scatter(y=values, mode="markers"))


def in_and_out(found: WalkForward) -> go.Figure:
    """Objective in and out of sample, window by window."""
    import plotly.graph_objects as go

    return go.Figure([go.Bar(y=[w.is_value for w in found.windows]), go.Bar(y=[w.oos_value for w in found.windows])])
