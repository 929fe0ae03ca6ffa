"""`api` of a notebook: the cloud in the names that QuantConnect's research environment gives it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hidden_regime.data.offers import close_to
from hidden_regime.exceptions import ParameterError, UnsupportedError
from hidden_regime.simulator.spelling import by_keyword, snake

if TYPE_CHECKING:
    from hidden_regime.cloud.budget.budget import Budget
    from hidden_regime.cloud.client import QuantConnect
    from hidden_regime.cloud.endpoints.optimizations import Quote
    from hidden_regime.cloud.optimization_spec import OptimizationSpec
    from hidden_regime.cloud.records.account import Account
    from hidden_regime.cloud.records.backtests import Backtest
    from hidden_regime.cloud.records.optimizations import Optimization
    from hidden_regime.cloud.records.orders import Order
    from hidden_regime.cloud.records.projects import Compile, Project, ProjectFile

LEANS = frozenset({
    "broadcast_live_command", "create_live_algorithm", "create_live_command", "delete_object_store", "download_data",
    "get_object_store", "get_object_store_properties", "liquidate_live_algorithm", "list_live_algorithms",
    "list_object_store", "read_backtest_chart", "read_backtest_insights", "read_backtest_report", "read_data_directory",
    "read_data_link", "read_data_prices", "read_lean_versions", "read_live_algorithm", "read_live_chart",
    "read_live_insights", "read_live_logs", "read_live_orders", "read_live_portfolio", "read_organization",
    "read_project_nodes", "send_notification", "set_object_store", "stop_live_algorithm", "update_backtest",
    "update_backtest_tags", "update_optimization", "update_project_file_name", "update_project_nodes",
})  # fmt: skip
"""Calls of LEAN's api that this one leaves to the client, `api.client`."""


class Api:
    """QuantConnect's API, in both spellings of its names.

    Credentials are looked for when it is first used: QC_USER_ID and QC_API_TOKEN, or lean-cli's file; the server is the one
    that QC_API_URL names, else QuantConnect's. A failed call raises, where LEAN's gives an object with `success` false.

    Attributes
    ----------
    client : QuantConnect
        With all groups of the API.
    budget : Budget
        What a search may cost is set aside in it, and a backtest counted, before anything is sent.
    """

    def __init__(self, client: QuantConnect | None = None, budget: Budget | None = None) -> None:
        self._client, self._budget = client, budget

    @property
    def client(self) -> QuantConnect:
        """The client, opened when it is first needed."""
        if self._client is None:
            from hidden_regime.cloud.opening import open_client

            self._client = open_client()
        return self._client

    @property
    def budget(self) -> Budget:
        """The account's budget."""
        if self._budget is None:
            from hidden_regime.cloud.budget.budget import Budget

            self._budget = Budget(self.client.account_name)
        return self._budget

    def __getattr__(self, name: str) -> Any:
        plain = snake(name)
        if plain != name and hasattr(type(self), plain):
            return by_keyword(getattr(self, plain))
        if plain in LEANS:
            raise UnsupportedError(f"api.{name} exists in LEAN only. The same call is in one of the groups of api.client.")
        known = sorted(one for one in vars(type(self)) if not one.startswith("_"))
        raise AttributeError(f"api has no {name!r}.{close_to(plain, known)}")

    def __repr__(self) -> str:
        return "api of QuantConnect's cloud"

    # Projects and compilations -------------------------------------------------------------------------------------------
    def create_project(self, name: str, language: str = "Py", organization_id: str | None = None) -> Project:
        """A new project."""
        return self.client.projects.create(name, language=language, organization_id=organization_id)

    def read_project(self, project_id: int) -> Project:
        """A project."""
        return self.client.projects.read(project_id)

    def list_projects(self) -> tuple[Project, ...]:
        """All projects."""
        return self.client.projects.list()

    def delete_project(self, project_id: int) -> None:
        """Delete a project with all that is in it."""
        self.client.projects.delete(project_id)

    def add_project_file(self, project_id: int, name: str, content: str) -> None:
        """A new file of a project."""
        self.client.files.create(project_id, name, content)

    def update_project_file_content(self, project_id: int, file_name: str, new_file_contents: str) -> None:
        """Another content of a file."""
        self.client.files.update(project_id, file_name, new_file_contents)

    def read_project_file(self, project_id: int, file_name: str) -> ProjectFile:
        """A file of a project."""
        return self.client.files.read(project_id, file_name)

    def read_project_files(self, project_id: int) -> tuple[ProjectFile, ...]:
        """All files of a project."""
        return self.client.files.list(project_id)

    def delete_project_file(self, project_id: int, name: str) -> None:
        """Delete a file."""
        self.client.files.delete(project_id, name)

    def create_compile(self, project_id: int) -> Compile:
        """Begin to compile a project's files as they are now."""
        return self.client.compiles.create(project_id)

    def read_compile(self, project_id: int, compile_id: str) -> Compile:
        """How far a compilation is."""
        return self.client.compiles.read(project_id, compile_id)

    # Backtests -----------------------------------------------------------------------------------------------------------
    def create_backtest(
        self, project_id: int, compile_id: str, backtest_name: str, parameters: Mapping[str, Any] | None = None,
    ) -> Backtest:  # fmt: skip
        """Begin a backtest, exactly once. LEAN's call takes no parameters."""
        return self.client.backtests.create(project_id, compile_id, backtest_name, parameters, budget=self.budget)

    def read_backtest(self, project_id: int, backtest_id: str, get_charts: bool = True) -> Backtest:
        """A backtest, as far as it is: ask whether it is `done` before you believe its figures."""
        del get_charts  # the server gives their names alone
        return self.client.backtests.read(project_id, backtest_id)

    def wait_for_backtest(self, project_id: int, backtest_id: str, timeout: float = 3600.0) -> Backtest:
        """A backtest when it is over. LEAN's api has no such call."""
        return self.client.backtests.wait(project_id, backtest_id, timeout=timeout)

    def list_backtests(self, project_id: int, include_statistics: bool = True) -> tuple[Backtest, ...]:
        """Backtests of a project."""
        return self.client.backtests.list(project_id, statistics=include_statistics)

    def read_backtest_orders(self, project_id: int, backtest_id: str) -> list[Order]:
        """All orders of a backtest."""
        return list(self.client.backtests.orders(project_id, backtest_id))

    def delete_backtest(self, project_id: int, backtest_id: str) -> None:
        """Delete a backtest."""
        self.client.backtests.delete(project_id, backtest_id)

    # Optimisations -------------------------------------------------------------------------------------------------------
    def estimate_optimization(
        self, project_id: int, name: str, target: str, target_to: str, target_value: float | None, strategy: str,
        compile_id: str, parameters: Any, constraints: Iterable[Any] = (),
    ) -> Quote:  # fmt: skip
        """What a search may cost. Parameters as of `create_optimization`."""
        spec = _spec(project_id, name, target, target_to, target_value, strategy, compile_id, parameters, constraints)
        return self.client.optimizations.estimate(spec)

    def create_optimization(
        self, project_id: int, name: str, target: str, target_to: str, target_value: float | None, strategy: str,
        compile_id: str, parameters: Any, constraints: Iterable[Any] = (), estimated_cost: float | None = None,
        node_type: str = "O2-8", parallel_nodes: int = 1,
    ) -> Optimization:  # fmt: skip
        """Begin a search, exactly once, if the budget leaves room for it.

        Parameters
        ----------
        target, target_to
            "Sharpe Ratio" or "TotalPerformance.PortfolioStatistics.SharpeRatio"; "max" or "min".
        strategy : str
            Empty for the grid.
        parameters : mapping or list
            {"fast": "5:15:5"}, or [{"name": "fast", "min": 5, "max": 15, "step": 5}].
        constraints : iterable of str
            Such as "Drawdown <= 25%".
        estimated_cost : float, optional
            Dollars. Where the server estimates more, nothing is sent.

        Raises
        ------
        BudgetExceeded
            Nothing was sent.
        """
        from hidden_regime.cloud.errors import BudgetExceeded

        spec = _spec(
            project_id, name, target, target_to, target_value, strategy, compile_id, parameters, constraints, node_type,
            parallel_nodes,
        )  # fmt: skip
        if estimated_cost is not None:
            dollars = self.client.optimizations.estimate(spec).dollars
            if dollars > estimated_cost:
                raise BudgetExceeded(
                    f"{name} may cost ${dollars:,.2f}, more than estimated_cost = {estimated_cost}. Nothing was sent.",
                    "optimizations/create",
                )
        return self.client.optimizations.create(spec, self.budget)

    def read_optimization(self, optimization_id: str) -> Optimization:
        """A search with its backtests, as far as it is."""
        return self.client.optimizations.read(optimization_id)

    def wait_for_optimization(self, optimization_id: str, timeout: float = 86_400.0) -> Optimization:
        """A search when it is over, and booked. LEAN's api has no such call."""
        return self.client.optimizations.wait(optimization_id, timeout=timeout, budget=self.budget)

    def list_optimizations(self, project_id: int) -> tuple[Optimization, ...]:
        """Searches of a project."""
        return self.client.optimizations.list(project_id)

    def abort_optimization(self, optimization_id: str) -> None:
        """Stop a search; what it consumed is charged."""
        self.client.optimizations.abort(optimization_id)

    def delete_optimization(self, optimization_id: str) -> None:
        """Delete a search."""
        self.client.optimizations.delete(optimization_id)

    def read_account(self) -> Account:
        """Whose credit it is, and how much."""
        return self.client.account.read()


def _spec(project_id: int, name: str, target: str, target_to: str, target_value: float | None, strategy: str, compile_id: str,
          parameters: Any, constraints: Iterable[Any], node_type: str = "O2-8",
          parallel_nodes: int = 1) -> OptimizationSpec:  # fmt: skip
    from hidden_regime.cloud.optimization_spec import OptimizationSpec
    from hidden_regime.cloud.records.optimizations import Strategy
    from hidden_regime.experiments.constraint import Constraint
    from hidden_regime.experiments.objective import Objective
    from hidden_regime.experiments.space import Space

    limits = tuple(one if isinstance(one, Constraint) else Constraint.parse(one) for one in constraints)
    return OptimizationSpec(
        project_id, compile_id, name, Space.of(_ranges(parameters)), Objective(target, target_to, target_value), limits,
        strategy or Strategy.GRID_SEARCH, node_type, parallel_nodes,
    )  # fmt: skip


def _ranges(parameters: Any) -> Any:
    """LEAN's list of parameters as the mapping that a space is made of; anything else as it is."""
    if isinstance(parameters, Mapping) or not isinstance(parameters, (list, tuple, set, frozenset)):
        return parameters
    if not all(isinstance(one, Mapping) for one in parameters):
        return tuple(parameters)
    try:
        return {str(one["name"]): f"{one['min']}:{one['max']}:{one['step']}" for one in parameters}
    except KeyError as error:
        raise ParameterError("parameters", parameters, f"{error} of each") from None
