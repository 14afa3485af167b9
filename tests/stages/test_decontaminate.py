"""What rules find is dropped or tagged, with the evidence."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from potstill.protocols import Contamination as Found
from potstill.recipe.conditions import Condition
from potstill.records import Message, Problem
from potstill.stages.decontaminate import Rule, decide


def problem(line: int, text: str = "?", **fields: object) -> Problem:
    messages = (Message(role="user", content=text),)
    return Problem(source="s", file="f", line=line, messages=messages, **fields)


def lookup(verdicts: dict[int, str], asked: list[int] | None = None):
    """Return a rule's function that can't be pickled, as that of a user's file."""

    def look(problems: Sequence[Problem]) -> list[Found | None]:
        if asked is not None:
            asked.extend(row.line for row in problems)
        return [
            Found(f"b:b.jsonl:{row.line}", 0.8, "a span", verdicts[row.line])
            if row.line in verdicts
            else None
            for row in problems
        ]

    return look


ROWS = [problem(line, f"text {line}") for line in range(1, 8)]
EVIDENCE = {
    "item": "b:b.jsonl:2",
    "benchmark": "b",
    "score": 0.8,
    "span": "a span",
    "verdict": "contaminated",
}


def test_what_is_sure_is_dropped_and_what_is_suspect_tagged(decided) -> None:
    rules = [Rule("ngram", lookup({2: "contaminated", 5: "suspect"}))]
    out = decided(ROWS, partial(decide, rules=rules))
    assert [(d.row_id, d.rule, d.reason, d.evidence) for d in out.dropped] == [
        ("s:f:2", "ngram", "contaminated", EVIDENCE)
    ]
    assert [row.line for row in out.kept] == [1, 3, 4, 5, 6, 7]
    tagged = [row for row in out.kept if row.contamination]
    assert [row.model_copy(update={"contamination": None}) for row in tagged] == [ROWS[4]]
    assert tagged[0].contamination.model_dump() == EVIDENCE | {
        "item": "b:b.jsonl:5",
        "verdict": "suspect",
        "method": "ngram",
    }


def test_suspects_are_dropped_where_the_recipe_says_so(decided) -> None:
    rules = [Rule("ngram", lookup({5: "suspect"}), drop="suspect")]
    out = decided(ROWS, partial(decide, rules=rules))
    assert [(d.row_id, d.reason) for d in out.dropped] == [("s:f:5", "suspect")]


def test_a_later_rule_sees_what_is_left_and_can_drop_a_suspect(decided) -> None:
    asked: list[int] = []
    rules = [
        Rule("ngram", lookup({2: "contaminated", 5: "suspect", 6: "suspect"})),
        Rule(
            "similar",
            lookup({5: "contaminated", 6: "suspect"}, asked),
            where=Condition("line > 1", "problem"),
        ),
    ]
    out = decided(ROWS, partial(decide, rules=rules))
    assert asked == [3, 4, 5, 6, 7]
    assert [(d.row_id, d.rule) for d in out.dropped] == [("s:f:2", "ngram"), ("s:f:5", "similar")]
    assert [r.contamination.method for r in out.kept if r.contamination] == ["ngram"]


def test_a_judge_decides_on_suspects(decided) -> None:
    def judge(suspects):
        found = list(suspects())
        assert [(s.row, s.text) for s in found] == [(3, "text 4"), (4, "text 5"), (5, "text 6")]
        return {
            3: found[0].found.model_copy(update={"verdict": "contaminated", "method": "judge"}),
            4: found[1].found.model_copy(update={"verdict": "clean", "method": "judge"}),
        }

    suspects = dict.fromkeys((4, 5, 6), "suspect")
    rules = [Rule("ngram", lookup({2: "contaminated"} | suspects))]
    out = decided(ROWS, partial(decide, rules=rules, judges={"ngram": judge}))
    assert [(d.row_id, d.rule) for d in out.dropped] == [("s:f:2", "ngram"), ("s:f:4", "judge")]
    kept = {row.line: row.contamination for row in out.kept}
    assert (kept[5].verdict, kept[5].method) == ("clean", "judge")
    assert (kept[6].verdict, kept[6].method) == ("suspect", "ngram")
    assert kept[1] is None


class Nothing(NamedTuple):
    """Finds nothing; can be pickled."""

    def __call__(self, problems: Sequence[Problem]) -> list[None]:
        return [None] * len(problems)


def test_rows_that_pass_are_not_changed(decided) -> None:
    out = decided(ROWS, partial(decide, rules=[Rule("none", Nothing())]))
    assert out.kept == ROWS
    assert not out.dropped
