"""The options of a multiple-choice prompt, and what a response calls them."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

LETTERS = "ABCDEFGHIJ"
_STYLES = {
    "ABCDEFGHIJ": re.compile(
        r"(?:(?<![^\s,.;:?!。，；：？！)])(?P<bare>[A-J])\s?[.、:)]|\((?P<inside>[A-J])\))[ \t]*"
    ),
    "abcdefghij": re.compile(
        r"(?:^|(?<=\s))(?:(?P<bare>[a-j])[.)]|\((?P<inside>[a-j])\))[ \t]*", re.M
    ),
    "①②③④⑤⑥⑦⑧⑨⑩": re.compile(r"(?P<bare>[①-⑩])(?P<inside>(?!))?[.、:]?[ \t]*"),
    "甲乙丙丁戊己庚辛壬癸": re.compile(
        r"(?:^|(?<=[\s。；;?]))(?P<bare>[甲乙丙丁戊己庚辛壬癸])(?P<inside>(?!))?[.、:][ \t]*", re.M
    ),
    "123456789": re.compile(r"^[ \t]*(?:(?P<bare>[1-9])[.)、]|\((?P<inside>[1-9])\))[ \t]*", re.M),
}
"""The labels that options have, the commonest first, and how they stand in a prompt."""
_NEGATIVE = re.compile(
    r"\b(?:NOT|EXCEPT|LEAST|not\s+(?:true|correct|a)|incorrect|false|except)\b"
    r"|不(?:正确|恰当|符合|合理|可能|属于|能|是|包括|相符|准确|当)|错误的|有误|没有语病的?反",
)


class Options(NamedTuple):
    """The options of a prompt, under the letters from A on, whatever the prompt calls them."""

    texts: Mapping[str, str]
    """Letter to text, in the prompt's order; empty where the prompt has none."""
    labels: str
    """What the prompt calls them, in order, such as `①②③④`."""
    negative: bool
    """Whether it asks for what is wrong."""

    def lettered(self, text: str) -> str:
        """Return a text with the prompt's labels as capital letters.

        Small letters count in brackets, and digits only as the whole text or in brackets, unless
        an option reads like that: `2` may be what B says.
        """
        if self.labels[:1] in "①甲":
            return text.translate(str.maketrans(self.labels, LETTERS[: len(self.labels)]))
        small = re.compile(r"(?<![\w)])\(([a-j])\)(?!\w)")
        if self.labels[:1] != "1":
            return small.sub(lambda match: f"({match[1].upper()})", text)
        bare = text.strip(" .()")
        if bare in self.texts.values() or bare not in self.labels:
            return text
        return LETTERS[self.labels.index(bare)] if bare else text


def read_options(prompt: str) -> Options:
    """Return the options of a prompt: `A. …`, `(A) …`, `A、…`, `(a) …`, `① …`, `甲、…`, `1) …`.

    They begin at the last first label that a second one follows.
    """
    for labels, pattern in _STYLES.items():
        marks = list(pattern.finditer(prompt))
        if run := _run(marks, labels):
            ends = [mark.start() for mark in run[1:]] + [len(prompt)]
            texts = [prompt[m.end() : end].strip() for m, end in zip(run, ends, strict=True)]
            lettered = dict(zip(LETTERS, texts, strict=False))
            asked = prompt[: run[0].start()]
            return Options(lettered, labels[: len(texts)], bool(_NEGATIVE.search(asked[-300:])))
    return Options({}, "", bool(_NEGATIVE.search(prompt[-300:])))


def _run(marks: list[re.Match[str]], labels: str) -> list[re.Match[str]]:
    """Return the last run of labels that begins with the first of them; at least two."""
    places = [labels.index(mark["bare"] or mark["inside"]) for mark in marks]
    least = 3 if labels[0] == "1" else 2
    firsts = [at for at, place in enumerate(places) if place == 0]
    for start, stop in reversed(list(pairwise([*firsts, len(marks)]))):
        run = [marks[start]]
        for at in range(start + 1, stop):
            if places[at] == len(run):
                run.append(marks[at])
        if len(run) >= least:
            return run
    return []
