"""What a format writes, the schema of the same name reads back."""

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
def test_a_plain_sample_is_written(name: str, make_sample) -> None:
    sample = make_sample("1 + 1 = ?", think="One and one.", answer="It is 2.")
    assert registry.load("formats", name)(sample)


@pytest.mark.parametrize("name", ["am-1.4m", "chinese-110k"])
def test_what_a_dataset_says_of_a_row_is_written_again(name: str, make_sample) -> None:
    columns = {"source": "KodCode", "test_case": "{}", "repo_name": "coig/neo", "score": 8}
    sample = make_sample(think="One and one.")
    problem = sample.problem.model_copy(update={"extra": columns})
    written = registry.load("formats", name)(sample.model_copy(update={"problem": problem}))
    found = read(name, written.model_dump_json(exclude_unset=True).encode())
    kept = {"am-1.4m": ("source", "test_case"), "chinese-110k": ("repo_name", "score")}[name]
    assert found.extra == {column: columns[column] for column in kept}
