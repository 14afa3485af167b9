"""Requests and tokens a minute: as the recipe says, or else as the endpoint's headers do."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

BURST_S = 1.0
"""Seconds whose share may be used at once, so that a late timer costs nothing."""
MARGIN = 0.97
"""Part of a limit that is used where only the headers tell it: others may share it."""
LONGEST_RESET = 600.0
"""Seconds after which it is asked again even if the headers name a later reset."""

_MINUTE = 60.0
_UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_NUMBER = r"\d{1,15}(?:\.\d{0,15})?"
_PART = re.compile(rf"({_NUMBER})(ms|us|ns|d|h|m|s)", re.ASCII)
_DURATION = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
_PLAIN = re.compile(_NUMBER, re.ASCII)
_EPOCH = 1e8
"""A plain number above this is a time since 1970, not a number of seconds to wait."""

_ASPECTS = ("limit", "remaining", "reset")


def _names(unit: str) -> list[list[str]]:
    patterns = ("x-ratelimit-{}-" + unit, f"anthropic-ratelimit-{unit}-" + "{}")
    return [[pattern.format(aspect) for aspect in _ASPECTS] for pattern in patterns]


_REQUESTS, _TOKENS = _names("requests"), _names("tokens")


class Quota(NamedTuple):
    """What the headers of one reply say of a limit; None for what they do not say."""

    limit: float | None = None
    """Units; taken to be those of a minute. A longer period then limits by `remaining` alone."""
    remaining: float | None = None
    """Units left."""
    reset_s: float | None = None
    """Seconds until all are there again; read only where none is left."""

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is left."""
        return self.remaining is not None and self.remaining < 1


class Rate:
    """At most so many units in any minute, evenly: the generic cell rate algorithm (ITU-T I.371).

    Units are paced a little slower than the limit, by `BURST_S` in a minute, so that even a minute
    that begins with a burst holds no more than the limit, and 98% of it are reached. A call is let
    in when all before it are paid for, whatever it costs itself: so of tokens a minute may hold
    one call's more than the limit, and a call that costs more than the limit waits for no reason.
    """

    def __init__(self, limit: float | None) -> None:
        """Start with the recipe's limit a minute, or without one."""
        self.limit = limit
        """Units a minute, as given or as learned."""
        self._given = limit
        self._due = -math.inf
        self._exhausted_until = -math.inf

    def tighten(self, limit: float | None) -> None:
        """Hold also this limit: the smaller one counts."""
        if limit is not None:
            self.limit = self._given = min(limit, limit if self._given is None else self._given)

    def ready_at(self) -> float:
        """Return when the next call may be sent; a time that is past means at once."""
        if self.limit is None:
            return self._exhausted_until
        return max(self._due - BURST_S, self._exhausted_until)

    def take(self, units: float, now: float) -> None:
        """Use units up; negative ones are given back."""
        if self.limit is not None and units:
            start = self._due if units < 0 else max(self._due, now)
            self._due = start + units * (_MINUTE + BURST_S) / self.limit

    def learn(self, quota: Quota, now: float) -> None:
        """Hold what a reply says: its limit where the recipe gives none, and an empty rest."""
        if self._given is None and quota.limit is not None and quota.limit >= 1:
            self.limit = quota.limit * MARGIN
        if quota.is_used_up and quota.reset_s is not None:
            until = now + min(quota.reset_s, LONGEST_RESET)
            self._exhausted_until = max(self._exhausted_until, until)


def quotas(headers: Mapping[str, str]) -> tuple[Quota | None, Quota | None]:
    """Return what the headers say of requests and of tokens; what can't be read counts as unsaid.

    OpenAI's names (https://platform.openai.com/docs/guides/rate-limits), which Azure, Groq, vLLM's
    routers and others use too, and Anthropic's (https://docs.claude.com/en/api/rate-limits).
    """
    return _quota(headers, _REQUESTS), _quota(headers, _TOKENS)


def _quota(headers: Mapping[str, str], names: list[list[str]]) -> Quota | None:
    for limit_name, remaining_name, reset_name in names:
        limit, remaining = headers.get(limit_name), headers.get(remaining_name)
        if limit is not None or remaining is not None:
            quota = Quota(_number(limit), _number(remaining))
            if quota.is_used_up:
                reset_s = seconds(headers.get(reset_name), headers.get("Date"))
                return quota._replace(reset_s=reset_s)
            return quota
    return None


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and _PLAIN.fullmatch(text) else None


def seconds(text: str | None, date: str | None = None) -> float | None:
    """Return the seconds that a reset header names, or None if it can't be read.

    Args:
        text: A duration (`1s`, `6m0s`, `12ms`, `59.5`) or a time (RFC 3339, or since 1970).
        date: The reply's own Date, from which a time counts: clocks differ, and may be set.
    """
    text = (text or "").strip()
    if _DURATION.fullmatch(text):
        return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    at = _number(text)
    if at is not None and at <= _EPOCH:
        return at
    try:
        if at is None:
            at = _timestamp(datetime.fromisoformat(text))
        now = parsedate_to_datetime(date) if date else datetime.now(UTC)
        return max(0.0, at - _timestamp(now))
    except (ValueError, OverflowError):
        return None


def _timestamp(time: datetime) -> float:
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
