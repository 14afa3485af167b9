"""The numbers in a text, as the thing that tells two problems of one wording apart."""

from collections.abc import Sequence

_UNITS = "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_TEENS = "sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ORDINALS = "second third fourth fifth sixth seventh eighth ninth tenth"
_OTHERS = {
    "zero": "0",
    "twice": "2",
    "double": "2",
    "triple": "3",
    "dozen": "12",
    "hundred": "100",
    "thousand": "1000",
    "million": "1000000",
    "billion": "1000000000",
    "half": "1/2",
    "quarter": "1/4",
    "零": "0",
    "〇": "0",
    "两": "2",
    "半": "1/2",
    "百": "100",
    "千": "1000",
    "万": "10000",
    "亿": "100000000",
}
FIGURES = (
    {word: str(value) for value, word in enumerate(f"{_UNITS} {_TEENS}".split(), start=2)}
    | {word: f"{tens}0" for tens, word in enumerate(_TENS.split(), start=2)}
    | {word: f"{value}th" for value, word in enumerate(_ORDINALS.split(), start=2)}
    | {character: str(value) for value, character in enumerate("二三四五六七八九十", start=2)}
    | _OTHERS
)
"""Words for numbers, and the numbers in figures."""
SIGNS = frozenset("+*/=<>^%×÷≤≥≠")
"""Signs that count next to a number."""
WEEKDAY = ("星", "期")
"""What makes a day of the week of the number behind it."""


def figures(words: Sequence[str]) -> list[str]:
    """Return the numbers among tokens, in their order, and the signs that stand next to one.

    Numbers in words, English or Chinese, are given in figures, word by word: `twenty one` is
    20, not 21. That is enough to compare two texts, and not meant for arithmetic. Words for one
    (`one`, `first`, `一`) are left out, since they are pronouns and articles too; where another
    number takes their place, that number shows. A minus counts before a number only, so that
    `50-year-old` is `50 year old`, and a day of the week (`星期六`) is a name, no number.
    """
    numbers = [_number(words, i) for i in range(len(words))]
    before, after = ["", *numbers], [*numbers[1:], ""]
    return [
        number or word
        for word, number, left, right in zip(words, numbers, before, after, strict=False)
        if number or (right and word == "-") or ((left or right) and word in SIGNS)
    ]


def _number(words: Sequence[str], i: int) -> str:
    word = words[i]
    if word[0].isdigit():
        return word
    if word not in FIGURES or [*words[max(0, i - 2) : i]] == [*WEEKDAY]:
        return ""
    return FIGURES[word]
