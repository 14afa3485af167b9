r"""Light normalisation of answers: what is safe to take off before anything is compared."""

import re

from potstill.text.normalise import normalise

_WIDTHS = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: " ", 0x00A0: " ", 0x2212: "-"}
_WRAPPERS = re.compile(
    r"\\\((?P<round>.*)\\\)"
    r"|\\\[(?P<square>.*)\\\]"
    r"|\\(?:text(?:bf|it|rm|sf|normal)?|mathrm|mathbf|mbox|boxed)\s*\{(?P<font>[^{}]*)\}"
    r"|\*\*(?P<bold>.*)\*\*"
    r"|\((?P<letter>[A-Za-z])\)",
    re.S,
)
_SPELLINGS = tuple(
    (re.compile(pattern), spelling)
    for pattern, spelling in (
        (r"\\[dtc]frac(?![A-Za-z])", r"\\frac"),
        (r"\\(?:left|right|displaystyle)(?![A-Za-z])", ""),
        (r"(?<!\\)\\!\s*|\{(?=,\})|(?<=\{,)\}", ""),
        (r"(?<!\\)\\[,;: ]|~|\\q?quad(?![A-Za-z])", " "),
        (r"\^\s*(?:\{\s*\\circ\s*\}|\\circ)|\\degrees?(?![A-Za-z])", "°"),
        (r"(?<!\\)\\([%$#])", r"\1"),
        (r"\\\\\[[0-9.]+\s*(?:mm|cm|pt|ex|em)\]", r"\\\\ "),
    )
)
_ESCAPED = re.compile(r"\\\\(?=[A-Za-z{}()])")
"""A backslash written twice, as in the source of JSON; in a matrix it ends a row."""
_DOLLAR = re.compile(r"(?<!\\)\$")
_OR = re.compile(r"(?<=[0-9A-Za-z})])\s*(?:或者?|和)\s*(?=[0-9A-Za-z\\(-])")
_FUNCTION = (
    r"(?:arc(?:sin|cos|tan)|cosh?|cot|csc|deg|det|dim|exp|gcd|inf|infty|int|lcm|lim|ln|log|max|min|"
    r"mod|pi|sec|sinh?|sqrt|sup|tanh?|and|or)(?![A-Za-z])"
)
_RUN = re.compile(rf"(?<![\\A-Za-z])(?!{_FUNCTION})[A-Za-z]{{2,}}|[\u3400-\u9fff]")
_WORD = re.compile(
    rf"(?<![\\A-Za-z])(?<!\\begin\{{)(?<!\\end\{{)(?!{_FUNCTION})(?:"
    r"[A-Za-z]{4,}|(?<=[A-Za-z0-9]\s)[A-Za-z]{2,3}(?![A-Za-z])|[A-Za-z]{2,3}(?=\s+[A-Za-z0-9])"
    r")|(?<=text\{)\s*(?!(?:and|or)\b)[A-Za-z]{2,}|[\u3400-\u9fff]"
)
_MATH = re.compile(r"[0-9=+*/^_<>|\\{}\[\]]")


def narrow(text: str) -> str:
    """Return `text` with full-width letters, digits and signs as their ASCII counterparts."""
    return text if text.isascii() else text.translate(_WIDTHS)


def plain(text: str) -> str:
    r"""Return an answer without what only dresses it up.

    Off come the dollars and brackets around a formula, fonts around the whole, bold, white space
    and final punctuation; `\dfrac` is `\frac`, `10{,}000` and `10,\!000` are `10,000`, `^\circ` is
    `°`, and full-width characters are ASCII. Nothing else of Unicode is folded: under NFKC `x²`
    would become `x2`.
    """
    text = narrow(text).strip().rstrip(".,;。；、 ")
    if text.count("$") > 1:
        text = _DOLLAR.sub("", text)
    if not text.isascii():
        text = _OR.sub(" or ", text)
    if "\\\\" in text and "\\begin" not in text:
        text = _ESCAPED.sub(r"\\", text)
    if "\\" in text or "{" in text:
        for pattern, spelling in _SPELLINGS:
            text = pattern.sub(spelling, text)
    while (match := _WRAPPERS.fullmatch(text)) and match.lastgroup:
        text = match[match.lastgroup].strip().rstrip(".,;。；、 ")
    return " ".join(text.split())


def is_words(text: str) -> bool:
    r"""Return whether a plain answer is words, such as a name, rather than mathematics.

    `Evelyn`, `east`, `Au` and `见右图` are; `x`, `\pi`, `ln x` and `2ab` aren't. `ab` counts as
    words: it can't be told from two factors.
    """
    return not _MATH.search(text) and _RUN.search(text) is not None


def prose(text: str) -> bool:
    """Return whether a plain answer has words among its mathematics.

    A word has four letters or more, or stands with a space only beside other letters or figures:
    there is one in `x is 5` and in `5 apples`, and none in `2xy + 3` and `sin x`.
    """
    return _WORD.search(text) is not None


def same_text(one: str, other: str) -> bool:
    """Return whether two plain answers are the same text.

    White space doesn't count. Case counts in mathematics and in words of up to three letters:
    `Co` is cobalt and `CO` is a gas, while `tuesday` is `Tuesday`.
    """
    if "".join(one.split()) == "".join(other.split()):
        return True
    return len(one) > 3 and is_words(one) and normalise(one) == normalise(other)
