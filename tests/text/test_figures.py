from hypothesis import given, settings
from hypothesis import strategies as st

from potstill.text.figures import figure_hashes
from potstill.text.ngrams import words
from potstill.text.numerals import FIGURES, SIGNS, figures
from potstill.text.tokens import token_hashes

TEXTS = st.lists(
    st.lists(
        st.sampled_from(
            [*FIGURES, *SIGNS, "-", "星", "期", "3", "4", "1,000", "x²", "፩", "½", "a", "Two", ""]
        ),
        max_size=6,
    ).map(" ".join),
    max_size=8,
)


@settings(deadline=None)
@given(TEXTS)
def test_equal_hashes_are_equal_figures(texts):
    hashes = figure_hashes(token_hashes(texts)).tolist()
    read = [" ".join(figures(words(text))) for text in texts]
    for i, one in enumerate(read):
        assert [one == other for other in read] == [hashes[i] == other for other in hashes]


def test_no_texts():
    assert figure_hashes(token_hashes([])).tolist() == []
