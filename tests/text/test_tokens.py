import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.text import characters, tokens
from potstill.text.ngrams import words
from potstill.text.tokens import hash_of, token_hashes

TRICKY = st.text(
    alphabet=st.sampled_from(
        list(
            "aBzé\u0301\u0327\u0345ﬁİß'’\\,.!{} qQud01234５٣²½ₓ①፩-−+×∬≠"
            "中〇がｱ한ᄀ\u200b\0\n\U0001f600Σ_"
        )
    )
)
LATEX = st.lists(
    st.sampled_from(
        [
            "\\frac",
            "\\quad",
            "\\qquad",
            "\\,",
            ",\\!",
            "1",
            "12",
            "345",
            ",",
            ".",
            "x",
            "é",
            " ",
            "’",
        ]
    )
).map("".join)
TEXTS = st.lists(st.text(max_size=30) | TRICKY | LATEX, max_size=6)


def expected(texts):
    return [[hash_of(word) for word in words(text)] for text in texts]


def found(texts):
    hashes, offsets = token_hashes(texts)
    return [hashes[a:b].tolist() for a, b in zip(offsets, offsets[1:], strict=False)]


@settings(deadline=None)
@given(TEXTS)
def test_the_tokens_are_those_of_words(texts):
    assert found(texts) == expected(texts)


@settings(deadline=None)
@given(st.lists(st.text(alphabet="a1,. '中\\", max_size=60), max_size=4))
def test_blocks_change_nothing(texts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "_BLOCK", 7)
        assert found(texts) == expected(texts)


def test_a_long_text_is_cut_between_tokens():
    text = "naïve 1,000.5 中文 " * 20_000
    hashes, offsets = token_hashes(["before", text, "after"])
    assert np.array_equal(hashes[1:-1], np.tile(hashes[1:5], 20_000))
    assert offsets.tolist() == [0, 1, 80_001, 80_002]


def test_no_texts():
    assert found([]) == []
    assert found(["", "?!", ""]) == [[], [], []]


def test_lone_surrogates_are_no_tokens():
    assert found(["a\ud800b"]) == [[hash_of("a"), hash_of("b")]]


def test_real_texts(shared):
    texts = []
    for name, field in (("gsm8k/test.jsonl", "question"), ("math500/test.jsonl", "problem")):
        lines = (shared / "data" / name).read_text("utf-8").splitlines()[:300]
        texts += [json.loads(line)[field] for line in lines]
    assert found(texts) == expected(texts)


def test_what_is_known_at_once_is_what_would_be_learned():
    names = ("KIND", "FORM", "SPELLED", "VALUE")
    for code in range(0x3400, 0xD7A4, 97):
        before = [getattr(characters, name)[code] for name in names]
        if before[0] != characters._NEW:
            characters._learn(code)
            assert before == [getattr(characters, name)[code] for name in names]
