"""Conversations, with the provenance of each beside it."""

from potstill.formats.tags import in_tags
from potstill.formats.tools import ToolCall, as_text, called
from potstill.records import Message, Outcome, Reasoning, Record, Role, Sample


class Turn(Record):
    """One message; in JSON Lines, the last three keys are only where they say something."""

    role: Role
    """Who speaks."""
    content: str
    """What is said; of an assistant that thought, the answer."""
    reasoning_content: str | None
    """The thinking, in the field that the chat templates of Qwen3 and DeepSeek read."""
    tool_calls: tuple[ToolCall, ...] | None = None
    """An assistant's calls."""
    tool_call_id: str | None = None
    """The call that a tool's result answers."""
    name: str | None = None
    """The function that a tool's result comes from, where the source told it."""


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
    tools: str | None = None
    """The functions that the prompt offers, where there are any: OpenAI's list, as JSON text, since
    a column of a table has one shape and each function's parameters have their own."""


def messages(sample: Sample, /) -> MessagesRow:
    """OpenAI-style messages; thinking goes to `reasoning_content`, calls of tools to `tool_calls`.

    Raises:
        NotExpressible: `ambiguous_tags`, where an answer without thinking holds `<think>` tags;
            `tool_calls`, where something else than a function is called.

    Example:
        export:
          - {use: messages, when: "outcome = 'pass'"}
    """
    problem, response = sample.problem, sample.response
    content = response.answer if response.think else in_tags(response)
    answer = Turn(role="assistant", content=content, reasoning_content=response.think)
    if response.tool_calls:
        answer = answer.model_copy(update={"tool_calls": called(response)})
    decisive = sample.verdict
    row = MessagesRow(
        id=response.id,
        messages=(*map(_turn, problem.messages), answer),
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
    tools = {"tools": as_text([*problem.tools])} if problem.tools else {}
    return row.model_copy(update=tools)


def _turn(message: Message) -> Turn:
    turn = Turn(role=message.role, content=message.content, reasoning_content=None)
    told = {
        "tool_calls": called(message),
        "tool_call_id": message.tool_call_id,
        "name": message.name,
    }
    return turn.model_copy(update={name: value for name, value in told.items() if value})
