import pytest

from potstill.formats.chinese import chinese_110k
from potstill.protocols import NotExpressible
from potstill.records import Message


@pytest.fixture
def sample(make_sample):
    return make_sample("六乘七等于多少？", think="六七四十二。", answer="\\boxed{42}")


def extra(sample, **extra):
    return sample.model_copy(update={"problem": sample.problem.model_copy(update={"extra": extra})})


def test_the_row_for_sft(sample) -> None:
    assert chinese_110k(sample.model_copy(update={"outcome": "pass"})).model_dump() == {
        "instruction": "六乘七等于多少？",
        "input": "",
        "output": "<think>\n六七四十二。\n</think>\n\\boxed{42}",
        "repo_name": "school",
        "score": 10,
    }


@pytest.mark.parametrize(
    ("outcome", "given", "score"),
    [
        ("fail", 10, 0),
        ("undecided", 7, 7),
        (None, 7, 7),
        (None, "good", None),
        (None, None, None),
    ],
)
def test_the_score_is_the_verdict_s_or_the_row_s(sample, outcome, given, score) -> None:
    row = chinese_110k(extra(sample, score=given).model_copy(update={"outcome": outcome}))
    assert row.score == score


def test_the_row_s_own_repo_name_stays(sample) -> None:
    problem = sample.problem.model_copy(update={"origins": ("coig/neo",)})
    assert chinese_110k(sample.model_copy(update={"problem": problem})).repo_name == "coig/neo"


@pytest.mark.parametrize("fields", [{"think": None}, {"think": "hm", "answer": ""}])
def test_a_sample_that_lacks_a_part_is_refused(make_sample, fields) -> None:
    with pytest.raises(NotExpressible) as raised:
        chinese_110k(make_sample(**fields))
    assert raised.value.reason == "no_think"


def test_a_conversation_is_refused(sample) -> None:
    turns = (Message(role="system", content="Be brief."), *sample.problem.messages)
    problem = sample.problem.model_copy(update={"messages": turns})
    with pytest.raises(NotExpressible) as raised:
        chinese_110k(sample.model_copy(update={"problem": problem}))
    assert raised.value.reason == "not_one_turn"
