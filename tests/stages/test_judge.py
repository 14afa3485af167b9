"""The judge asks about suspects through the journal, and takes the majority's word."""

import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from potstill.models.scripted import Scripted
from potstill.recipe import DistilSpec
from potstill.records import Contamination, Message, Problem
from potstill.stages.decontaminate import Suspect
from potstill.stages.io import StageIO
from potstill.stages.judge import Judge, _pair, _said, _verdict
from potstill.stages.votes import Models
from potstill.storage.events import EventLog
from potstill.storage.journal import Journal


def item(line: int, text: str) -> Problem:
    messages = (Message(role="user", content=text),)
    return Problem(source="bench", file="b", line=line, messages=messages)


def suspect(row: int, of: int, text: str) -> Suspect:
    found = Contamination(
        item=f"bench:b:{of}",
        benchmark="bench",
        method="similar",
        score=0.6,
        span=text,
        verdict="suspect",
    )
    return Suspect(row, text, found)


class Nowhere:
    def write(self, row: object) -> None:
        raise AssertionError("a judge keeps and drops no row")


@pytest.fixture
def judge(tmp_path: Path, serve: Callable) -> Callable[..., tuple[Mapping, StageIO, Scripted]]:
    """Serve a teacher that knows some answers and judge suspects by it, all in one journal."""
    sessions = itertools.count()

    def judge(
        answers: dict[int, str], suspects: list[Suspect], *, samples: int = 1, **script: object
    ) -> tuple[Mapping, StageIO, Scripted]:
        known = {_pair(each, f"item {_line(each)}").text: answers[each.row] for each in suspects}
        server = serve(answers=known, style="none", **script)
        folder = tmp_path / str(next(sessions)) / "03-decontaminate"
        folder.mkdir(parents=True)
        io = StageIO(
            "decontaminate",
            tuple,
            kept=Nowhere(),
            dropped=Nowhere(),
            folder=folder,
            events=EventLog(None),
        )
        teacher = {"model": "m", "base_url": server.base_url, "sampling": {"max_tokens": 99}}
        spec = {"reasoning": "off", "samples": samples, "teachers": [teacher], "salvage": 0}
        with Journal(tmp_path / "journal") as journal:
            models = Models(DistilSpec.model_validate(spec), journal)
            asked = Judge(io, models, lambda: ITEMS)
            return asked(lambda: iter(suspects)), io, server

    return judge


ITEMS = [item(line, f"item {line}") for line in range(1, 9)]


def _line(each: Suspect) -> int:
    return int(each.found.item.rpartition(":")[2])


def test_yes_is_contaminated_and_no_is_clean(judge) -> None:
    suspects = [suspect(4, 1, "one"), suspect(9, 2, "two {item}"), suspect(12, 2, "three")]
    said, io, server = judge({4: "yes", 9: "no", 12: "perhaps"}, suspects)
    assert {row: (match.method, match.verdict) for row, match in said.items()} == {
        4: ("judge", "contaminated"),
        9: ("judge", "clean"),
    }
    assert said[9].item == "bench:b:2"
    assert said[9].span == "two {item}"
    judged = {"judged_contaminated": 1, "judged_clean": 1, "judge_undecided": 1}
    assert judged.items() <= io.totals.items()
    [_, calls] = io.balance()
    assert (calls.name, calls.entered, calls.tally) == ("judge calls", 3, {"ok": 3})
    assert server.requests == 3


def test_what_was_asked_is_not_asked_again(judge) -> None:
    suspects = [suspect(4, 1, "one"), suspect(9, 2, "two")]
    first, *_ = judge({4: "yes", 9: "no"}, suspects)
    again, _, server = judge({4: "no", 9: "yes"}, suspects)
    assert again == first
    assert server.requests == 0


def test_a_question_without_an_answer_leaves_a_suspect(judge) -> None:
    said, io, _ = judge({4: "yes"}, [suspect(4, 1, "one")], faults={"bad_request": 1.0})
    assert said == {}
    assert io.totals["judge_undecided"] == 1


def test_nobody_is_asked_without_a_suspect(judge) -> None:
    said, _, server = judge({}, [])
    assert said == {}
    assert server.requests == 0


@pytest.mark.parametrize(
    ("votes", "verdict"),
    [
        ([True], "contaminated"),
        ([False, False, True], "clean"),
        ([True, False], None),
        ([None], None),
        ([None, None, True], "contaminated"),
    ],
)
def test_the_majority_counts(votes: list[bool | None], verdict: str | None) -> None:
    assert _verdict(Counter(votes)) == verdict


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("Yes", True),
        ("**No.** They differ.", False),
        ("是", True),
        ("Answer: no", False),
        ("I can't tell", None),
        ("", None),
        ("nothing", None),
    ],
)
def test_the_first_word_that_says_something_counts(answer: str, said: bool | None) -> None:
    assert _said(answer) is said
