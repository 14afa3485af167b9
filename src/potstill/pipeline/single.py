"""One verifier or one filter on one response, as plain functions of text."""

from collections.abc import Callable
from typing import Any

from pydantic import JsonValue, ValidationError

from potstill import registry
from potstill.engine import loading
from potstill.errors import InputError
from potstill.models.traces import extract
from potstill.protocols import Rejection
from potstill.recipe.sentences import explain
from potstill.records import GivenResponse, Message, Problem, Sample, Verdict
from potstill.stages.references import checked
from potstill.stages.responses import given
from potstill.version import VERSION


def verify(
    response: str,
    *,
    use: str | Callable[..., Verdict] = "math",
    reference: str | float | None = None,
    problem: str = "",
    allow_code: bool = False,
    **options: JsonValue,
) -> Verdict:
    r"""Judge one response, as the verify stage would.

    It runs in this process, without the limits of time and memory that a run sets.

    Args:
        response: What the model wrote; thinking in tags is taken off before it is judged.
        use: A verifier: its name, `path/to/file.py:function`, or a function.
        reference: The right answer; a number stands for its text.
        problem: The prompt, for verifiers that look at it.
        allow_code: Whether `use` may name a file.
        options: The verifier's options, as a recipe has them.

    Raises:
        InputError: There is no such verifier, an option is wrong, or what it returns is no verdict.
    """
    judge = checked(_bound("verifiers", use, options, allow_code))
    sample = _sample(response, reference, problem)
    verdict: object = judge(sample.problem, sample.response)
    if not isinstance(verdict, Verdict):
        raise InputError(f"{_name(use)} returned {verdict!r:.100}, not a potstill.Verdict")
    return verdict.model_copy(update={"verifier": _name(use), "version": VERSION})


def reject(
    response: str,
    *,
    use: str | Callable[..., Rejection | None],
    reference: str | float | None = None,
    problem: str = "",
    allow_code: bool = False,
    **options: JsonValue,
) -> Rejection | None:
    """Return why a filter would drop one response, or None where it would keep it.

    Args:
        response: What the model wrote; thinking in tags is told apart from the answer.
        use: A filter: its name, `path/to/file.py:function`, or a function.
        reference: The right answer, for filters that look at it.
        problem: The prompt, for filters that look at it.
        allow_code: Whether `use` may name a file.
        options: The filter's options, as a recipe has them.

    Raises:
        InputError: There is no such filter, or an option is wrong.
    """
    return _bound("filters", use, options, allow_code)(_sample(response, reference, problem))


def _sample(response: str, reference: str | float | None, problem: str) -> Sample:
    if isinstance(reference, int | float) and not isinstance(reference, bool):
        reference = str(reference)
    given_texts: dict[str, object] = {"response": response, "problem": problem}
    if reference is not None:
        given_texts["reference"] = reference
    for name, text in given_texts.items():
        if not isinstance(text, str):
            raise InputError(f"{name} must be text, not {text!r:.100}")
    trace = extract({"content": response}, "prompted")
    row = Problem(
        source="python",
        file="",
        line=1,
        messages=(Message(role="user", content=problem),),
        reference_answer=None if reference is None else str(reference),
        responses=(GivenResponse(think=trace.think, answer=trace.answer),),
    )
    return next(given(row))


def _bound(
    kind: str, use: str | Callable[..., Any], options: dict[str, JsonValue], allow_code: bool
) -> registry.Plugin:
    plugin = loading.load(kind, use, allow_code=allow_code) if isinstance(use, str) else use
    try:
        return registry.bind(plugin, options)
    except ValidationError as error:
        legal = list(registry.options(plugin).model_fields)
        first = error.errors()[0]
        raise InputError(explain(first, (_name(use), *first["loc"]), legal)) from None


def _name(use: str | Callable[..., Any]) -> str:
    return use if isinstance(use, str) else use.__name__
