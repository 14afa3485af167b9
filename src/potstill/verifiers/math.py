"""Mathematical answers against a reference, by rules that say when they can't tell."""

from functools import partial
from typing import Annotated

from pydantic import Field, JsonValue

from potstill.protocols import checks_reference, needs_reference
from potstill.records import Ending, Problem, Response, Verdict
from potstill.text.answers import final_reference
from potstill.verifiers.answers import Answer, answering, final_answer, last_value
from potstill.verifiers.compare import compare, is_readable, is_words, unusable
from potstill.verifiers.comparing.rules import Rules
from potstill.verifiers.finding import Finding, different, equal, undecided
from potstill.verifiers.labelled import compare_named, named_values
from potstill.verifiers.plain import narrow
from potstill.verifiers.settling import settled
from potstill.verifiers.tails import derived
from potstill.verifiers.words import no_value

_LINE = 200
"""Longest response in characters that may be nothing but an answer."""
_UNMARKED = ("whole", "last_sentence")
_SHOWN = 500
"""Most characters of an answer that evidence keeps."""

Tolerance = Annotated[float, Field(gt=0, lt=1)]


def _reference_problem(problem: Problem) -> str | None:
    reference = _reference(problem.reference_answer or "")
    return _unusable(reference) if reference else None


@needs_reference
@checks_reference(_reference_problem)
def math(
    problem: Problem,
    response: Response,
    *,
    tolerance: Tolerance | None = None,
    rounding: bool = False,
) -> Verdict:
    """Compare the final answer of a response with the problem's reference.

    Passes with `equal`; fails with `different` where the two certainly differ, with `hedged` where
    a right answer is one of several that are offered, or with `no_answer` where a whole response
    holds none. Undecided are: `no_reference`, `reference_unusable` (it can't be read, or isn't
    equal to itself), `truncated` (cut before a marked answer), `tool_calls` (a tool is called, and
    nothing is answered yet), `answer_unparseable`, `units_differ` (units that no library knows),
    `text_differs` (names and words), `too_large` and `not_proven` (neither equality nor a
    difference). docs/math-verification.md has the conventions.

    The evidence has `reference`, `answer`, `extracted_by` (what marked the answer) and `compared`
    (which comparison decided). Runs without a time limit of its own, in a worker that has one.

    Args:
        problem: The problem with its reference.
        response: What is judged; thinking doesn't count.
        tolerance: Largest relative difference of two numbers that pass as equal; none by default.
        rounding: Whether a number passes that rounds to the reference, where that is a decimal.

    Example:
        verify:
          - {use: math, where: "category = 'math'"}
    """
    return _judge(
        problem.reference_answer or "",
        response.answer,
        Rules(tolerance, rounding),
        response.ending,
        problem=problem.text,
        calls=bool(response.tool_calls),
    )


def verify_math(
    reference: str,
    answer: str,
    *,
    problem: str | None = None,
    tolerance: float | None = None,
    rounding: bool = False,
) -> Verdict:
    r"""Compare an answer with a reference, as `math` does, and look at the reference first.

    Args:
        reference: The right answer; of a worked solution its last box or what follows `####`.
        answer: A whole response, with its thinking or without, a final answer, or an expression.
        problem: The prompt, where it is known.
        tolerance: Largest relative difference of two numbers that pass as equal.
        rounding: Whether a number passes that rounds to the reference, where that is a decimal.

    Runs in this process and without limits: hostile answers may take long, so judge them with
    `potstill verify`, whose workers can be killed.

    Example:
        >>> verify_math(r"\frac{1}{2}", "So it is 50%.").outcome
        'pass'
    """
    given = _reference(reference)
    if given and (why := _unusable(given)):
        evidence: dict[str, JsonValue] = {"reference": given[:_SHOWN], "why": why}
        return Verdict(outcome="undecided", reason="reference_unusable", evidence=evidence)
    return _judge(reference, answer, Rules(tolerance, rounding), "ok", problem=problem or "")


def _judge(
    reference: str,
    response: str,
    rules: Rules,
    ending: Ending,
    *,
    problem: str,
    calls: bool = False,
) -> Verdict:
    given = _reference(reference)
    if not given:
        return Verdict(outcome="undecided", reason="no_reference")
    body = answering(narrow(response))
    if final_answer(body.text) is None and (ending == "truncated" or body.unfinished):
        return _verdict(undecided("truncated"), given)
    if finding := _named(given, body.text, rules):
        return _verdict(finding, given, Answer(body.text[-_SHOWN:], "names"))
    answer = settled(body.text, words=is_words(given), none=no_value(given) is not None)
    if answer is None and calls:
        return _verdict(undecided("tool_calls"), given)
    if answer is None:
        return _verdict(Finding("fail", "no_answer"), given)
    return _verdict(_compare(given, answer, rules, problem), given, answer)


def _unusable(reference: str) -> str | None:
    return None if named_values(reference) else unusable(reference)


def _named(reference: str, response: str, rules: Rules) -> Finding | None:
    named = named_values(reference)
    return compare_named(named, response, partial(compare, rules=rules)) if named else None


def _compare(reference: str, answer: Answer, rules: Rules, problem: str) -> Finding:
    finding = compare(reference, answer.text, rules, problem=problem)
    if finding.outcome == "pass":
        return finding
    if answer.by in _UNMARKED and (last := derived(answer.text)):
        return compare(reference, last, rules, problem=problem)
    if not answer.parts:
        return finding
    if not answer.hedged:
        together = compare(reference, ", ".join(answer.parts), rules, problem=problem)
        return together if together.outcome == "pass" else finding
    offered = {compare(reference, part, rules, problem=problem).outcome for part in answer.parts}
    if offered == {"pass"} and len(answer.parts) > 1:  # such as "1/2 or 0.5"
        return equal("parts")
    if "pass" in offered:
        return Finding("fail", "hedged", "parts")
    several = len(reference.split("or")) > 1 or "或" in reference
    return different("parts") if offered == {"fail"} and not several else finding


def _verdict(finding: Finding, reference: str, answer: Answer | None = None) -> Verdict:
    evidence: dict[str, JsonValue] = {"reference": reference[:_SHOWN]}
    if answer:
        evidence |= {"answer": answer.text[:_SHOWN], "extracted_by": answer.by}
        evidence["compared"] = finding.by
    return Verdict(outcome=finding.outcome, reason=finding.reason, evidence=evidence)


def _reference(text: str) -> str:
    """Return the answer in a reference, which may be a worked solution."""
    text = narrow(final_reference(text.strip()))
    if "\\boxed" not in text and (len(text) <= _LINE or is_readable(text)):
        return text
    found = final_answer(text) or (last_value(text) if len(text) > _LINE else None)
    return found.text if found else text
