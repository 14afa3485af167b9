import json
from hashlib import blake2b

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.text import spellings
from potstill.text.normalise import normalise
from potstill.text.spellings import spelling_digests

TRICKY = st.text(
    alphabet=st.sampled_from(
        list(
            " \t\n\u3000\xa0\\＼,;:!>~～{}$+-=aAxqQud½²₂ﬁİß\u0301\u0345\u200b，。三ｱﾞ’한ᆨ\0\U0001f600"
        )
    )
)
LATEX = st.lists(
    st.sampled_from(["\\", "quad", "q", "~", ",", " ", "\\,", "x", "=", "{", "\0"])
).map("".join)
TEXTS = st.lists(st.text(max_size=30) | TRICKY | LATEX, max_size=6)


def expected(texts):
    return [
        blake2b(normalise(text).encode("utf-32-le", "surrogatepass"), digest_size=16).digest()
        for text in texts
    ]


def found(texts):
    return [digest.tobytes() for digest in spelling_digests(texts)]


@settings(deadline=None)
@given(TEXTS)
def test_the_digests_are_those_of_normalise(texts):
    assert found(texts) == expected(texts)


@settings(deadline=None)
@given(TEXTS)
def test_blocks_change_nothing(texts):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spellings, "_BLOCK", 7)
        assert found(texts) == expected(texts)


@pytest.mark.parametrize(
    "text",
    [
        "\\~= a",
        "\\quad\\,x",
        "\\qu\\,ad y",
        "a \\\\, b",
        "\\\\ \\quad = \\quadx",
        "\ud800 a",
        "",
        "1,\\!000 \\ 2",
    ],
)
def test_latex_spacing(text):
    assert found([text, "next", text]) == expected([text, "next", text])


def test_no_texts():
    assert found([]) == []


def test_real_texts(shared):
    texts = []
    for name, field in (("gsm8k/test.jsonl", "question"), ("math500/test.jsonl", "problem")):
        lines = (shared / "data" / name).read_text("utf-8").splitlines()[:300]
        texts += [json.loads(line)[field] for line in lines]
    assert found(texts) == expected(texts)
