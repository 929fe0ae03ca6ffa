"""The status page: all deployments of a workspace, for the machine's own browser."""
