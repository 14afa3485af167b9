"""The record of AM-DeepSeek-R1-Distilled-1.4M.

Source: the dataset's card on the Hugging Face hub (a-m-team/AM-DeepSeek-R1-Distilled-1.4M).
"""

from typing import Literal

from potstill.formats.tools import refuse_tools
from potstill.protocols import NotExpressible
from potstill.records import Problem, Record, Sample, to_json


class AmInfo(Record):
    """What the card calls `info`: three keys for a user's turn, three for an assistant's.

    In JSON Lines only a turn's own keys are written; a table has all of them, others null.
    """

    source: str
    """Where the source had the row from, arrows between the names; else the recipe's source."""
    reference_answer: str | None = None
    """User: the right answer."""
    test_case: str | None = None
    """User: tests of a code problem, as JSON text {test_code, test_entry_point}, or {inputs,
    outputs}."""
    think_content: str | None = None
    """Assistant: the thinking, ending with a newline."""
    answer_content: str | None = None
    """Assistant: the answer, beginning and ending with a newline."""


class AmTurn(Record):
    """One of the two turns."""

    role: Literal["user", "assistant"]
    """Who speaks."""
    content: str
    """The prompt, or thinking and answer in their tags."""
    info: AmInfo
    """Where it came from, and its parts."""


class AmRow(Record):
    """One record."""

    messages: tuple[AmTurn, AmTurn]
    """The problem, and the answer to it."""


def am_1_4m(sample: Sample, /) -> AmRow:
    """AM-1.4M's record: `<think>…</think>` and `<answer>…</answer>` in the content.

    Raises:
        NotExpressible: `no_think`, where there is no thinking or no answer; `not_one_turn`, where
            the problem is more than one user's turn; `tools` and `tool_calls`. The format has no
            place for these.

    Example:
        export:
          - {use: am-1.4m, name: am, when: "outcome = 'pass' and has_think"}
    """
    refuse_tools(sample, "AM-1.4M")
    problem, response = sample.problem, sample.response
    if not response.think or not response.answer:
        raise NotExpressible("no_think", "AM-1.4M needs both thinking and answer")
    if len(problem.messages) > 1:
        raise NotExpressible("not_one_turn", "AM-1.4M holds one question and one answer")
    think, answer = f"{response.think}\n", f"\n{response.answer}\n"
    source = " → ".join(problem.origins) or problem.source
    asked = AmInfo(
        source=source, reference_answer=problem.reference_answer, test_case=_tests(problem)
    )
    other = _text(problem, "response_source")
    answered = AmInfo(source=other or source, think_content=think, answer_content=answer)
    content = f"<think>{think}</think>\n<answer>{answer}</answer>"
    return AmRow(
        messages=(
            AmTurn(role="user", content=problem.text, info=asked),
            AmTurn(role="assistant", content=content, info=answered),
        )
    )


def _tests(problem: Problem) -> str | None:
    found = problem.tests
    if not found:
        return _text(problem, "test_case")
    if "code" in found:
        found = {"test_code": found["code"], "test_entry_point": found.get("entry_point")}
    return to_json(found)


def _text(problem: Problem, column: str) -> str | None:
    value = problem.extra.get(column)
    return value if value is None or isinstance(value, str) else to_json(value)
