"""Multiple choice: the letters that a response settles on, against those of the reference."""

import re

from pydantic import JsonValue

from potstill.protocols import needs_reference
from potstill.records import Ending, Problem, Response, Verdict
from potstill.text.answers import final_reference
from potstill.verifiers.answers import Answer, answering
from potstill.verifiers.choice.letters import is_value, letters, same_value
from potstill.verifiers.choice.options import Options, read_options
from potstill.verifiers.choice.settled import implied, settled
from potstill.verifiers.finding import Finding, different, equal, undecided
from potstill.verifiers.plain import narrow, plain

_EITHER = re.compile(r"(?i:\b(?:or|either|maybe|perhaps)\b)|[或/]|可能")
_LETTERS = re.compile(r"(?<![A-Za-z])[A-J]+(?![A-Za-z])")
_SHOWN = 500
"""Most characters of an answer that evidence keeps."""


@needs_reference
def choice(problem: Problem, response: Response) -> Verdict:
    """Compare the options that a response chooses with the reference's.

    The reference is a letter, several letters, or the text of one of the prompt's options. Passes
    with `equal`; fails with `different`, with `partial` (some of several right options and no wrong
    one), with `hedged` ("A or B" commits itself to nothing) and, where a whole response names no
    letter and no option, with `no_answer`. Undecided are `no_reference`, `reference_unusable`
    (neither a letter nor an option), `truncated` (cut before a marked answer), `tool_calls` (a
    tool is called, and nothing is answered yet) and `answer_unparseable` (it talks of options, and
    settles on none that can be read).

    Options may be called `A.`, `(a)`, `①`, `甲、` or `1)`; letters stand for them in their order. A
    response may name a letter, or give an option's text or value.

    The evidence has `reference` and `answer` as letters, the `text` that was found, and
    `extracted_by` (what marked it).

    Example:
        verify:
          - {use: choice, where: "category = 'choice'"}
          - {use: math}
    """
    return _judge(
        problem.reference_answer or "",
        response.answer,
        problem.text,
        response.ending,
        calls=bool(response.tool_calls),
    )


def verify_choice(reference: str, answer: str, *, problem: str | None = None) -> Verdict:
    """Compare the options that a text chooses with a reference, as `choice` does.

    Args:
        reference: Letters, or the text of one of the problem's options.
        answer: A whole response, with its thinking or without, or a letter.
        problem: The prompt with its options, where it is known.
    """
    return _judge(reference, answer, problem or "", "ok")


def _judge(
    reference: str, answer: str, prompt: str, ending: Ending, *, calls: bool = False
) -> Verdict:
    given = narrow(final_reference(reference.strip()))
    if not given:
        return Verdict(outcome="undecided", reason="no_reference")
    options = read_options(narrow(prompt))
    expected = letters(given, options)
    if not expected or not set(expected) <= set(options.texts or expected):
        return _verdict(undecided("reference_unusable"), given[:_SHOWN], None, None)
    body = answering(narrow(answer))
    found = settled(body.text, options)
    if found is None and (ending == "truncated" or body.unfinished):
        return _verdict(undecided("truncated"), expected, None, None)
    found = found or implied(body.text, options)
    if found is None:
        return _verdict(_nothing(body.text, options, calls), expected, None, None)
    chosen = letters(found.text, options)
    return _verdict(_compare(expected, chosen, found, options), expected, chosen, found)


def _nothing(text: str, options: Options, calls: bool) -> Finding:
    if calls:
        return undecided("tool_calls")
    talks = _talks_of_options(text, options)
    return undecided("answer_unparseable") if talks else Finding("fail", "no_answer", "choice")


def _verdict(
    finding: Finding, reference: str, chosen: str | None, answer: Answer | None
) -> Verdict:
    evidence: dict[str, JsonValue] = {"reference": reference}
    if answer:
        evidence |= {"answer": chosen, "text": answer.text[:_SHOWN], "extracted_by": answer.by}
    return Verdict(outcome=finding.outcome, reason=finding.reason, evidence=evidence)


def _compare(expected: str, chosen: str | None, answer: Answer, options: Options) -> Finding:
    if chosen is None:
        right = plain(options.texts.get(expected, ""))
        value = plain(answer.text)
        other = is_value(right) and is_value(value) and same_value(right, value).outcome == "fail"
        return different("choice") if other else undecided("answer_unparseable")
    if len(chosen) > 1 and (answer.hedged or _EITHER.search(answer.text)):
        return Finding("fail", "hedged", "choice")
    if chosen == expected:
        return equal("choice")
    if chosen and set(chosen) < set(expected):
        return Finding("fail", "partial", "choice")
    return different("choice")


def _talks_of_options(text: str, options: Options) -> bool:
    named = set("".join(_LETTERS.findall(text))) & set(options.texts or "ABCDEFGH")
    return bool(named) or any(option and option in text for option in options.texts.values())
