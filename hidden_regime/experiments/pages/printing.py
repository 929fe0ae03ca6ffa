"""A page on paper, by the browser that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from hidden_regime.exceptions import MissingDependencyError, StudyError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge")
ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
"""Where browsers are that no search path leads to."""
PATIENCE = 120.0


def browser() -> str | None:
    """A browser that can print by itself; None where there is none."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return found or next((path for path in ELSEWHERE if Path(path).is_file()), None)


def print_page(page: Path) -> Path:
    """Print a page into a PDF beside it, as its style for paper has it.

    Raises
    ------
    MissingDependencyError
        No browser was found.
    StudyError
        The browser printed nothing.
    """
    program = browser()
    if program is None:
        raise MissingDependencyError(
            f"--pdf needs Chromium, Chrome or Edge: install one, or open {page} in any browser and print it."
        )
    target = page.with_suffix(".pdf")
    with TemporaryDirectory() as profile:
        made = Path(profile) / "page.pdf"
        # As root a browser only runs without its sandbox; the page is this package's own and loads nothing.
        root = ["--no-sandbox"] if sys.platform == "linux" and os.geteuid() == 0 else []
        call = [program, "--headless", "--disable-gpu", *root, f"--user-data-dir={profile}/profile", "--no-pdf-header-footer",
                f"--print-to-pdf={made}", page.resolve().as_uri()]  # fmt: skip
        try:
            subprocess.run(call, check=False, capture_output=True, timeout=PATIENCE)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise StudyError(f"{program} can't print {page} ({type(error).__name__}). Open it and print it by hand.") from error
        if not made.is_file() or not made.stat().st_size:
            raise StudyError(f"{program} printed nothing of {page}. Open it and print it by hand.")
        shutil.copyfile(made, target)
    return target
