"""Values: whatever was written comes back, and nothing else is taken for it."""

import json

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from potstill.storage.values import Attempt, DamagedValueError, Entry, decode, encode

TEXTS = st.text(st.characters())  # halves of surrogate pairs included
ATTEMPTS = st.builds(
    Attempt,
    at=st.text(),
    ending=st.sampled_from(["ok", "network"]),
    status=st.none() | st.integers(100, 599),
    detail=TEXTS,
    seconds=st.floats(0, 1e6),
    cached_tokens=st.none() | st.integers(0, 2**40),
    estimated=st.booleans(),
)


@given(
    st.lists(
        st.builds(
            Entry,
            key=st.text(),
            model=TEXTS,
            ending=st.sampled_from(["ok", "malformed"]),
            request=TEXTS,
            reply=TEXTS,
            attempts=st.lists(ATTEMPTS, max_size=3).map(tuple),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_any_call_comes_back(entries: list[Entry]) -> None:
    assert [decode(value) for value in encode(entries)] == entries


def test_a_value_is_a_line_of_json_and_the_bodies_word_for_word(entry) -> None:
    [value] = encode([entry(request='{"a":\n 1}', reply="no JSON é")])
    plain = zstandard.ZstdDecompressor().decompress(value)
    head, _, bodies = plain.partition(b"\n")
    assert json.loads(head)["request_bytes"] == 9
    assert bodies.decode() == '{"a":\n 1}no JSON é'


def test_any_flipped_bit_is_noticed_or_means_nothing(entry) -> None:
    written = entry()
    [value] = encode([written])
    for position in range(8 * len(value)):
        flipped = bytearray(value)
        flipped[position // 8] ^= 1 << position % 8
        try:
            found = decode(bytes(flipped))
        except DamagedValueError:
            continue
        assert found == written  # some bits mean nothing to zstd


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"[]",
        b"7",
        b"{}",
        b'{"version":3}\n',
        b'{"version":2,"key":"k"}\n',
        b'{"version":2,"key":"k","model":"m","ending":"ok","attempts":[],"request_bytes":"x"}\n',
        b'{"key":"k","model":"m","ending":"never","request":"{}"}',
        b"[" * 100_000,
    ],
)
def test_what_holds_no_call_is_damage(plain: bytes) -> None:
    value = zstandard.ZstdCompressor(write_checksum=True).compress(plain)
    with pytest.raises(DamagedValueError):
        decode(value)


def test_a_value_of_another_type_is_damage() -> None:
    for value in ("text", None, 3):
        with pytest.raises(DamagedValueError):
            decode(value)  # type: ignore[arg-type]
