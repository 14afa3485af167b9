"""Docstrings, part by part."""

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.text.docstrings import parse, unwrap

DOC = """Find problems that are nearly
    the same.

    Two problems are near duplicates if
    their shingles are.

    Clusters are transitive.

    Args:
        problems: The whole set.
        threshold: Jaccard similarity: from
            0 to 1.
        where (str): Which ones.

    Returns:
        Nothing: much.

    Example:
        dedup:
          - use: minhash

            threshold: 0.8
    """


def test_every_part_is_found() -> None:
    found = parse(DOC)
    assert found.summary == "Find problems that are nearly the same."
    assert found.description == (
        "Two problems are near duplicates if their shingles are.\n\nClusters are transitive."
    )
    assert found.arguments == {
        "problems": "The whole set.",
        "threshold": "Jaccard similarity: from 0 to 1.",
        "where": "Which ones.",
    }
    assert found.example == "dedup:\n  - use: minhash\n\n    threshold: 0.8"


@pytest.mark.parametrize("doc", [None, "", "   \n  "])
def test_no_docstring_has_no_parts(doc: str | None) -> None:
    assert parse(doc) == ("", "", {}, "")


def test_a_line_that_only_begins_like_a_section_is_text() -> None:
    found = parse("Do it.\n\nArgs: none of them.\nRaises: nothing.")
    assert found.description == "Args: none of them. Raises: nothing."
    assert found.arguments == {}


@given(st.text())
def test_any_text_has_parts_on_one_line_each(text: str) -> None:
    found = parse(text)
    assert "\n" not in found.summary
    assert "\n" not in found.description.replace("\n\n", "")
    assert all("\n" not in argument for argument in found.arguments.values())


@given(st.text())
def test_unwrapping_twice_changes_nothing(text: str) -> None:
    assert unwrap(unwrap(text)) == unwrap(text)


def test_it_reads_what_python_keeps() -> None:
    assert parse(inspect.getdoc(parse)).arguments == parse(parse.__doc__).arguments
