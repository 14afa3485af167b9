"""A prompt and a response as texts by name."""

from collections.abc import Sequence

from pydantic import JsonValue

from potstill.models.chat import call_text, tool_text
from potstill.records import Problem, Response


def prompt_details(problem: Problem) -> dict[str, str]:
    """Return the tools that a prompt offers and its turns, numbered where a role speaks twice."""
    turns = problem.messages
    numbered = len({turn.role for turn in turns}) < len(turns)
    texts = {"tools": "\n".join(map(tool_text, problem.tools))} if problem.tools else {}
    for number, turn in enumerate(turns, 1):
        name = f"{number}. {turn.role}" if numbered else turn.role
        texts[name] = _said(turn.content, turn.tool_calls)
    return texts


def response_details(response: Response) -> dict[str, str]:
    """Return a response's thinking and answer, the tools that it calls below the answer."""
    answer = _said(response.answer, response.tool_calls)
    return {"think": response.think or "", "answer": answer}


def _said(text: str, called: Sequence[dict[str, JsonValue]]) -> str:
    return "\n".join(filter(None, (text, *map(call_text, called))))
