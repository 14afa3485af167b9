"""Plain data as bytes and back."""

import json
import math
from contextlib import suppress
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.sandbox.inside.plain import NotPlainError, decode, encode

KEYS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.fractions(),
    st.complex_numbers(allow_nan=False),
)
VALUES = st.recursive(
    KEYS | st.decimals(allow_nan=False),
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(KEYS, inner),
        st.sets(KEYS),
        st.frozensets(KEYS),
    ),
)


def kinds(value):
    """Return a value's type with those of what it holds."""
    if isinstance(value, dict):
        return dict, [(kinds(key), kinds(value[key])) for key in value]
    if isinstance(value, list | tuple):
        return type(value), [kinds(each) for each in value]
    return type(value), repr(value) if not isinstance(value, set | frozenset) else len(value)


@given(VALUES)
def test_value_and_types_come_back(value):
    back = decode(encode(value))
    assert back == value
    assert kinds(back) == kinds(value)


@pytest.mark.parametrize("value", [math.inf, -math.inf, -0.0, 1e308, 2**63, -(2**63)])
def test_number_comes_back(value):
    back = decode(encode([value]))[0]
    assert type(back) is type(value)
    assert math.copysign(1, back) == math.copysign(1, value)
    assert back == value


def test_number_of_many_digits_comes_back():
    assert decode(encode([10**5000])) == [10**5000]


def test_not_a_number_comes_back():
    assert math.isnan(decode(encode(math.nan)))
    assert decode(encode(Decimal("NaN"))).is_nan()


def test_text_that_is_no_unicode_comes_back():
    assert decode(encode("\ud800\0")) == "\ud800\0"


class Liar(list):
    def __iter__(self):
        return iter(["lie"])

    def __len__(self):
        return 99

    def __eq__(self, other):
        return True

    __hash__ = None


class Number(Fraction):
    numerator = denominator = property(lambda self: 7)


class Colour(IntEnum):
    RED = 3


@pytest.mark.parametrize(
    ("value", "expected"),
    [(Liar([1, 2]), [1, 2]), (Colour.RED, 3), (True, True), (Number(1, 2), Fraction(1, 2))],
)
def test_subclass_is_its_base(value, expected):
    back = decode(encode(value))
    assert type(back) is type(expected)
    assert back == expected


def test_numpy_is_what_it_makes_of_itself():
    numpy = pytest.importorskip("numpy")
    assert decode(encode([numpy.int64(3), numpy.float64(0.5), numpy.array([1, 2])])) == [
        3,
        0.5,
        [1, 2],
    ]


@pytest.mark.parametrize("value", [object(), len, iter([]), int, range(3)])
def test_what_is_not_plain(value):
    with pytest.raises(NotPlainError, match="not plain data"):
        encode([value])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1",
        "{}",
        '{"tuple": [1], "set": [2]}',
        '{"what": 1}',
        '{"tuple": 1}',
        '{"int": 5}',
        '{"int": "xyz"}',
        '{"dict": [1]}',
        '{"dict": [[], 1]}',
        '{"set": [[1]]}',
        '{"bytes": "0"}',
        '{"complex": [1, 2]}',
        '{"fraction": [1, 0]}',
        '{"fraction": [1.5, 2]}',
        '{"decimal": "one"}',
        '{"decimal": "1e999999"}',
        "[" * 100_000,
        "9" * 5_000,
        "\udcff",
    ],
)
def test_what_encode_never_writes(text):
    with pytest.raises(NotPlainError):
        decode(text.encode(errors="surrogateescape"))


@given(st.binary())
def test_any_bytes_are_read_or_refused(data):
    with suppress(NotPlainError):
        decode(data)


@given(st.recursive(st.text() | st.integers(), lambda x: st.dictionaries(st.text(), x)))
def test_other_json_is_read_or_refused(value):
    with suppress(NotPlainError):
        decode(json.dumps(value).encode())


def test_dict_of_equal_hashes_is_refused():
    keys = [index * (2**61 - 1) for index in range(1000)]
    with pytest.raises(NotPlainError, match="one hash"):
        decode(encode(dict.fromkeys(keys)))
