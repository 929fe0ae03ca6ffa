"""The kind of output in which values and failures stand in a notebook, for programs alone."""

from __future__ import annotations

MIME = "application/vnd.hidden-regime+json"
METADATA = "hidden_regime"
"""Where an executed notebook says how it was run."""
