"""Scheduled events: rules of dates and times, and the queue that fires them."""

from hidden_regime.simulator.schedule.date_rules import DateRule, DateRules
from hidden_regime.simulator.schedule.manager import ScheduledEvent, ScheduleManager
from hidden_regime.simulator.schedule.time_rules import TimeRule, TimeRules

__all__ = ["DateRule", "DateRules", "ScheduleManager", "ScheduledEvent", "TimeRule", "TimeRules"]
