"""Rules of dedup see what those before them left, and what they drop is booked with evidence."""

from functools import partial

from potstill.protocols import Duplicate
from potstill.recipe.conditions import Condition
from potstill.records import Message, Problem
from potstill.stages.dedup import Rule, decide


def problem(line: int, text: str = "?", **fields: object) -> Problem:
    messages = (Message(role="user", content=text),)
    return Problem(source="s", file="f", line=line, messages=messages, **fields)


def test_each_rule_gets_what_is_left(decided) -> None:
    seen: list[list[int]] = []

    def rule(*found: Duplicate):
        def find(problems):
            seen.append([row.line for row in problems])
            assert len(problems) == len(seen[-1])
            return iter(found)

        return find

    rows = [problem(1, "a"), problem(2, "b"), problem(3, "a"), problem(4), problem(5)]
    where = Condition("line > 1", "problem")
    rules = [
        Rule("one", None, rule(Duplicate(2, 0, 0.9))),
        Rule("two", where, rule(Duplicate(1, 0, 1.0))),
    ]
    out = decided(rows, partial(decide, rules=rules))
    assert seen == [[1, 2, 3, 4, 5], [2, 4, 5]]
    assert [row.line for row in out.kept] == [1, 2, 5]
    assert [(d.row_id, d.rule, d.reason, d.evidence) for d in out.dropped] == [
        ("s:f:3", "one", "duplicate", {"of": "s:f:1", "similarity": 0.9}),
        ("s:f:4", "two", "duplicate", {"of": "s:f:2", "similarity": 1.0}),
    ]
    assert Problem.model_validate_json(out.dropped[0].row) == rows[2]


def test_a_conflict_is_booked_with_both_references(decided) -> None:
    rows = [problem(1, "a", reference_answer="3"), problem(2, "a", reference_answer="4")]
    rule = Rule("exact", None, lambda _: [Duplicate(1, 0, 1.0, "reference_conflict")])
    out = decided(rows, partial(decide, rules=[rule]))
    assert [(d.reason, d.evidence) for d in out.dropped] == [
        (
            "reference_conflict",
            {"of": "s:f:1", "similarity": 1.0, "reference": "4", "reference_of": "3"},
        )
    ]


def test_a_rule_without_a_row_is_not_asked(decided) -> None:
    def find(problems):
        raise AssertionError("it has no row")

    rules = [Rule("none", Condition("line > 9", "problem"), find)]
    assert len(decided([problem(1)], partial(decide, rules=rules)).kept) == 1
