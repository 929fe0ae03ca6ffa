"""The mistakes: where, what stands there, what stands there instead, and the tests that must see it.

The first twelve are known to have passed every test once.
"""

from __future__ import annotations

from typing import NamedTuple

from hidden_regime import kernels


class Edit(NamedTuple):
    """A mistake in a file of the package, where `text` stands exactly once; `tests` by pytest's names."""

    name: str
    path: str
    text: str
    instead: str
    tests: tuple[str, ...]


BACKEND = kernels.available()[0]
GOLDEN = "tests/golden/test_golden.py::test_answers_are_those_that_were_kept"
LEAN = "tests/simulator/test_lean_cases.py::test_the_engine_answers_like_lean"

EDITS = (
    Edit(
        "memory decays once a training", "detection/prepare.py", "0.5 ** (left / course.options.memory)", "0.5 ** (1 / course.options.memory)",
        ("tests/detection/test_steps.py::test_memory_halves_with_the_bars_that_leave_and_not_with_the_trainings",)),
    Edit(
        "the margin holds no challenger back", "models/choice.py", "lead = task.margin if best == first else 0.0", "lead = 0.0",
        ("tests/models/test_training.py::test_a_challenger_must_win_by_the_margin",)),
    Edit(
        "memory doesn't count for names and notes", "detection/accept.py", "summed(smoothed, 1) + remembered", "summed(smoothed, 1)",
        ("tests/detection/test_detector.py::test_a_state_that_only_memory_knows_is_not_empty",)),
    Edit(
        "states that differ are the same", "regimes/identity.py", "CLOSEST, TOLD, LEAST = 0.1,", "CLOSEST, TOLD, LEAST = 1.0,",
        ("tests/regimes/test_naming_and_identity.py::test_states_are_the_same_within_a_twentieth_of_a_nat",)),
    Edit(
        "means are told apart too soon", "regimes/naming.py", "CLEAR = 3.0",
        "CLEAR = 2.0",
        ("tests/regimes/test_naming_and_identity.py::test_means_are_told_apart_from_three_standard_errors_on", f"{GOLDEN}[four_states-{BACKEND}]")),
    Edit(
        "keys know no shapes and types", "cache/key.py", "None if part is None else (part.dtype.str, part.shape)", "part is None",
        ("tests/cache/test_cache.py::test_equal_bytes_in_another_shape_are_another_key",
         "tests/cache/test_cache.py::test_equal_bytes_of_another_type_are_another_key")),
    Edit(
        "keys don't know which table", "cache/key.py", "shapes.append((name, ", "shapes.append((",
        ("tests/cache/test_cache.py::test_equal_bytes_in_another_table_are_another_key",)),
    Edit(
        "bic counts whole rows only", "models/base.py", "n = int((~np.isnan(self._rows(X)).all(axis=1)).sum())",
        "n = int((~np.isnan(self._rows(X)).any(axis=1)).sum())",
        ("tests/models/test_gaussian.py::test_bic_counts_the_rows_that_hold_anything",)),
    Edit(
        "cents from five dollars on", "simulator/account/security.py", "CENT if price >= ONE else FRACTION",
        "CENT if price >= ONE * SystemDecimal(5) else FRACTION",
        ("tests/simulator/test_raw_prices.py",)),
    Edit(
        "a confidence at the limit is too small", "signals/signal.py", "believed = confidence >= min_confidence",
        "believed = confidence > min_confidence",
        ("tests/test_small_rooms.py::test_a_confidence_exactly_at_the_limit_is_believed",)),
    Edit(
        "a lead at the limit is enough", "regimes/persistence.py", "probabilities[present] <= self.hysteresis",
        "probabilities[present] < self.hysteresis", ("tests/regimes/test_persistence.py::test_a_lead_exactly_at_the_limit_is_none",)),
    Edit(
        "a start's groups have no ridge", "models/initialisation.py", "products / len(members) + 1e-2 * np.diag(overall)",
        "products / len(members)",
        ("tests/models/test_training.py::test_a_starts_states_have_their_groups_moments_and_a_hundredth_of_the_whole",)),
    Edit(
        "variance of a forecast about zero", "models/forecast.py", "self.probabilities @ within - self.mean**2",
        "self.probabilities @ within", ("tests/models/test_forecast.py::test_a_forecast_is_what_simulation_gives",)),
    Edit(
        "a Student-t's exponent", "models/emissions/student_t.py", "constants - 0.5 * (nu + d) * np.log1p(pattern.distance / nu)",
        "constants - 0.5 * nu * np.log1p(pattern.distance / nu)", ("tests/models/test_student_t.py::test_the_density_is_scipys",)),
    Edit(
        "challengers wait a bar longer", "detection/prepare.py", "course.bars_since_challenge >= course.options.challenge_every",
        "course.bars_since_challenge > course.options.challenge_every", ("tests/detection/test_steps.py::test_challengers_run_only_so_often",)),
    Edit(
        "a regime's duration stands still", "detection/advance.py", "duration + 1 if goes_on else 1,",
        "duration if goes_on else 1,", (f"{GOLDEN}[halted-{BACKEND}]",)),
    Edit(
        "wild is better than calm", "regimes/naming.py", "sd[:, :, None] < sd[:, None]", "sd[:, :, None] > sd[:, None]",
        ("tests/regimes/test_naming_and_identity.py::test_means_that_cannot_be_told_apart_are_ranked_by_volatility",)),
    Edit(
        "quarters that begin in March", "detection/schedule.py", "4 * t.year + (t.month - 1) // 3", "4 * t.year + t.month // 3",
        ("tests/detection/test_schedule.py::test_each_period_trains_once_on_its_first_session",)),
    Edit(
        "Page's sum without its slack", "detection/drift.py", "(self.mean - log_density) / max(self.sd, 1e-12) - SLACK",
        "(self.mean - log_density) / max(self.sd, 1e-12)",
        ("tests/detection/test_schedule.py::test_the_drift_is_pages_sum",)),
    Edit(
        "another key's entry is taken", "cache/entry.py", '(head["format"], head["kernels"], head["key"])', '(head["format"], head["kernels"], key)',
        ("tests/cache/test_cache.py::test_damage_is_noticed_wherever_it_is",)),
    Edit(
        "memory drops what was used last", "cache/stores/memory.py", "popitem(last=False)", "popitem(last=True)",
        ("tests/cache/test_stores.py::test_memory_drops_what_was_unused_for_longest",)),
    Edit(
        "variances of a whole population", "simulator/figures/portfolio.py", "float(values.var(ddof=1))", "float(values.var(ddof=0))",
        (f"{LEAN}[r03_long_short_flips]",)),
    Edit(
        "no better price at a gap", "simulator/orders/kinds/limit.py", 'Fill(bar.open, gap("a favorable", bar)) if bar.open < self.limit_price',
        "Fill(self.limit_price) if bar.open < self.limit_price",
        (f"{LEAN}[f01_random_1]",)),
    Edit(
        "wash sales of 29 days", "operation/tax/book.py", "timedelta(days=30)", "timedelta(days=29)",
        ("tests/operation/tax/test_lots.py::test_thirty_days_both_ways",)),
    Edit(
        "long after a year to the day", "operation/tax/term.py", "begin = held_since + timedelta(days=1)", "begin = held_since",
        ("tests/operation/tax/test_lots.py::test_long_is_more_than_a_year",)),
    Edit(
        "weights that know their first day", "operation/portfolio/building.py", "past = returns[begin:end]", "past = returns[begin : end + 1]",
        ("tests/operation/portfolio/test_weights.py::test_a_changed_future_leaves_past_weights_alone",)),
    Edit(
        "apprise's None is no failure", "operation/alerts/sending.py", 'return "" if bool(done) else REFUSED', 'return REFUSED if done is False else ""',
        ("tests/operation/alerts/test_arrivals.py::test_what_was_not_taken_is_told_without_the_address",)),
    Edit(
        "a dollar for no fee", "simulator/models/fees.py", "if by_share < 1.0 else", "if by_share < 0.5 else",
        (f"{LEAN}[r03_long_short_flips]",)),
    Edit(
        "labels that end in a test train", "learning/splits/base.py", "(labels.t0 <= end) & (labels.t1 >= begin)",
        "(labels.t0 <= end) & (labels.t0 >= begin)", ("tests/learning/test_splits.py::test_purged_folds_by_brute_force",)),
    Edit(
        "a strategy's columns begin at its window", "quantconnect/feeding.py", "if tracked.origin is not None or not tracked.length.is_daily else",
        "if not tracked.length.is_daily else",
        ("tests/quantconnect/learned/test_learned_model.py::test_rows_and_predictions_are_those_of_research_bit_for_bit",)),
    Edit(
        "a coin's bar is hidden when it begins", "experiments/lookahead/pairs.py", "(starts + minutes > minutes_of(future.moment))",
        "(starts > minutes_of(future.moment))",
        ("tests/experiments/lookahead/test_pairs.py::test_what_was_known_stays_and_the_rest_does_not",)),
    Edit(
        "days of New York are days of UTC", "data/pairs/reading.py", "        _check_zone(index, what)", "        pass",
        ("tests/data/pairs/test_reading.py::test_what_is_no_such_table_is_refused",)),
)  # fmt: skip
