"""The door to apprise: one message to one sink, and what it came to in words that hold no secret."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from hidden_regime.exceptions import MissingDependencyError
from hidden_regime.operation.alerts.rules import Sink
from hidden_regime.operation.alerts.wording import uncalled

REFUSED, NO_ADDRESS = "it was not taken", "its address is none that apprise knows"
PLAIN = ("json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos")
"""Sinks that call nobody by name and show a text as it is: programs and mail."""
Send = Callable[[Sink, str, str], str]
"""Sends a title and a text to a sink; empty where it arrived, else why not."""


def send(sink: Sink, title: str, body: str) -> str:
    """Send one message by apprise, which escapes the text as the sink's format asks.

    Returns
    -------
    str
        Empty where it arrived; else why not, without a word of the sink's or of its address.

    Raises
    ------
    MissingDependencyError
        apprise isn't installed.
    """
    apprise = _apprise()
    try:
        service = apprise.Apprise.instantiate(
            sink.url, asset=apprise.AppriseAsset(storage_mode="memory"), suppress_exceptions=True
        )
        if service is None or service is False:
            return NO_ADDRESS
        if sink.url.partition("://")[0].lower() not in PLAIN:
            body = uncalled(body)
            _escaping(service, apprise.NotifyFormat)
        one = apprise.Apprise()
        one.add(service)
        done = one.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT, notify_type=apprise.NotifyType.WARNING)
    except Exception as error:  # whatever a plug-in raises: the sender goes on, and a text of it may hold the address
        return f"{REFUSED} ({type(error).__name__})"
    return "" if bool(done) else REFUSED  # False and None are failures


def _escaping(service: Any, formats: Any) -> None:
    """Have a service that shows Markdown get it escaped: of plain text it would take stars and brackets for marks."""
    offered = service.notify_format if isinstance(service.notify_format, tuple) else (service.notify_format,)
    if offered[0] == formats.TEXT and formats.MARKDOWN in offered:
        service.notify_format = formats.MARKDOWN


def check_installed() -> None:
    """Raise unless alerts can be sent at all.

    Raises
    ------
    MissingDependencyError
    """
    _apprise()


def _apprise() -> Any:
    try:
        import apprise
    except ImportError as error:
        raise MissingDependencyError(f"alerts need apprise ({error}). pip install 'hidden-regime[alerts]'.") from error
    logging.getLogger("apprise").disabled = True  # its lines may hold addresses
    return apprise
