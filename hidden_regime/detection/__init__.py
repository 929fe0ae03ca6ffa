"""One asset, or many together: bars in, regimes out.

At a bar `prepare` makes the trainings that are due, `accept` takes their results into use, `advance` filters the bar and names
the regime: the same arithmetic for one detector and for many, with a leading axis. A detector's numbers depend on no other
detector in the call.
"""
