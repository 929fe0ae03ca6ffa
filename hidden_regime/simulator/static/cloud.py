"""What LEAN's tools and QuantConnect's cloud take of a project's files."""

SKIPPED = ("bin", "obj", "backtests", "live", "optimizations", "storage", "report")
"""Folders that LEAN's tools skip."""
LARGEST = 32_000
"""Bytes of a file on the free tier."""
