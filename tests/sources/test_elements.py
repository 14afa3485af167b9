import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.errors import SourceError
from potstill.sources import elements as module
from potstill.sources.elements import elements
from potstill.sources.local import file_at

LEAF = st.none() | st.booleans() | st.integers() | st.text()
VALUE = st.recursive(LEAF, lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(), v))


def cut(data: bytes, size: int = 1 << 20):
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "chunks", lambda _: iter(chunks))
        return list(elements(file_at(Path("x.json"), "x.json")))


@given(st.lists(VALUE), st.integers(1, 9), st.booleans(), st.sampled_from([None, 2]))
def test_elements_are_those_of_the_array(rows, size, within, indent):
    value = {"about": {"a": [1], "b": "]["}, "data": rows, "end": "x"} if within else rows
    data = json.dumps(value, ensure_ascii=False, indent=indent).encode()
    found = cut(data, size)
    assert [json.loads(piece.data) for piece in found] == rows
    assert [piece.number for piece in found] == list(range(1, len(rows) + 1))
    assert all(data[p.offset : p.offset + len(p.data)] == p.data and not p.broken for p in found)


def test_a_text_that_is_cut_behind_a_brace_is_no_whole_row():
    (last,) = cut(b'["}')
    assert (last.data, last.broken) == (b'"}', "truncated_json")


@given(st.lists(VALUE, min_size=1, max_size=4), st.data())
def test_what_comes_before_a_cut_is_kept(rows, data):
    text = json.dumps(rows).encode()
    length = data.draw(st.integers(1, len(text) - 1))
    *whole, last = cut(text[:length])
    assert [json.loads(piece.data) for piece in whole] == rows[: len(whole)]
    assert last.broken == "truncated_json"
    assert text[:length].endswith(last.data)


def test_a_bad_element_costs_one_row():
    found = cut(b'[{"a": 1}, {"a": NaN}, oops "x" y, , {"a": 2}]')
    assert [piece.data.strip() for piece in found] == [
        b'{"a": 1}',
        b'{"a": NaN}',
        b'oops "x" y',
        b"",
        b'{"a": 2}',
    ]
    assert not any(piece.broken for piece in found)


@pytest.mark.parametrize("text", [b'[{"a": 1}, {"a": [2}, 3]', b'[{"a": 1}, 2}, {}]'])
def test_brackets_that_do_not_match_end_the_file(text):
    first, last = cut(text)
    assert (first.data, last.number, last.broken) == (b'{"a": 1}', 2, "not_json")


@pytest.mark.parametrize("text", [b"[1] x", b'{"data": [1], oops}', b"x [1]", b"[1] {}"])
def test_text_around_the_array_is_checked(text):
    first, last = cut(text)
    assert (first.data, last.number, last.broken) == (b"1", 2, "not_json")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (b'{"a": 1}', "no array"),
        (b'{"a": 1}\n{"a": 2}\n', "no array"),
        (b'{"a": {"b": []}}', "no array"),
        (b" \n", "no array"),
        (b'"text"', "no array"),
        (b"[1][2]", "several arrays"),
        (b'{"a": [1], "b": [2]}', "several arrays"),
        (b'{"messages": [1]}\n{"messages": [2]}', "several arrays"),
    ],
)
def test_a_file_without_exactly_one_array_is_an_error(text, count):
    with pytest.raises(SourceError, match=f"x.json holds {count}.*use: jsonl"):
        cut(text)


def test_of_brackets_without_end_only_so_many_are_held():
    nesting = module._Nesting()
    deep = 3 * module._FOLLOWED
    assert all(nesting.follow(b"[") for _ in range(deep))
    assert len(nesting.opened) == module._FOLLOWED
    assert all(nesting.follow(b"]") for _ in range(deep - 1))
    assert nesting.is_between_elements
    assert nesting.follow(b"]")
    assert not nesting.follow(b"]")
