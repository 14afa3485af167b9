"""What a format writes, the schema of the same name reads back."""

import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from potstill import registry
from potstill.protocols import NotExpressible, Place
from potstill.records import GivenResponse, Message, Problem, Response, Sample
from potstill.sources.decode import decode
from potstill.sources.fields import to_problem

BOTH = [name for name in registry.PLUGINS["formats"] if name in registry.PLUGINS["schemas"]]
WITH_REFERENCE = {"messages", "am-1.4m"}

PIECES = [
    "<think>",
    "</think>",
    "<answer>",
    "</answer>",
    "a",
    "é",
    " ",
    "\n",
    "\n\n",
    "中",
    '"',
    "\\",
]
TEXT = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
STRIPPED = (TEXT | st.text(st.characters(codec="utf-8", exclude_characters="\0"))).map(str.strip)
SAID = STRIPPED.filter(bool)
LABEL = st.text(st.characters(categories=["L", "N"]), min_size=1)


WITHOUT_TOOLS = {"am-1.4m", "alpaca", "chinese-110k"}


def call(name: str, arguments: object, number: int) -> dict:
    text = json.dumps(arguments, ensure_ascii=False)
    function = {"name": name, "arguments": text}
    return {"id": f"call_{number}", "type": "function", "function": function}


JSON = st.dictionaries(STRIPPED, st.none() | st.integers() | st.lists(STRIPPED, max_size=2))
CALLED = st.tuples(LABEL, JSON)
TOOLS = st.lists(
    st.fixed_dictionaries({"name": LABEL}, optional={"parameters": JSON, "description": STRIPPED}),
    max_size=2,
).map(lambda found: [{"type": "function", "function": each} for each in found])


@st.composite
def tool_samples(draw) -> Sample:
    """A sample whose prompt and response may call tools."""
    turns = [Message(role="user", content=draw(SAID))]
    number = 0
    for _ in range(draw(st.integers(0, 3))):
        called = draw(st.lists(CALLED, min_size=1, max_size=2))
        calls = [call(*each, number + i) for i, each in enumerate(called)]
        number += len(calls)
        said = draw(st.just("") | STRIPPED)
        turns.append(Message(role="assistant", content=said, tool_calls=tuple(calls)))
        for each in calls:
            turns.append(Message(role="tool", content=draw(STRIPPED), tool_call_id=each["id"]))
        if draw(st.booleans()):
            turns.append(Message(role="assistant", content=draw(SAID)))
            turns.append(Message(role="user", content=draw(SAID)))
    made = draw(samples())
    called = draw(st.lists(CALLED, max_size=2))
    calls = tuple(call(*each, number + i) for i, each in enumerate(called))
    told = {"messages": tuple(turns), "tools": tuple(draw(TOOLS))}
    answer = draw(st.just("")) if calls and draw(st.booleans()) else made.response.answer
    return made.model_copy(
        update={
            "problem": made.problem.model_copy(update=told),
            "response": made.response.model_copy(update={"tool_calls": calls, "answer": answer}),
        }
    )


@st.composite
def samples(draw) -> Sample:
    turns = draw(st.lists(st.tuples(st.sampled_from(["system", "user", "assistant"]), STRIPPED)))
    if draw(st.booleans()):
        turns = [
            turn for asked in turns for turn in (("user", asked[1]), ("assistant", asked[1] + "!"))
        ]
    if draw(st.booleans()):
        turns.insert(0, ("system", draw(STRIPPED)))
    turns = turns if draw(st.booleans()) else []
    messages = [Message(role=role, content=text) for role, text in [*turns, ("user", draw(SAID))]]
    problem = Problem(
        source="s",
        file="f",
        line=1,
        messages=tuple(messages),
        reference_answer=draw(st.none() | LABEL),
        language="en",
    )
    think, answer = draw(st.none() | SAID), draw(STRIPPED)
    assume(think or answer)
    response = Response(
        id="r",
        problem_id=problem.id,
        call="c",
        teacher="t",
        reasoning="on",
        sample=0,
        round=0,
        ending="ok",
        think=think,
        answer=answer,
    )
    return Sample(problem=problem, response=response)


def read(name: str, data: bytes) -> Problem:
    place = Place("s", None, {}, {"language": "en"}, schema=registry.load("schemas", name))
    return to_problem(place, "f", 1, decode(data))


def test_which_formats_have_a_schema() -> None:
    assert BOTH == ["messages", "am-1.4m", "sharegpt", "alpaca", "chinese-110k"]


@pytest.mark.parametrize("name", BOTH)
@settings(deadline=None)
@given(sample=samples())
def test_a_row_is_read_back_or_not_written(name: str, sample: Sample) -> None:
    try:
        row = registry.load("formats", name)(sample)
    except NotExpressible:
        return
    found = read(name, row.model_dump_json(exclude_unset=True).encode())
    assert found.messages == sample.problem.messages
    response = sample.response
    teacher = "t" if name == "messages" else ""
    wanted = GivenResponse(think=response.think, answer=response.answer, teacher=teacher)
    assert found.responses == (wanted,)
    if name in WITH_REFERENCE:
        assert found.reference_answer == sample.problem.reference_answer


@pytest.mark.parametrize("name", BOTH)
@settings(deadline=None, max_examples=60)
@given(sample=tool_samples())
def test_a_row_with_tools_is_read_back_or_not_written(name: str, sample: Sample) -> None:
    problem, response = sample.problem, sample.response
    uses = len(problem.messages) > 1 or problem.tools or response.tool_calls
    try:
        row = registry.load("formats", name)(sample)
    except NotExpressible:
        return
    assert not (name in WITHOUT_TOOLS and uses)
    found = read(name, row.model_dump_json(exclude_unset=True).encode())
    assert (found.messages, found.tools) == (problem.messages, problem.tools)
    (given_,) = found.responses
    assert (given_.think, given_.answer) == (response.think, response.answer)
    assert given_.tool_calls == response.tool_calls


def test_what_sharegpt_can_not_say_is_refused(make_sample) -> None:
    made = [call("f", {"x": 1}, 0), call("f", {"x": 2}, 1)]
    result = Message(role="tool", content="1", tool_call_id="call_0")
    user = Message(role="user", content="?")

    def write(*turns: Message, **response: object) -> object:
        sample = make_sample(**response)
        problem = sample.problem.model_copy(update={"messages": turns})
        return registry.load("formats", "sharegpt")(sample.model_copy(update={"problem": problem}))

    def calling(*calls: dict, said: str = "") -> Message:
        return Message(role="assistant", content=said, tool_calls=calls)

    write(user, calling(made[0]), result, tool_calls=made, answer="")
    other = made[0] | {"function": {"name": "f", "arguments": "[1"}}
    for turns, response in (
        ((user, calling(made[0], said="Hm."), result), {}),
        ((user, calling(*made), result), {}),
        ((user, calling(made[1]), result), {}),
        ((user, calling(made[0]), user), {}),
        ((user, result), {}),
        ((user, calling(made[0]), result, result), {}),
        ((user,), {"tool_calls": made, "answer": "Hm."}),
        ((user,), {"tool_calls": [other], "answer": ""}),
    ):
        with pytest.raises(NotExpressible) as raised:
            write(*turns, **response)
        assert raised.value.reason == "tool_calls"


@pytest.mark.parametrize("name", sorted(WITHOUT_TOOLS))
def test_a_format_without_tools_says_so(name: str, make_sample) -> None:
    sample = make_sample(think="One and one.")
    tools = {"tools": ({"type": "function", "function": {"name": "f"}},)}
    offered = sample.model_copy(update={"problem": sample.problem.model_copy(update=tools)})
    for refused, reason in (
        (offered, "tools"),
        (make_sample(think="One.", tool_calls=[call("f", {}, 0)]), "tool_calls"),
    ):
        with pytest.raises(NotExpressible) as raised:
            registry.load("formats", name)(refused)
        assert raised.value.reason == reason


@pytest.mark.parametrize("name", BOTH)
def test_a_plain_sample_is_written(name: str, make_sample) -> None:
    sample = make_sample("1 + 1 = ?", think="One and one.", answer="It is 2.")
    assert registry.load("formats", name)(sample)


@pytest.mark.parametrize(("name", "score"), [("am-1.4m", {}), ("chinese-110k", {"score": 8})])
def test_what_a_dataset_says_of_a_row_is_written_again(name: str, score, make_sample) -> None:
    sample = make_sample(think="One and one.")
    told = {"extra": score, "origins": ("OpenHermes-2.5", "airoboros")}
    problem = sample.problem.model_copy(update=told)
    written = registry.load("formats", name)(sample.model_copy(update={"problem": problem}))
    found = read(name, written.model_dump_json(exclude_unset=True).encode())
    assert (found.extra, found.origins) == (score, told["origins"])


CODE = st.text().map(lambda text: f"assert {text}")
TESTS = st.fixed_dictionaries({"code": CODE}, optional={"entry_point": st.text(min_size=1)}) | (
    st.lists(st.tuples(st.text(), st.text()), min_size=1).map(
        lambda pairs: {"inputs": [i for i, _ in pairs], "outputs": [o for _, o in pairs]}
    )
)


@given(tests=TESTS)
def test_am_s_tests_are_written_and_read_back(tests, make_sample) -> None:
    sample = make_sample(think="One and one.")
    problem = sample.problem.model_copy(update={"tests": tests})
    written = registry.load("formats", "am-1.4m")(sample.model_copy(update={"problem": problem}))
    found = read("am-1.4m", written.model_dump_json(exclude_unset=True).encode())
    assert found.tests == tests
