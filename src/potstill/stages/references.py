"""Whether a verifier can use a problem's reference, looked at before a response is judged."""

from functools import cache
from typing import NamedTuple

from pydantic import JsonValue

from potstill.engine.plugins import PluginCall
from potstill.protocols import checks_reference
from potstill.records import UNUSABLE, Problem, Response, Verdict
from potstill.registry import Plugin

_SHOWN = 500
"""Most characters of a reference that evidence keeps."""


def checked(verifier: Plugin) -> Plugin:
    """Return a verifier that looks at the reference first, once for the responses in a row to it.

    One that has no such function, by `checks_reference`, is returned as it is.
    """
    bare = getattr(verifier, "func", verifier)  # under its options
    check = getattr(bare, checks_reference.__name__, None)
    if check is None:
        return verifier
    last: tuple[str, str | None] | None = None

    def verify(problem: Problem, response: Response, /) -> object:
        nonlocal last
        if last is None or last[0] != problem.row_id:
            last = problem.row_id, check(problem)
        return verifier(problem, response) if last[1] is None else _unusable(problem, last[1])

    return verify


def _unusable(problem: Problem, why: str) -> Verdict:
    reference = (problem.reference_answer or "")[:_SHOWN]
    evidence: dict[str, JsonValue] = {"reference": reference, "why": why}
    return Verdict(outcome="undecided", reason=UNUSABLE, evidence=evidence)


class CheckedCall(NamedTuple):
    """A verifier by name, to be looked up where it runs, with the look at the reference."""

    plugin: PluginCall
    """The verifier."""

    def __call__(self, arguments: tuple[Problem, Response]) -> object:
        """Return what the verifier says, which may be no verdict.

        Raises:
            InputError: Nothing has that name, or code is not allowed.
        """
        return _checked(self.plugin.load())(*arguments)


@cache
def _checked(verifier: Plugin) -> Plugin:
    return checked(verifier)
