"""Does a strategy know what it can't know yet? The future is cut off or changed, and no earlier order may notice."""
