"""What is sent: templates, system prompts, reasoning modes, samples."""

import pytest

from potstill.models.requests import AM_SYSTEM_PROMPT
from potstill.recipe.distil import DistilSpec
from potstill.records import Message, Problem
from potstill.stages.plan import calls_to_all, render, requests

TEACHER = {"model": "m", "base_url": "http://127.0.0.1/v1"}


def spec(**fields: object) -> DistilSpec:
    return DistilSpec.model_validate({"teachers": [TEACHER], **fields})


def problem(*turns: tuple[str, str], **fields: object) -> Problem:
    messages = tuple(Message.model_validate({"role": r, "content": c}) for r, c in turns)
    known = {"source": "s", "file": "f", "line": 1, "messages": messages}
    return Problem.model_validate(known | fields)


def sent(of: Problem, how: DistilSpec, reasoning: str = "on") -> list[tuple[str, str]]:
    return [(m.role, m.content) for m in render(of, how, reasoning)]  # type: ignore[arg-type]


def test_without_a_template_the_problem_is_sent_as_it_stands() -> None:
    turns = [("system", "Be kind."), ("user", "Hi"), ("assistant", "Hello"), ("user", "1+1?")]
    assert sent(problem(*turns), spec()) == turns


def test_braces_stay_and_only_the_last_user_turn_is_wrapped() -> None:
    how = spec(prompt="{problem} in \\boxed{} or {x}")
    of = problem(("user", "{problem}? {0} \\frac{1}{2}"), ("assistant", "?"), ("user", "{a}"))
    assert sent(of, how)[-1] == ("user", "{a} in \\boxed{} or {x}")
    assert sent(of, how)[0] == ("user", "{problem}? {0} \\frac{1}{2}")


def test_the_first_template_that_applies_counts() -> None:
    how = spec(
        prompt=[
            {"where": "language = 'zh'", "template": "zh {problem}"},
            {"where": "category = 'math'", "template": "math {problem}"},
        ]
    )
    zh = problem(("user", "x"), language="zh", category="math")
    math = problem(("user", "x"), language="en", category="math")
    neither = problem(("user", "x"))
    assert [sent(p, how)[0][1] for p in (zh, math, neither)] == ["zh x", "math x", "x"]


@pytest.mark.parametrize(
    ("system", "reasoning", "own", "expected"),
    [
        (None, "on", False, None),
        ("S", "on", False, "S"),
        ("S", "on", True, "S\n\nown"),
        (None, "prompted", False, AM_SYSTEM_PROMPT),
        (None, "prompted", True, f"{AM_SYSTEM_PROMPT}\n\nown"),
        ("S", "prompted", False, "S"),
    ],
)
def test_system_prompts_become_one(
    system: str | None, reasoning: str, own: bool, expected: str | None
) -> None:
    turns = [("system", "own")] * own + [("user", "x")]
    found = sent(problem(*turns), spec(system=system), reasoning)
    assert [content for role, content in found if role == "system"] == [expected] * bool(expected)
    assert found[-1] == ("user", "x")


def test_every_call_has_a_key_and_a_seed_of_its_own() -> None:
    teacher = TEACHER | {"thinking_switch": "chat_template_kwargs"}
    teachers = [teacher, teacher | {"model": "n"}]
    how = spec(teachers=teachers, samples=3, reasoning="both")
    calls = list(requests(problem(("user", "x")), how))
    assert len(calls) == calls_to_all(how) == 12
    assert len({call.key for call in calls}) == 12
    assert len({call.seed for call in calls}) == 12


def test_the_key_does_not_know_the_address_nor_how_many_samples_there_are() -> None:
    one = list(requests(problem(("user", "x")), spec(samples=1)))
    moved = TEACHER | {"base_url": "https://elsewhere/v1", "key_env": "KEY", "max_in_flight": 1}
    more = list(requests(problem(("user", "x")), spec(samples=2, teachers=[moved])))
    assert one[0].key == more[0].key
    assert one[0].seed == more[0].seed


def test_the_last_user_turn_is_wrapped_where_a_tool_s_result_is_last() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    turns = (
        Message(role="user", content="Which?"),
        Message(role="assistant", content="", tool_calls=(call,)),
        Message(role="tool", content="[1]", tool_call_id="1"),
    )
    of = problem(messages=turns, tools=[tool])
    (request,) = requests(of, spec(prompt="Say: {problem}", system="S"))
    system, asked, *rest = request.messages
    assert (system.content, asked.content, tuple(rest)) == ("S", "Say: Which?", turns[1:])
    assert request.tools == (tool,)
