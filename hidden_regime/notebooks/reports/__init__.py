"""What a notebook reports, by name, and reads of it."""

from hidden_regime.notebooks.reports.reading import read_report
from hidden_regime.notebooks.reports.report import Failure, Report
from hidden_regime.notebooks.reports.reporting import report

__all__ = ["Failure", "Report", "read_report", "report"]
