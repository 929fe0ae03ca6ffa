"""Range, cash, models, parameters: what `initialize` sets."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hidden_regime.data.zones import zone_of
from hidden_regime.exceptions import ParameterError, RegimeError
from hidden_regime.simulator.binding import bound
from hidden_regime.simulator.core import LAST_MOMENT, Core
from hidden_regime.simulator.enums import AccountType, Resolution, SecurityType
from hidden_regime.simulator.failures import ArgumentException, InvalidOperationException
from hidden_regime.simulator.figures.benchmarks import FuncBenchmark, RunBenchmark, SecurityBenchmark
from hidden_regime.simulator.members.assigning import HOLDS, refusing
from hidden_regime.simulator.models import brokers
from hidden_regime.simulator.models.brokerages import market_of
from hidden_regime.simulator.models.initializers import (
    BrokerageModelSecurityInitializer,
    CompositeSecurityInitializer,
    FuncSecurityInitializer,
)
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.orders.properties import OrderProperties
from hidden_regime.simulator.rounding import plain
from hidden_regime.simulator.settings import Settings

LOCKED = "Cannot call {name}() after algorithm initialized."
FULL = "Warning: AddTag({tag}): Unable to add tag. Tags are limited to a maximum of {most}."
CUT = "Warning: The tags collection cannot contain more than {most} items. It will be truncated."
BROKER_TOO_LATE = (
    "Warning: SetBrokerageModel(): a custom security initializer has been added. Please call SetBrokerageModel() before calling "
    "AddSecurityInitializer()."
)
ADD_TOO_LATE = (
    "AddSecurityInitializer() cannot be called after algorithm initialization. When you use the AddSecurityInitializer() method "
    "it will apply to all universes and manually added securities."
)
TOO_LATE = (
    "SetSecurityInitializer() cannot be called after algorithm initialization. When you use the SetSecurityInitializer() method "
    "it will apply to all universes and manually added securities."
)
NO_ZONE = (
    "TimeZone with id '{}' was not found. For a complete list of time zones please visit: "
    "http://en.wikipedia.org/wiki/List_of_tz_database_time_zones"
)
CURRENCY_TOO_LATE = (
    "SecurityPortfolioManager.SetAccountCurrency(): Cannot change AccountCurrency after adding a Security. Please move "
    "SetAccountCurrency() before AddSecurity()."
)
BENCHMARK = "Warning: SetBenchmark({ticker}): no existing symbol found, benchmark security will be added with Equity type."


@refusing
@bound
class SetupMembers:
    """See the module."""

    _sim: Core

    @property
    def time(self) -> datetime:
        """Current time, in the strategy's zone: New York, unless `set_time_zone` said otherwise."""
        core = self._sim
        return core.now if core.clock.is_shown else core.clock.shown(core.now)

    @property
    def utc_time(self) -> datetime:
        """Current UTC time."""
        return self._sim.clock.to_utc(self._sim.now).replace(tzinfo=UTC)

    @property
    def start_date(self) -> datetime:
        """First midnight of the run."""
        return self._sim.start

    @property
    def end_date(self) -> datetime:
        """Last moment of the run."""
        return self._sim.end

    @property
    def time_zone(self) -> str:
        """Name of the strategy's zone."""
        return self._sim.clock.own.name

    @property
    def live_mode(self) -> bool:
        """Whether the run is fed as LEAN live feeds; a backtest otherwise."""
        return self._sim.live

    @property
    def algorithm_id(self) -> str:
        """Name of the run."""
        return self._sim.name or type(self).__name__

    @property
    def project_id(self) -> int:
        """0: there is no project. LEAN takes an assignment."""
        return self.__dict__.get("_own_project_id", 0)  # type: ignore[no-any-return]

    @project_id.setter
    def project_id(self, value: int) -> None:
        self.__dict__["_own_project_id"] = int(value)

    @property
    def is_warming_up(self) -> bool:
        """Whether the algorithm is warming up. LEAN takes an assignment, and believes it."""
        return self._sim.is_warming_up

    @is_warming_up.setter
    def is_warming_up(self, value: bool) -> None:
        self._sim.is_warming_up = bool(value)

    @property
    def settings(self) -> Settings:
        """Settings."""
        return self._sim.settings

    @property
    def account_currency(self) -> str:
        """Name of the account's currency."""
        return self._sim.portfolio.cash_book.account_currency

    @property
    def benchmark(self) -> FuncBenchmark | SecurityBenchmark | None:
        """What the run is measured against; None in `initialize`, unless it is a function."""
        core = self._sim
        if core.benchmark_function is not None:
            return FuncBenchmark(core.benchmark_function)
        found, symbol = core.benchmark, core.benchmark_symbol
        return None if found is None else RunBenchmark(core.securities.get(symbol), symbol, lambda: found.value(core.now))

    @benchmark.setter
    def benchmark(self, value: Any) -> None:
        raise TypeError(
            f"'{type(value).__name__}' value cannot be converted to {HOLDS['benchmark']} (self.benchmark is LEAN's: take another "
            "name, or call self.set_benchmark)"
        )

    @property
    def brokerage_model(self) -> Any:
        """The broker's model."""
        return self._sim.brokerage_model

    @property
    def default_order_properties(self) -> OrderProperties:
        """Properties that orders get."""
        return self._sim.trader.default_properties

    @default_order_properties.setter
    def default_order_properties(self, properties: OrderProperties) -> None:
        self._sim.trader.default_properties = properties

    def get_locked(self) -> bool:
        """Whether initialize is over."""
        return self._sim.locked

    def _unlocked(self, name: str) -> None:
        if self._sim.locked:
            raise ParameterError(name, "a call after initialize", "a call in initialize", f"({LOCKED.format(name=name)})")

    @staticmethod
    def _date(name: str, whole: Any, year: int | None, month: int | None, day: int | None) -> date:
        if whole is not None:
            return date(whole.year, whole.month, whole.day)
        try:
            return date(year, month, day)  # type: ignore[arg-type]
        except ValueError:
            raise ParameterError(name, (year, month, day), "year, month and day of a date") from None

    def set_start_date(
        self, year: int | None = None, month: int | None = None, day: int | None = None, start: Any = None
    ) -> None:
        """First day of the run: year, month and day, or a date."""
        self._unlocked("set_start_date")
        day_one = self._date("start date", start, year, month, day)
        if "start" not in self._sim.forced:
            self._sim.start = datetime.combine(day_one, datetime.min.time())
            self._sim.now = self._sim.clock.of_shown(self._sim.start)

    def set_end_date(self, year: int | None = None, month: int | None = None, day: int | None = None, end: Any = None) -> None:
        """Last day of the run: year, month and day, or a date."""
        self._unlocked("set_end_date")
        last_day = self._date("end date", end, year, month, day)
        if "end" not in self._sim.forced:
            self._sim.end = datetime.combine(last_day, LAST_MOMENT)

    def set_cash(self, starting_cash: Any, symbol: str | None = None, conversion_rate: Any = 0.0) -> None:
        """Cash to start with: `set_cash(100000)` of the account's currency, or `set_cash("EUR", 10000)`, perhaps with a rate."""
        self._unlocked("set_cash")
        book = self._sim.portfolio.cash_book
        currency = book.account_currency if symbol is None else symbol.upper()
        is_own = currency == book.account_currency
        amount = float(starting_cash)
        if not math.isfinite(amount) or (is_own and amount <= 0.0):
            raise ParameterError("cash", starting_cash, f"a positive amount of {'dollars' if currency == 'USD' else currency}")
        if not is_own:
            self._sim.go_round(f"set_cash({currency!r}, {starting_cash!r})")
        if not is_own or "cash" not in self._sim.forced:
            book.set_cash(currency, amount, float(conversion_rate), named=symbol is not None)

    def set_account_currency(self, account_currency: str, starting_cash: Any = None) -> None:
        """Have the account in a currency, and so much of it to start with."""
        self._unlocked("set_account_currency")
        core, currency = self._sim, account_currency.upper()
        book = core.portfolio.cash_book
        cash = "" if starting_cash is None else f", with a starting cash of {plain(starting_cash)}"
        core.logs.say("debug", f"Changing account currency from {book.account_currency} to {account_currency}{cash}...")
        if book.is_chosen:  # LEAN lets it be set once
            return
        if core.subscriptions:
            raise InvalidOperationException(CURRENCY_TOO_LATE)
        if currency != book.account_currency:
            core.go_round(f"set_account_currency({account_currency!r})")
        book.change_account(currency)
        if starting_cash is not None:
            self.set_cash(starting_cash)

    def set_time_zone(self, time_zone: Any) -> None:
        """Let the strategy's clock show another zone's time: its name, such as "UTC", or one of `TimeZones`."""
        self._unlocked("set_time_zone")
        try:
            zone = zone_of(str(time_zone))
        except RegimeError:
            raise ArgumentException(NO_ZONE.format(time_zone)) from None
        self._sim.show_zone(zone)

    def set_warm_up(
        self, bar_count: int | None = None, resolution: Resolution | None = None, time_span: timedelta | None = None
    ) -> None:
        """Feed past data first: a number of bars, or a span of calendar time."""
        self._unlocked("set_warm_up")
        amount = time_span if bar_count is None else bar_count
        assert amount is not None
        self._sim.warm_up = (amount, resolution)

    set_warmup = set_warm_up

    def set_benchmark(
        self, benchmark: Any = None, ticker: str | None = None, symbol: Any = None, security_type: Any = None
    ) -> None:
        """Measure against a ticker or symbol, or against a function of the time."""
        self._unlocked("set_benchmark")
        core = self._sim
        chosen = next(given for given in (symbol, ticker, benchmark) if given is not None)
        core.benchmark_function = core.benchmark_pair = None
        if callable(chosen) and not isinstance(chosen, Symbol):
            core.benchmark_function = chosen
            return
        if security_type in (SecurityType.FOREX, SecurityType.CRYPTO):
            chosen = Symbol(str(chosen), security_type, market_of(core.brokerage_model, security_type))
        elif isinstance(chosen, str):
            if chosen not in core.securities:
                core.logs.say("debug", BENCHMARK.format(ticker=chosen))
            else:
                chosen = core.symbol_of(chosen)
        core.benchmark_ticker = str(getattr(chosen, "value", chosen)).upper()
        if isinstance(chosen, Symbol) and chosen.is_pair:
            core.benchmark_pair = chosen

    def set_brokerage_model(
        self, brokerage: Any = None, account_type: AccountType = AccountType.MARGIN, model: Any = None
    ) -> None:
        """Trade as with a broker. As in LEAN this gives securities that were added before its models, but not its leverage."""
        core = self._sim
        core.brokerage_model = brokers.make(brokerage if model is None else model, account_type)
        if core.own_initializer:
            return
        made = BrokerageModelSecurityInitializer(core.brokerage_model)
        if isinstance(core.initializer, CompositeSecurityInitializer):
            core.logs.say("debug", BROKER_TOO_LATE)
            core.initializer.begin_with(made)
        else:
            core.initializer = made
        for security in core.securities.values():
            leverage = security.leverage
            made.initialize(security)
            security.set_leverage(leverage)

    def set_security_initializer(self, security_initializer: Any) -> None:
        """Do something with each security as it is added. Its broker's models are then not applied, unless it does."""
        if self._sim.locked:
            raise ParameterError("security initializer", "a call after initialize", "a call in initialize", f"({TOO_LATE})")
        has_own = hasattr(security_initializer, "initialize") or hasattr(security_initializer, "Initialize")
        self._sim.initializer = security_initializer if has_own else FuncSecurityInitializer(security_initializer)
        self._sim.own_initializer = True

    def add_security_initializer(self, security_initializer: Any) -> None:
        """Do something more with each security as it is added: after its broker's models are applied."""
        if self._sim.locked:
            raise ParameterError("security initializer", "a call after initialize", "a call in initialize", f"({ADD_TOO_LATE})")
        own = security_initializer
        if not (hasattr(own, "initialize") or hasattr(own, "Initialize")):
            own = FuncSecurityInitializer(own)
        if not isinstance(self._sim.initializer, CompositeSecurityInitializer):
            self._sim.initializer = CompositeSecurityInitializer(self._sim.initializer)
        self._sim.initializer.add_security_initializer(own)

    def set_maximum_orders(self, max: int) -> None:
        """Stop the run after so many orders."""
        self._unlocked("set_maximum_orders")
        self._sim.book.maximum = max

    @property
    def name(self) -> str:
        """Name of the algorithm."""
        return self._sim.name

    @name.setter
    def name(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"'{type(value).__name__}' value cannot be converted to System.String")
        self._sim.name = value

    def set_name(self, name: str) -> None:
        """Name the algorithm."""
        self._sim.name = str(name)[: self.MAX_NAME_AND_TAGS_LENGTH]

    @property
    def tags(self) -> set[str]:
        """Notes on the algorithm."""
        return self._sim.tags

    MAX_TAGS_COUNT, MAX_NAME_AND_TAGS_LENGTH = 100, 200

    def _once(self, name: str, message: str) -> None:
        if name not in self.__dict__:
            self.__dict__[name] = True
            self._sim.logs.say("log", message)

    def add_tag(self, tag: str) -> None:
        """Add a note: as many as MAX_TAGS_COUNT, of as many letters as MAX_NAME_AND_TAGS_LENGTH."""
        if not tag or not tag.strip():
            return
        if len(self._sim.tags) >= self.MAX_TAGS_COUNT:
            self._once("_tags_are_full", FULL.format(tag=tag, most=self.MAX_TAGS_COUNT))
        else:
            self._sim.tags.add(tag[: self.MAX_NAME_AND_TAGS_LENGTH])

    def set_tags(self, tags: Any) -> None:
        """Set the notes."""
        kept = [tag for tag in tags if tag and tag.strip()]
        if len(kept) > self.MAX_TAGS_COUNT:
            self._once("_tags_were_cut", CUT.format(most=self.MAX_TAGS_COUNT))
        self._sim.tags = {tag[: self.MAX_NAME_AND_TAGS_LENGTH] for tag in kept[: self.MAX_TAGS_COUNT]}

    def get_parameter(self, name: str, default: Any = None, *, default_value: Any = None) -> Any:
        """A parameter, turned into the type of the default. Like LEAN it gives the default where that can't be done."""
        core = self._sim
        default = default_value if default is None else default
        if core.parameters_read.get(name) is None:
            core.parameters_read[name] = default
        value = core.parameters.get(name)
        if isinstance(default, (list, tuple, dict, set)):
            raise TypeError(
                f"No method matches given arguments for get_parameter: default = {default!r}: expected text or a number."
            )
        if default is None or isinstance(default, str):
            return default if value is None else value
        if value is None:
            return float(default) if isinstance(default, bool) else default
        try:
            if "_" in value:
                raise ValueError
            if isinstance(default, int) and not isinstance(default, bool):
                number = int(value)
                if not -(2**31) <= number < 2**31:
                    raise ValueError
                return number
            return float(value.replace(",", ""))
        except ValueError:
            core.parameters_unusable.add(name)
            return float(default) if isinstance(default, bool) else default

    def get_parameters(self) -> dict[str, str]:
        """All parameters."""
        return dict(self._sim.parameters)
