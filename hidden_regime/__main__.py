"""`python -m hidden_regime` is the `hidden-regime` command."""

from hidden_regime.cli.start import main

main()
