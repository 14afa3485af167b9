"""Mathematical answers against a reference, by rules that say when they can't tell."""

import re

from pydantic import JsonValue

from potstill.protocols import needs_reference
from potstill.records import Problem, Response, Verdict
from potstill.text.answers import final_reference
from potstill.verifiers import symbolic
from potstill.verifiers.answers import Answer, final_answer, last_value, numbers
from potstill.verifiers.finding import DIFFERENT, EQUAL, Finding, undecided
from potstill.verifiers.plain import is_words, narrow, plain, prose, same_text, truth
from potstill.verifiers.quantities import compare as compare_quantities
from potstill.verifiers.quantities import quantity, split_unit

_LINE = 100
"""Longest response in characters that may be nothing but an answer."""
_WORDS = 30
"""Longest one that may be an answer in words."""
_SHOWN = 500
"""Most characters of an answer that evidence keeps."""
_NOT_ALONE = re.compile(
    r"[\\^_*/+]|[π√万亿百千半或多余约不]|(?<![a-z])(?:about|and|approximately|at|between|billion|cubed|"
    r"dozen|either|half|hundred|least|less|million|minus|more|most|not|or|over|pi|plus|power|root|"
    r"sqrt|squared|than|thousand|times)(?![a-z])",
    re.IGNORECASE,
)
"""Signs and words beside which the only number of a sentence needn't be its answer."""


@needs_reference
def math(problem: Problem, response: Response) -> Verdict:
    """Compare the final answer of a response with the problem's reference.

    Passes with `equal`; fails with `different` where the two certainly differ, or with `no_answer`
    where a whole response holds none. Undecided are: `no_reference`, `reference_unparseable`,
    `truncated` (cut before an explicit answer), `tool_calls` (a tool is called, and nothing is
    answered yet), `answer_unparseable`, `units_differ` (nothing is converted), `text_differs`
    (names and words), `not_proven` (neither equality nor a difference).

    The evidence has `reference`, `answer`, `extracted_by` (what marked the answer) and `compared`
    (`text`, `number` or `math_verify`). Runs without a time limit of its own, in a worker that has
    one.

    Example:
        verify:
          - {use: math, where: "category = 'math'"}
    """
    reference = _reference(problem.reference_answer or "")
    if not reference:
        return Verdict(outcome="undecided", reason="no_reference")
    text = narrow(response.answer)
    answer = final_answer(text)
    if answer is None and response.ending == "truncated":
        return _verdict(undecided("truncated"), reference)
    answer = answer or _unmarked(text.strip(), reference)
    if answer is None and response.tool_calls:
        return _verdict(undecided("tool_calls"), reference)
    if answer is None:
        return _verdict(_without_answer(reference), reference)
    finding, compared = compare(reference, answer.text)
    return _verdict(
        finding,
        reference,
        answer=answer.text[:_SHOWN],
        extracted_by=answer.by,
        compared=compared,
    )


def _verdict(finding: Finding, reference: str, **evidence: JsonValue) -> Verdict:
    return Verdict(
        outcome=finding.outcome,
        reason=finding.reason,
        evidence={"reference": reference[:_SHOWN], **evidence},
    )


def _without_answer(reference: str) -> Finding:
    """No answer is a wrong one, but nothing is wrong against a reference that says nothing."""
    if quantity(plain(reference)) is None:
        finding, _ = compare(reference, "")
        if finding.reason == "reference_unparseable":
            return finding
    return Finding("fail", "no_answer")


def compare(reference: str, answer: str) -> tuple[Finding, str]:
    """Return what comparing two answers finds, and how they were compared."""
    expected_text, found_text = plain(reference), plain(answer)
    expected, found = quantity(expected_text), quantity(found_text)
    if expected and found:
        return compare_quantities(expected, found), "number"
    if same_text(expected_text, found_text):
        return EQUAL, "text"
    if (known := truth(expected_text)) is not None:
        return _compare_truth(known, truth(found_text)), "text"
    if is_words(expected_text):
        return undecided("text_differs"), "text"
    expected_text, unit = split_unit(expected_text)
    found_text, other = split_unit(found_text)
    if unit and other and unit != other:
        return undecided("units_differ"), "text"
    if not expected and prose(expected_text):
        return undecided("reference_unparseable"), "text"
    if not prose(found_text):
        return symbolic.compare(expected_text, found_text), "math_verify"
    if expected and (alone := quantity(_only_number(found_text))):
        return compare_quantities(expected, alone), "number"
    return undecided("answer_unparseable"), "text"


def _compare_truth(known: bool, said: bool | None) -> Finding:
    if said is None:
        return undecided("text_differs")
    return EQUAL if known == said else DIFFERENT


def _only_number(sentence: str) -> str:
    found = numbers(sentence)
    return found[0] if len(found) == 1 and not _NOT_ALONE.search(sentence) else ""


def _reference(text: str) -> str:
    """Return the answer in a reference, which may be a worked solution."""
    text = narrow(final_reference(text.strip()))
    boxed = final_answer(text) if "\\boxed" in text else None
    return boxed.text if boxed else text


def _unmarked(text: str, reference: str) -> Answer | None:
    """Return what may be the answer where nothing marks one: the whole, or the last value."""
    whole = Answer(text, "whole") if text and "\n" not in text and len(text) <= _LINE else None
    if whole and (not prose(bare := plain(text)) or quantity(bare) or is_words(plain(reference))):
        return whole
    return last_value(text) or (whole if len(text) <= _WORDS else None)
