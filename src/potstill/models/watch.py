"""Whether a teacher thinks as it was asked to: a probe at the start, an alarm later on.

A switch that an endpoint doesn't know is mostly ignored, not refused, and a server without its
reasoning parser loses thinking without a word. So the first answers decide before many are paid
for, and the rate of contrary ones is watched from then on.
"""

from collections import deque
from typing import get_args

from potstill.errors import EndpointError
from potstill.models.thinking import ThinkingSwitch, suggest
from potstill.models.traces import Trace
from potstill.records import Ending, Reasoning

PROBE = 3
"""Answers that must not all be contrary; one of them may be, as models skip trivial thoughts."""
PROBE_MOST = 12
"""Answers after which the probe holds nobody back, though nothing could be told from them."""
WINDOW = 50
"""Latest answers that the alarm looks at."""
ALARM = 0.2
"""Share of contrary answers among them over which it tells."""
RECOVERED = 0.1
"""Share at which it may tell again; lower, so that a rate near the limit is told once."""

_ASKED: dict[Reasoning, str] = {
    "on": "was asked to think (`reasoning: on`)",
    "off": "was asked not to think (`reasoning: off`)",
    "prompted": "was asked by its prompt to think in `<think>` tags (`reasoning: prompted`)",
}


class _Mode:
    """What came of one reasoning mode."""

    def __init__(self) -> None:
        self.seen = 0
        """Answers, also those that tell nothing."""
        self.as_asked = False
        """Whether one of them was as asked."""
        self.recent: deque[bool] = deque(maxlen=WINDOW)
        """Whether each of the latest that tell something was contrary."""
        self.told = False


class TraceWatch:
    """Looks at the answers of one teacher, each of its reasoning modes by itself."""

    def __init__(self, teacher: str) -> None:
        """Name the teacher by its model."""
        self._teacher = teacher
        self._modes: dict[Reasoning, _Mode] = {}

    def see(
        self, reasoning: Reasoning, trace: Trace, ending: Ending, *, calls: bool = False
    ) -> str | None:
        """Look at an answer.

        Args:
            reasoning: How the teacher was asked to think.
            trace: What it wrote.
            ending: How the call ended. A refusal tells nothing, nor does a cut answer without
                thinking: what was cut may be thinking that its template had opened.
            calls: Whether it calls tools: that takes no thinking, and tells nothing either.

        Returns:
            A caution when the rate of contrary answers has climbed, once for each climb.

        Raises:
            EndpointError: The first answers of this mode are all contrary.
        """
        mode = self._modes.setdefault(reasoning, _Mode())
        mode.seen += 1
        cut = ending == "truncated" and trace.think is None
        if calls or cut or ending == "refused":
            return None
        contrary = (trace.think is None) == (reasoning != "off")
        mode.recent.append(contrary)
        mode.as_asked = mode.as_asked or not contrary
        if not mode.as_asked and len(mode.recent) >= PROBE:
            raise EndpointError(self._refusal(reasoning))
        return self._alarm(reasoning, mode)

    def settled(self, reasoning: Reasoning) -> bool:
        """Return whether the probe of a mode is over, so that more may be asked."""
        mode = self._modes.get(reasoning)
        return mode is not None and (mode.as_asked or mode.seen >= PROBE_MOST)

    def _alarm(self, reasoning: Reasoning, mode: _Mode) -> str | None:
        contrary = sum(mode.recent)
        if contrary <= RECOVERED * WINDOW:
            mode.told = False
        if mode.told or len(mode.recent) < WINDOW or contrary <= ALARM * WINDOW:
            return None
        mode.told = True
        return (
            f"{contrary} of the last {WINDOW} answers of teacher {self._teacher!r} "
            f"{_found(reasoning)}, though it {_ASKED[reasoning]}"
        )

    def _refusal(self, reasoning: Reasoning) -> str:
        remedy = {
            "on": f"{self._switch()}, or `reasoning: prompted` to ask for it in the prompt, or "
            "`reasoning: off`",
            "off": f"{self._switch()}, or `reasoning: on`",
            "prompted": "let the recipe's `system`, if it has one, ask for the tags, or set "
            "`reasoning: on` for a model that thinks by itself, or `reasoning: off`",
        }[reasoning]
        return (
            f"teacher {self._teacher!r} {_ASKED[reasoning]}, but all of its first answers "
            f"({PROBE}) {_found(reasoning)}: {remedy}"
        )

    def _switch(self) -> str:
        fitting = suggest(self._teacher)
        every = [switch for switch in get_args(ThinkingSwitch) if switch not in ("none", fitting)]
        if fitting is None:
            return f"set its `thinking_switch` to one that it knows ({', '.join(every)})"
        return (
            f"set its `thinking_switch` to {fitting}, which fits models of this name, or where it "
            f"is that to another one ({', '.join(every)})"
        )


def _found(reasoning: Reasoning) -> str:
    return "hold thinking" if reasoning == "off" else "hold no thinking"
