"""From templates and figures to pages: equal content gives equal bytes, and every text from outside is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from hidden_regime.experiments.pages.comparison_template import COMPARISON
from hidden_regime.experiments.pages.lookahead_template import LOOKAHEAD
from hidden_regime.experiments.pages.page import MACROS, SHELL, STUDY, WALK_FORWARD
from hidden_regime.experiments.pages.segments_template import SEGMENTS
from hidden_regime.experiments.pages.simulation_template import SIMULATION

if TYPE_CHECKING:
    import plotly.graph_objects as go

TEMPLATES = {
    "shell": SHELL,
    "macros": MACROS,
    "comparison": COMPARISON,
    "lookahead": LOOKAHEAD,
    "segments": SEGMENTS,
    "simulation": SIMULATION,
    "study": STUDY,
    "walk_forward": WALK_FORWARD,
}


def render(template: str, *, others: Mapping[str, str] | None = None, **values: Any) -> str:
    """A page, of one of `TEMPLATES` or of `others`: those of a floor above."""
    return render_of(TEMPLATES | dict(others or {}), template, **values)


def render_of(templates: Mapping[str, str], template: str, *, pictures: bool = True, **values: Any) -> str:
    """A page of one of some templates; without pictures it carries no plotly."""
    import jinja2
    import markupsafe
    from plotly.offline import get_plotlyjs

    from hidden_regime import __version__

    environment = jinja2.Environment(
        loader=jinja2.DictLoader(dict(templates)), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    script = markupsafe.Markup(get_plotlyjs()) if pictures else ""
    return environment.get_template(template).render(plotly=script, version=__version__, **values)


def drawn(figure: go.Figure, name: str) -> Any:
    """A figure as HTML. The name becomes its id, which plotly would invent: it is never a text from outside."""
    import markupsafe

    config = {"displayModeBar": False, "responsive": True}
    return markupsafe.Markup(figure.to_html(full_html=False, include_plotlyjs=False, config=config, div_id=name))
