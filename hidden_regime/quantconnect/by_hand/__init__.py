"""What strategies use that do by themselves what the algorithm classes do: settings, bars, signals, caches, batches, times."""
