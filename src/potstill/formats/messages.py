"""Conversations, with the provenance of each beside it."""

from potstill.formats.tags import in_tags
from potstill.records import Outcome, Reasoning, Record, Role, Sample


class Turn(Record):
    """One message."""

    role: Role
    """Who speaks."""
    content: str
    """What is said; of an assistant that thought, the answer."""
    reasoning_content: str | None
    """The thinking, in the field that the chat templates of Qwen3 and DeepSeek read."""


class MessagesRow(Record):
    """One conversation."""

    id: str
    """Id of the response."""
    messages: tuple[Turn, ...]
    """The problem's own messages (not the prompt template's), then the answer."""
    problem_id: str
    """Id of the problem."""
    row_id: str
    """Where the problem came from: `source:file:line`."""
    source: str
    """Name of the source."""
    category: str | None
    """Kind of problem."""
    language: str | None
    """Language of the problem."""
    reference_answer: str | None
    """The right answer, as the source gives it."""
    teacher: str
    """Model that answered."""
    reasoning: Reasoning
    """How it was asked to think."""
    outcome: Outcome | None
    """What verification says."""
    verifier: str | None
    """Verifier whose verdict that is."""
    reason: str | None
    """Reason of that verdict."""


def messages(sample: Sample, /) -> MessagesRow:
    """OpenAI-style messages; thinking goes to `reasoning_content`.

    Raises:
        NotExpressible: `ambiguous_tags`, where an answer without thinking holds `<think>` tags.

    Example:
        export:
          - {use: messages, when: "outcome = 'pass'"}
    """
    problem, response = sample.problem, sample.response
    turns = [Turn(role=m.role, content=m.content, reasoning_content=None) for m in problem.messages]
    content = response.answer if response.think else in_tags(response)
    answer = Turn(role="assistant", content=content, reasoning_content=response.think)
    decisive = sample.verdicts[-1] if sample.verdicts else None
    return MessagesRow(
        id=response.id,
        messages=(*turns, answer),
        problem_id=problem.id,
        row_id=problem.row_id,
        source=problem.source,
        category=problem.category,
        language=problem.language,
        reference_answer=problem.reference_answer,
        teacher=response.teacher,
        reasoning=response.reasoning,
        outcome=sample.outcome,
        verifier=decisive.verifier if decisive else None,
        reason=decisive.reason if decisive else None,
    )
