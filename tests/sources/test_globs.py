import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.sources import globs


@pytest.mark.parametrize(
    ("path", "folder", "pattern"),
    [
        ("/data/x.jsonl", "/data/x.jsonl", None),
        ("/data/*.jsonl", "/data", "*.jsonl"),
        ("/*.jsonl", "/", "*.jsonl"),
        ("bucket/a/**/part-[0-9]?.parquet", "bucket/a", "**/part-[0-9]?.parquet"),
        ("*", "", "*"),
    ],
)
def test_the_fixed_folder_ends_before_the_first_wildcard(path, folder, pattern):
    assert globs.split(path) == (folder, pattern)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("*.jsonl", ["a.jsonl"], ["a/b.jsonl", "a.json", ".a.jsonl"]),
        ("**/*.jsonl", ["a.jsonl", "a/b/c.jsonl"], [".git/a.jsonl", "a/.b/c.jsonl", "a.json"]),
        ("a/**/b/*", ["a/b/c", "a/x/y/b/c"], ["a/c", "b/c", "a/b/x/c"]),
        ("**", ["a", "a/b"], [".a", "a/.b"]),
        (".*/x", [".a/x"], ["a/x"]),
        ("part-[0-9]?", ["part-12"], ["part-1", "part-ab", "part-123"]),
    ],
)
def test_wildcards(pattern, yes, no):
    assert [name for name in yes if not globs.matches(name, pattern)] == []
    assert [name for name in no if globs.matches(name, pattern)] == []


NAMES = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=5).map("/".join)
PARTS = st.lists(st.sampled_from(["a", "b", "*", "a*", "**"]), min_size=1, max_size=5)


@given(NAMES, PARTS)
def test_matching_is_that_of_a_regular_expression(name, parts):
    expression = "/".join(part.replace("*", "[^/]*") for part in parts if part != "**")
    pieces = ["(?:[^/]+/)*" if p == "**" else p.replace("*", "[^/]*") + "/" for p in parts]
    expression = "".join(pieces)
    assert globs.matches(name, "/".join(parts)) == bool(re.fullmatch(expression, f"{name}/"))


def test_many_wildcards_take_no_time():
    assert not globs.matches("/".join(["a"] * 300), "/".join(["**", "a"] * 100 + ["b"]))
