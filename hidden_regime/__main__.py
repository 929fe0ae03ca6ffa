"""`python -m hidden_regime` is the `hidden-regime` command."""

from hidden_regime.cli.main import main

main()
