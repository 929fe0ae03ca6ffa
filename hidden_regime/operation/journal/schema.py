"""Tables of the journal. But for heartbeats and states nothing in them is ever changed: rows are added."""

VERSION = 1

SCHEMA = """
CREATE TABLE deployments (
    name TEXT PRIMARY KEY, made TEXT NOT NULL, spec TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT ''
);
CREATE TABLE runs (
    id INTEGER PRIMARY KEY, deployment TEXT NOT NULL, pid INTEGER NOT NULL, started TEXT NOT NULL, began TEXT NOT NULL,
    ended TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT ''
);
CREATE TABLE heartbeats (deployment TEXT PRIMARY KEY, at TEXT NOT NULL, market_time TEXT NOT NULL);
CREATE TABLE series (
    deployment TEXT NOT NULL, ticker TEXT NOT NULL, minutes INTEGER NOT NULL, days TEXT NOT NULL,
    PRIMARY KEY (deployment, ticker, minutes)
);
CREATE TABLE bars (
    deployment TEXT NOT NULL, ticker TEXT NOT NULL, minutes INTEGER NOT NULL, day TEXT NOT NULL, minute INTEGER NOT NULL,
    opened REAL NOT NULL, high REAL NOT NULL, low REAL NOT NULL, close REAL NOT NULL, volume REAL NOT NULL, scale REAL,
    slot TEXT NOT NULL,
    PRIMARY KEY (deployment, ticker, minutes, day, minute)
) WITHOUT ROWID;
CREATE TABLE listings (
    deployment TEXT NOT NULL, ticker TEXT NOT NULL, slot TEXT NOT NULL, told TEXT NOT NULL,
    PRIMARY KEY (deployment, ticker, slot)
);
CREATE TABLE slots (
    deployment TEXT NOT NULL, slot TEXT NOT NULL, at TEXT NOT NULL, silent TEXT NOT NULL, PRIMARY KEY (deployment, slot)
);
CREATE TABLE order_events (
    deployment TEXT NOT NULL, number INTEGER NOT NULL, market_time TEXT NOT NULL, told TEXT NOT NULL,
    PRIMARY KEY (deployment, number)
);
CREATE TABLE sent (deployment TEXT NOT NULL, number INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (deployment, number));
CREATE TABLE regimes (
    deployment TEXT NOT NULL, ticker TEXT NOT NULL, number INTEGER NOT NULL, time TEXT NOT NULL, regime TEXT NOT NULL,
    confidence REAL NOT NULL, PRIMARY KEY (deployment, ticker, number)
);
CREATE TABLE equity (
    deployment TEXT NOT NULL, number INTEGER NOT NULL, time TEXT NOT NULL, equity REAL NOT NULL,
    PRIMARY KEY (deployment, number)
);
CREATE TABLE lines (
    deployment TEXT NOT NULL, number INTEGER NOT NULL, line TEXT NOT NULL, PRIMARY KEY (deployment, number)
);
CREATE TABLE told (
    id INTEGER PRIMARY KEY, deployment TEXT NOT NULL, at TEXT NOT NULL, market_time TEXT NOT NULL, level TEXT NOT NULL,
    kind TEXT NOT NULL, said TEXT NOT NULL
);
CREATE TABLE proofs (
    id INTEGER PRIMARY KEY, digest TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, evidence TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE TABLE sign_offs (
    id INTEGER PRIMARY KEY, deployment TEXT NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL, signed_by TEXT NOT NULL,
    at TEXT NOT NULL
)
"""
