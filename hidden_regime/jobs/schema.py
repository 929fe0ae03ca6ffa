"""The tables of the store of jobs."""

from __future__ import annotations

VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS campaigns (name TEXT PRIMARY KEY, path TEXT NOT NULL, spec_hash TEXT NOT NULL,
    commit_hash TEXT NOT NULL DEFAULT '', at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS steps (
    id INTEGER PRIMARY KEY, campaign TEXT NOT NULL, hypothesis TEXT NOT NULL, name TEXT NOT NULL, place TEXT NOT NULL,
    hypothesis_position INTEGER NOT NULL, position INTEGER NOT NULL, spec_hash TEXT NOT NULL, state TEXT NOT NULL,
    generation INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0, deaths INTEGER NOT NULL DEFAULT 0,
    owner TEXT NOT NULL DEFAULT '', until REAL NOT NULL DEFAULT 0, remote TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', UNIQUE (campaign, hypothesis, name)) STRICT;
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, campaign TEXT NOT NULL, hypothesis TEXT NOT NULL, step TEXT NOT NULL, at REAL NOT NULL,
    kind TEXT NOT NULL, said TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS approvals (
    campaign TEXT, hypothesis TEXT, step TEXT, spec_hash TEXT, at REAL NOT NULL,
    PRIMARY KEY (campaign, hypothesis, step, spec_hash)) STRICT;
CREATE TABLE IF NOT EXISTS spend (campaign TEXT, name TEXT, credits INTEGER NOT NULL, PRIMARY KEY (campaign, name)) STRICT;
CREATE TRIGGER IF NOT EXISTS events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER IF NOT EXISTS events_last BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never removed'); END
"""
