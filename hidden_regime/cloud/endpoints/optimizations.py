"""Optimisations: estimated, paid for out of a budget, begun once, watched."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hidden_regime.cloud.creating import PAID_LOOKS, create_once, is_absent, unique_name
from hidden_regime.cloud.endpoints.group import Group
from hidden_regime.cloud.errors import BudgetExceeded, NotFound, QCError, RequestRefused, RunFailed, ServerError, Waiting
from hidden_regime.cloud.optimization_spec import OptimizationSpec
from hidden_regime.cloud.pricing import CREDITS, NODE_PRICES, optimization_cost
from hidden_regime.cloud.records.optimizations import Estimate, Optimization, read_estimate, read_optimizations
from hidden_regime.cloud.transport import PATIENCE
from hidden_regime.cloud.waiting import begun, pauses
from hidden_regime.exceptions import ParameterError

if TYPE_CHECKING:
    from hidden_regime.cloud.budget.budget import Budget
    from hidden_regime.cloud.budget.ledger import Entry

Entries = list["Entry"]
DEAREST = 1e9
"""Dollars that an optimisation may have consumed."""
LONGEST = 1e8
"""Seconds that an estimate may be: three years."""
OVERRUN = 1.5
"""An optimisation that has consumed so many times its estimate is aborted."""


@dataclass(frozen=True)
class Quote:
    """What an optimisation may cost.

    Attributes
    ----------
    estimate : Estimate
        The server's.
    n_backtests : int
    dollars : float
        With `time` as that of one backtest: the dearer of the two readings that there are.
    """

    estimate: Estimate
    n_backtests: int
    dollars: float

    @property
    def credits(self) -> int:
        """QCC, rounded up."""
        return math.ceil(round(self.dollars * CREDITS, 6))


class OptimizationsGroup(Group):
    """Optimisations."""

    def estimate(self, spec: OptimizationSpec, *, price: float | None = None) -> Quote:
        """What a search may cost. It is free to ask, and takes one finished backtest of the project.

        Parameters
        ----------
        spec : OptimizationSpec
        price : float, optional
            Dollars an hour of a node. Default: `pricing.NODE_PRICES`.
        """
        hourly = NODE_PRICES.get(str(spec.node_type)) if price is None else price
        if hourly is None:
            expected = f"dollars an hour of a node {spec.node_type}"
            raise ParameterError("price", None, expected, f"Known: {', '.join(NODE_PRICES)}.")
        found = read_estimate(self.transport.call("optimizations/estimate", spec.fields()))
        if found.time is None or not 0 <= found.time <= LONGEST:
            told = found.raw.get("time")
            raise RunFailed(
                f"optimizations/estimate: the server gave no time that can be ({str(told)[:50]}), so nobody knows the cost. "
                "Nothing was sent. Run a backtest of the project, then try again.", "optimizations/estimate",
            )  # fmt: skip
        return Quote(found, spec.n_backtests, optimization_cost(found.time, spec.n_backtests, hourly))

    def create(self, spec: OptimizationSpec, budget: Budget, *, key: str | None = None, price: float | None = None,
               patience: float = PATIENCE) -> Optimization:  # fmt: skip
        """Begin an optimisation, exactly once, if a budget leaves room for it.

        Parameters
        ----------
        spec : OptimizationSpec
        budget : Budget
            What it may cost is set aside in it before anything is sent.
        key : str, optional
            Eight digits behind the name. Given again, after a crash say, they find the optimisation that was begun, and what
            was set aside for it.
        price : float, optional
            As of `estimate`.
        patience : float
            Seconds to wait for capacity.

        Raises
        ------
        BudgetExceeded
            Nothing was sent.
        NotFound
            The one that was begun with this key was deleted.
        Unclear
            Nobody can say whether it was begun: what was set aside stays so until `settle`.
        """
        name = unique_name(spec.name, key)
        if key is not None and (found := self._begun_before(spec.project_id, name, budget)) is not None:
            return found
        quote = self.estimate(spec, price=price)
        entry = budget.reserve("optimization", quote.credits, name, project=spec.project_id)
        # The true cost, which lean-cli doesn't tell: a server that charges more than this says so.
        fields = spec.fields(name) | {
            "estimatedCost": quote.dollars, "nodeType": str(spec.node_type), "parallelNodes": spec.parallel_nodes,
        }  # fmt: skip
        budget.submitting(entry)
        try:
            made = create_once(
                "optimizations/create", name, lambda: self._send(fields, patience), lambda: self.find(spec.project_id, name),
                self.transport, identity=lambda one: one.optimization_id, looks=PAID_LOOKS,
            )  # fmt: skip
        except QCError as error:
            if is_absent(error):
                budget.free(entry)
            raise
        budget.submitted(entry, made.optimization_id)
        return made

    def _begun_before(self, project_id: int, name: str, budget: Budget) -> Optimization | None:
        """What an earlier call with the same key began, be it that its process was killed before it could note so."""
        entry = budget.entry(name)
        if entry is not None and entry.remote:  # the list may be late
            try:
                return self.read(entry.remote)
            except NotFound as error:
                what = f"{error.text} It was begun with this key as {entry.remote}, and deleted since: give another key."
                raise NotFound(what, error.endpoint, error.errors) from error
        found = self.find(project_id, name)
        if found is not None and entry is not None:
            budget.submitted(entry, found.optimization_id)
        return found

    def _send(self, fields: Mapping[str, Any], patience: float) -> Optimization:
        reply = self.transport.call("optimizations/create", fields, repeatable=False, patience=patience)
        found = read_optimizations(reply)
        return found[0] if found else Optimization()

    def read(self, optimization_id: str) -> Optimization:
        """An optimisation with its backtests."""
        found = read_optimizations(self.call("optimizations/read", optimizationId=optimization_id))
        if not found:
            what = (
                f"optimizations/read: the reply holds no optimisation, where {optimization_id!r} was asked for. Ask again later."
            )
            raise ServerError(what, "optimizations/read")
        return found[0]

    def list(self, project_id: int) -> tuple[Optimization, ...]:
        """Optimisations of a project, with few fields."""
        return read_optimizations(self.call("optimizations/list", projectId=project_id))

    def find(self, project_id: int, name: str) -> Optimization | None:
        """The optimisation of a name, if there is one."""
        return next((one for one in self.list(project_id) if one.name == name), None)

    def update(self, optimization_id: str, name: str) -> None:
        """Another name."""
        self.call("optimizations/update", optimizationId=optimization_id, name=name)

    def abort(self, optimization_id: str) -> None:
        """Stop one; what it consumed until then is charged."""
        try:
            self.call("optimizations/abort", optimizationId=optimization_id)
        except RequestRefused as error:
            # An earlier try, whose reply was lost, may have stopped it.
            if not (error.resent and self.read(optimization_id).done):
                raise

    def delete(self, optimization_id: str) -> None:
        """Delete one."""
        self.call_off("optimizations/delete", optimizationId=optimization_id)

    def wait(self, optimization_id: str, *, timeout: float, budget: Budget | None = None,
             progress: Callable[[Optimization], None] | None = None) -> Optimization:  # fmt: skip
        """An optimisation when it is over.

        Parameters
        ----------
        optimization_id : str
        timeout : float
            Seconds.
        budget : Budget, optional
            In which it is booked, and by which it is aborted where it consumes 1.5 times what was set aside.
        progress : callable, optional
            Told of each state of it.

        Raises
        ------
        Waiting
            Past the timeout, or the server doesn't answer any more; it goes on.
        BudgetExceeded
            It was aborted. What it consumed is booked.
        """
        entry = None if budget is None else next((one for one in budget.entries() if one.remote == optimization_id), None)
        until = self.transport.clock() + timeout
        for pause in pauses():
            with begun(f"optimization {optimization_id}"):
                found = self.read(optimization_id)
            if progress is not None:
                progress(found)
            if found.done:
                if budget is not None and entry is not None:
                    budget.book(entry, consumed(found, entry))
                return found
            if budget is not None and entry is not None:
                self._check_overrun(found, budget, entry)
            if self.transport.clock() + pause > until:
                raise Waiting(f"optimization {optimization_id} isn't over after {timeout:,.0f} s and goes on in the cloud.")
            self.transport.sleep(pause)
        raise AssertionError("unreachable")

    def _check_overrun(self, found: Optimization, budget: Budget, entry: Entry) -> None:
        used = found.runtime_statistics.consumed
        if used is None or used * CREDITS <= OVERRUN * entry.reserved:
            return
        self.abort(found.optimization_id)
        ended = self.read(found.optimization_id)
        if ended.done:
            budget.book(entry, consumed(ended, entry))
        booked = "what it consumed is booked" if ended.done else "it isn't over yet: settle books what it consumed"
        raise BudgetExceeded(
            f"optimization {found.optimization_id} consumed {used * CREDITS:,.0f} QCC where {entry.reserved} were estimated: "
            f"it was aborted, and {booked}. Make the grid smaller, or raise the limit of a job.",
            "optimizations/abort",
        )

    def settle(self, budget: Budget, *, older: float = 3600.0) -> Entries:
        """Look up what a killed process left open: what is in the cloud is noted or booked, what isn't is given back.

        Parameters
        ----------
        budget : Budget
        older : float
            Seconds from which on a job that is being sent belongs to a process that is no more.

        Returns
        -------
        list of Entry
            Those that stay open: they run.
        """
        for entry in budget.entries(states=("reserved", "submitting", "submitted")):
            if entry.kind != "optimization" or entry.project is None:
                continue
            if entry.state != "submitted" and budget.clock() - entry.at < older:
                continue
            if entry.state == "reserved":  # nothing is sent before it is marked as submitting
                budget.free(entry)
                continue
            try:
                listed = None if entry.remote else self.find(entry.project, entry.name)
                remote = entry.remote or (listed.optimization_id if listed is not None else "")
                found = self.read(remote) if remote else None
            except NotFound:
                # It was deleted, or its project was, and what it consumed can't be read any more.
                budget.book(entry, entry.reserved)
                continue
            if found is None:
                budget.free(entry)
                continue
            budget.submitted(entry, remote)
            if found.done:
                budget.book(entry, consumed(found, entry))
        return budget.entries(states=("reserved", "submitting", "submitted"))


def consumed(found: Optimization, entry: Entry) -> int:
    """QCC that an optimisation consumed, rounded up; what was set aside where the server doesn't say, or says what can't be."""
    used = found.runtime_statistics.consumed
    return entry.reserved if used is None or not 0 <= used <= DEAREST else math.ceil(round(used * CREDITS, 6))
