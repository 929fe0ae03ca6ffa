"""The line of carets under a failing line of source, as Python 3.11 draws it.

LEAN runs Python 3.11 and shows its tracebacks. Newer Pythons draw other lines (several lines of a statement, other marks), so
it is drawn here from where the compiler says the error was; only where a newer compiler places it elsewhere it differs.
"""

from __future__ import annotations

import ast
import linecache
import warnings
from contextlib import suppress
from traceback import FrameSummary


def _characters(text: str, offset: int) -> int:
    """Characters in so many bytes."""
    return len(text.encode()[:offset].decode(errors="replace"))


def _anchors(segment: str) -> tuple[int, int] | None:
    """Begin and end of an operator or of a subscript: what is pointed at within a segment."""
    with suppress(SyntaxError, ValueError, RecursionError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        match ast.parse(segment).body:
            case [ast.Expr(ast.BinOp(left=left, right=right))]:
                begin, end = _characters(segment, left.end_col_offset or 0), _characters(segment, right.col_offset)
                between = segment[begin:end]
                gap = len(between) - len(between.lstrip())
                place = (left.end_col_offset or 0) + gap
                wide = gap + 1 < len(between) and not between[gap + 1].isspace()
                return _characters(segment, place), _characters(segment, place + 1 + wide)
            case [ast.Expr(ast.Subscript(value=value, slice=inner))]:
                return _characters(segment, value.end_col_offset or 0), _characters(segment, (inner.end_col_offset or 0) + 1)
    return None


def carets(frame: FrameSummary) -> str:
    """Marks for under a frame's line of source, begun where that begins; empty where Python 3.11 draws none."""
    line = linecache.getline(frame.filename, frame.lineno or 0)
    shown = line.strip()
    if not shown or frame.colno is None or frame.end_colno is None:
        return ""
    # The line break counts among the characters that are stripped, and makes up for columns that begin at one.
    stripped = len(line) - len(shown)
    begin, end = _characters(line, frame.colno) + 1, _characters(line, frame.end_colno) + 1
    anchors = None
    if frame.lineno == frame.end_lineno:
        anchors = _anchors(line[begin - 1 : end - 1])
    else:
        end = stripped + len(shown)
    width = end - begin
    if width >= len(shown) and not (anchors and anchors[1] > anchors[0]):
        return ""
    if anchors is None:
        marks = "^" * width
    else:
        left, right = anchors
        marks = "~" * left + "^" * (right - left) + "~" * (width - right)
    return " " * (begin - stripped) + marks
