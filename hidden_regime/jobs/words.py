"""The words of campaigns: steps, places, states, gates."""

from __future__ import annotations

PULL, BASELINE, WORTH, LOOKAHEAD = "pull", "baseline", "worth", "lookahead"
OPTIMISE, BEST, WALK_FORWARD, CANDIDATE = "optimise", "best", "walk-forward", "candidate"
VALIDATE, VERDICT = "validate", "verdict"

RUNNING_STEPS = (PULL, BASELINE, LOOKAHEAD, OPTIMISE, WALK_FORWARD, VALIDATE)
"""Steps that run something: a gate may stand before each."""
DECISIONS = (WORTH, BEST, CANDIDATE, VERDICT)
"""Steps that apply a rule to the figures of earlier ones."""
SKIPPABLE = (LOOKAHEAD, OPTIMISE, WALK_FORWARD)

EMBEDDED, LEAN, CLOUD, NOWHERE = "embedded", "lean", "cloud", "none"
PLACES = (EMBEDDED, LEAN, CLOUD)

AUTONOMOUS, MANUAL, DRY = "autonomous", "manual", "dry"
MODES = (AUTONOMOUS, MANUAL, DRY)

PLANNED, WAITING, RUNNING, SUBMITTING, SUBMITTED = "planned", "waiting", "running", "submitting", "submitted"
DONE, FAILED, UNCLEAR, CANCELLED, SKIPPED = "done", "failed", "unclear", "cancelled", "skipped"
TAKEN = (RUNNING, SUBMITTING, SUBMITTED)
"""Somebody works on the step, or did when it was killed."""
BLOCKED = (FAILED, UNCLEAR, CANCELLED)
"""Nothing follows such a step until somebody retries it."""

ACCEPTED, REJECTED = "accepted", "rejected"
