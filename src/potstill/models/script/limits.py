"""The scripted teacher's own limits: requests and tokens a minute, and requests at a time."""

import time
from collections.abc import Callable

from potstill.models.script.script import Script


class Bucket:
    """An allowance that refills evenly: full at first, and again after one minute without use.

    So do OpenAI's limits: `x-ratelimit-reset-…` tells when the bucket is full
    (https://platform.openai.com/docs/guides/rate-limits).
    """

    def __init__(self, limit: int, minute_s: float, clock: Callable[[], float]) -> None:
        """Start full.

        Args:
            limit: What it holds, and what it gets in a minute.
            minute_s: Seconds in a minute.
            clock: Counts seconds.
        """
        self.limit = limit
        self._rate = limit / minute_s
        self._clock = clock
        self._level = float(limit)
        self._at = clock()

    @property
    def level(self) -> float:
        """What is in it now."""
        now = self._clock()
        self._level = min(self.limit, self._level + (now - self._at) * self._rate)
        self._at = now
        return self._level

    def wait(self, amount: float) -> float:
        """Return the seconds until so much can be taken, 0 for now.

        More than the bucket holds can be taken when it is full: it would never be answered else.
        """
        lacking = min(amount, self.limit) - self.level
        # Less than a millionth is what rounding leaves.
        return lacking / self._rate if lacking > 1e-6 * self.limit else 0.0

    def take(self, amount: float) -> None:
        """Take so much; more than it holds leaves it in debt."""
        self._level = self.level - amount

    def headers(self, of: str) -> dict[str, str]:
        """Return the three `x-ratelimit-…` headers of this limit."""
        left = self.level
        return {
            f"x-ratelimit-limit-{of}": str(self.limit),
            f"x-ratelimit-remaining-{of}": str(max(0, int(left + 1e-6))),
            f"x-ratelimit-reset-{of}": duration((self.limit - left) / self._rate),
        }


class ScriptLimits:
    """What the server takes on."""

    def __init__(self, script: Script, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with full allowances."""
        minute = script.seconds(script.minute_s)
        self._requests = Bucket(script.rpm, minute, clock) if script.rpm else None
        self._tokens = Bucket(script.tpm, minute, clock) if script.tpm else None
        self._max_in_flight = script.max_in_flight
        self._pause = script.seconds(script.retry_after)

    def refuses(self, in_flight: int, tokens: int) -> float | None:
        """Return after how many seconds to come back, or take the request on and return None.

        Args:
            in_flight: Requests that are being answered, this one included.
            tokens: What the prompt and the answer of this one cost.
        """
        if self._max_in_flight is not None and in_flight > self._max_in_flight:
            return self._pause
        asked = ((self._requests, 1), (self._tokens, tokens))
        wait = max(bucket.wait(amount) if bucket else 0.0 for bucket, amount in asked)
        if wait:
            return wait
        for bucket, amount in asked:
            if bucket:
                bucket.take(amount)
        return None

    def headers(self) -> dict[str, str]:
        """Return what is left, as OpenAI tells it with each reply; nothing where nothing limits."""
        told = self._requests.headers("requests") if self._requests else {}
        return told | (self._tokens.headers("tokens") if self._tokens else {})


def duration(seconds: float) -> str:
    """Return a time as OpenAI's headers have it: `17ms`, `1s`, `8.64s`, `6m0s`, `1h0m0s`."""
    milliseconds = max(0, round(seconds * 1000))
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    text = f"{rest / 1000:g}s"
    if not minutes:
        return text
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes}m{text}" if hours else f"{minutes}m{text}"
