"""The tables of alerts, in whatever SQLite file is handed in."""

from __future__ import annotations

SCHEMA = """
CREATE TABLE IF NOT EXISTS alerts (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL,
    not_on TEXT NOT NULL DEFAULT '', same_as INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS tries (
    id INTEGER PRIMARY KEY, alert INTEGER NOT NULL, sink TEXT NOT NULL, at REAL NOT NULL, message TEXT NOT NULL,
    state TEXT NOT NULL, said TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX IF NOT EXISTS tries_of_alerts ON tries (alert, sink, state);
CREATE INDEX IF NOT EXISTS tries_of_sinks ON tries (sink, state, at);
CREATE INDEX IF NOT EXISTS alerts_by_time ON alerts (at)
"""
"""`same_as` is null until a sender has looked, 0 of an alert of its own, else the alert that it repeats."""

BEGUN, SENT, FAILED, DIED = "begun", "sent", "failed", "died"
"""States of a try: a sender that is killed in the middle leaves one begun, which the next sender calls died."""
