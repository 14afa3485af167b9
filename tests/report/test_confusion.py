"""Verdicts against labels: the table, what it comes to, and labels that are none."""

import json

import pytest

from potstill.errors import InputError
from potstill.records import Outcome, Sample
from potstill.report.confusion import confusion, label_of


@pytest.fixture
def labelled(make_sample):
    """A function that makes a sample with a verdict and a label, in a row of its own."""

    def labelled(line: int, label: object, outcome: Outcome = "pass") -> Sample:
        sample = make_sample()
        update = {"row_id": f"s:f:{line}", "extra": {"label": label}}
        problem = sample.problem.model_copy(update=update)
        return sample.model_copy(update={"problem": problem, "outcome": outcome})

    return labelled


def test_the_table_counts_labels_against_verdicts(labelled) -> None:
    rows = [
        *[labelled(i, True, "pass") for i in range(6)],
        labelled(6, True, "fail"),
        labelled(7, True, "undecided"),
        labelled(8, False, "fail"),
        labelled(9, False, "pass"),
    ]
    found = confusion(rows, "label")
    assert found.right == {"pass": 6, "fail": 1, "undecided": 1}
    assert found.wrong == {"pass": 1, "fail": 1, "undecided": 0}
    assert (found.accuracy, found.accuracy_of_decided) == (0.7, 7 / 9)
    assert (found.false_positives, found.false_negatives, found.undecided) == (1, 1, 1)
    assert found.first_false_positives == ("s:f:9",)
    assert found.first_false_negatives == ("s:f:6",)
    assert [*found.lines()] == [
        "expected         pass       fail  undecided",
        "true                6          1          1",
        "false               1          1          0",
        "accuracy  70.00% with undecided counted against, 77.78% of the decided",
        "mistakes  1 false positive: s:f:9",
        "          1 false negative: s:f:6",
    ]


def test_the_first_mistakes_are_named_and_the_others_counted(labelled) -> None:
    found = confusion((labelled(i, 0, "pass") for i in range(8)), "label")
    assert (found.false_positives, len(found.first_false_positives)) == (8, 5)
    lines = [*found.lines()]
    assert lines[-2].endswith("8 false positives: s:f:0, s:f:1, s:f:2, s:f:3, s:f:4, …")
    assert lines[-1].strip() == "no false negative"


def test_without_rows_there_is_no_accuracy() -> None:
    found = confusion([], "label")
    assert (found.accuracy, found.accuracy_of_decided) == (None, None)
    assert "accuracy  none with" in "\n".join(found.lines())


@pytest.mark.parametrize(
    ("label", "right"),
    [
        *((each, True) for each in (True, 1, 1.0, "true", "TRUE", "1", "Correct", "pass ")),
        *((each, False) for each in (False, 0, 0.0, "false", "0", "incorrect", "Fail")),
    ],
)
def test_labels_are_written_in_several_ways(labelled, label: object, right: bool) -> None:
    assert label_of(labelled(1, label), "label") is right


@pytest.mark.parametrize("label", [None, 2, -1, 0.5, "maybe", "", [True], {"x": 1}])
def test_another_value_is_refused_with_its_row_and_what_is_legal(labelled, label: object) -> None:
    with pytest.raises(InputError) as caught:
        label_of(labelled(3, label), "label")
    said = str(caught.value)
    assert said.startswith("row s:f:3 has ")
    assert said.endswith("true, false, 1, 0, correct, incorrect, pass or fail")


def test_a_missing_column_is_told_with_those_there_are(labelled) -> None:
    with pytest.raises(InputError, match=r"row s:f:3 has no column 'gold', the columns are label"):
        label_of(labelled(3, True), "gold")


def test_the_record_is_json(labelled) -> None:
    shown = json.loads(confusion([labelled(1, True)], "label").model_dump_json())
    assert shown["right"] == {"pass": 1, "fail": 0, "undecided": 0}
