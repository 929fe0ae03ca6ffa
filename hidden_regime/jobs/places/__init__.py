"""Where strategies run: the embedded engine, LEAN on this machine, the cloud."""
