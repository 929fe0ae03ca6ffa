"""Where the `hidden-regime` command starts."""

from __future__ import annotations

from hidden_regime.cli import endings


def main() -> None:
    """Run the command."""
    with endings.told():
        from hidden_regime.cli.main import app

        app()
