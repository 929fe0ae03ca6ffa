"""Small tables for notebooks, in plain HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table with a title; its cells are escaped. The first column is a heading, the others are numbers on the right."""
    head = "".join(f"<th>{escape(str(name))}</th>" for name in columns)
    body = "".join(
        "<tr>"
        + "".join(
            f"<{tag} style='text-align:{'left' if tag == 'th' else 'right'}'>{escape(cell(value))}</{tag}>"
            for tag, value in zip(["th", *["td"] * len(row)], row, strict=False)
        )
        + "</tr>"
        for row in rows
    )
    said = f"<p><b>{escape(title)}</b></p>" if title else ""
    return f"<div>{said}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def facts(title: str, values: Mapping[str, object]) -> str:
    """Names and values, a row each."""
    return table(title, ("", ""), values.items())


def cell(value: object) -> str:
    """A value as text, numbers to four digits."""
    if isinstance(value, bool) or value is None or isinstance(value, (str, int)):
        return str(value)
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value)
    return f"{number:.4g}"
