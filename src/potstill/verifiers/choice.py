"""Multiple choice: the letters that a response settles on, against those of the reference."""

import re
from collections.abc import Mapping

from pydantic import JsonValue

from potstill.protocols import needs_reference
from potstill.records import Problem, Response, Verdict
from potstill.text.answers import final_reference
from potstill.verifiers.answers import Answer, final_answer
from potstill.verifiers.finding import DIFFERENT, EQUAL, Finding, undecided
from potstill.verifiers.plain import narrow, plain, same_text
from potstill.verifiers.quantities import quantity

Options = Mapping[str, str]
"""Letter to text, as the prompt has them; empty where it has none."""

_OPTION = re.compile(r"(?:(?<![^\s,.;:?!。，；：？！)])([A-J])\s?[.、:)]|\(([A-J])\))[ \t]*")
_LIST = re.compile(
    r"(?i:options?|choices?|选项|both|either)?\s*\(?[A-J]\)?"
    r"(?:(?:[\s,、;&/和与及或]|(?i:and|or)\b){0,9}\(?[A-J]\)?)*"
)
_EITHER = re.compile(r"(?i:\b(?:or|either)\b)|[或/]")
_LETTERS = re.compile(r"(?<![A-Za-z])[A-J]+(?![A-Za-z])")
_BEGINS = re.compile(
    r"(?i:option |choice |选项)?\(?([A-J])"
    r"(?:\)|\s?[.、:]|(?=,|\s+(?:because|since|is|as|which)\b))\s*(.*)",
    re.S,
)
_SHOWN = 500
"""Most characters of an answer that evidence keeps."""
_BOLD = re.compile(r"\*\*\s*(\(?[A-J](?:\)|\b)[^*\n]{0,200})\*\*")


@needs_reference
def choice(problem: Problem, response: Response) -> Verdict:
    """Compare the letters that a response chooses with the reference's.

    The reference is a letter, several letters, or the text of one of the prompt's options. Passes
    with `equal`; fails with `different`, with `hedged` ("A or B" commits itself to nothing) and,
    where a whole response names no letter and no option, with `no_answer`. Undecided are
    `no_reference`, `reference_unusable` (neither a letter nor an option), `truncated` (cut before
    an explicit answer), `tool_calls` (a tool is called, and nothing is answered yet) and
    `answer_unparseable` (it talks of options, and settles on none that can be read).

    The evidence has `reference` and `answer` as letters, the `text` that was found, and
    `extracted_by` (what marked it).

    Example:
        verify:
          - {use: choice, where: "category = 'choice'"}
          - {use: math}
    """
    given = narrow(final_reference((problem.reference_answer or "").strip()))
    if not given:
        return Verdict(outcome="undecided", reason="no_reference")
    options = _options(narrow(problem.text))
    expected = _letters(given, options)
    if not expected or not set(expected) <= set(options or expected):
        return _verdict(undecided("reference_unusable"), given[:_SHOWN], None, None)
    text = narrow(response.answer).strip()
    answer = final_answer(text)
    if answer is None and response.ending == "truncated":
        return _verdict(undecided("truncated"), expected, None, None)
    answer = answer or _unmarked(text, options)
    if answer is None and response.tool_calls:
        return _verdict(undecided("tool_calls"), expected, None, None)
    if answer is None:
        talks = _talks_of_options(text, options)
        nothing = undecided("answer_unparseable") if talks else Finding("fail", "no_answer")
        return _verdict(nothing, expected, None, None)
    chosen = _letters(answer.text, options)
    return _verdict(_compare(expected, chosen, answer.text), expected, chosen, answer)


def _verdict(
    finding: Finding, reference: str, chosen: str | None, answer: Answer | None
) -> Verdict:
    evidence: dict[str, JsonValue] = {"reference": reference}
    if answer:
        evidence |= {"answer": chosen, "text": answer.text[:_SHOWN], "extracted_by": answer.by}
    return Verdict(outcome=finding.outcome, reason=finding.reason, evidence=evidence)


def _compare(expected: str, chosen: str | None, text: str) -> Finding:
    if chosen is None:
        return undecided("answer_unparseable")
    if len(chosen) > 1 and _EITHER.search(text):
        return Finding("fail", "hedged")
    return EQUAL if chosen == expected else DIFFERENT


def _options(prompt: str) -> Options:
    """Return the options of a prompt: `A. …`, `(A) …` or `A、…`, from the last `A` with a `B`."""
    marks = list(_OPTION.finditer(prompt))
    for start in reversed(range(len(marks))):
        run = [marks[start]]
        if _letter(run[0]) != "A":
            continue
        for mark in marks[start + 1 :]:
            if ord(_letter(mark)) == ord(_letter(run[-1])) + 1:
                run.append(mark)
        if len(run) > 1:
            ends = [mark.start() for mark in run[1:]] + [len(prompt)]
            texts = [prompt[m.end() : end].strip() for m, end in zip(run, ends, strict=True)]
            return dict(zip(map(_letter, run), texts, strict=True))
    return {}


def _letter(mark: re.Match[str]) -> str:
    return mark[1] or mark[2]


def _letters(text: str, options: Options, *, strict: bool = False) -> str | None:
    """Return the letters that a short text names, sorted, or None where it can't be told.

    Args:
        text: Letters alone, the text of an option, or a letter with more behind it.
        options: The prompt's options.
        strict: Whether what stands behind a letter has to be its option.
    """
    bare = plain(text)
    if _LIST.fullmatch(bare):
        found = _LETTERS.findall(bare)
        if all(run == "".join(sorted(set(run))) for run in found):  # `AC`, and not `BAD`
            return "".join(sorted(set("".join(found))))
    same = [letter for letter, option in options.items() if _same(bare, plain(option))]
    if len(same) == 1:
        return same[0]
    if not (begins := _BEGINS.fullmatch(bare)):
        return None
    letter, rest = begins.groups()
    if _same(plain(rest), plain(options.get(letter, ""))):
        return letter
    others = set("".join(_LETTERS.findall(rest))) - {letter}
    return None if strict or others & set(options or "ABCDEFGH") else letter


def _same(one: str, other: str) -> bool:
    if (here := quantity(one)) and (there := quantity(other)):
        return here == there
    return bool(one) and same_text(one, other)


def _unmarked(text: str, options: Options) -> Answer | None:
    """Return the letter in bold, or on the first or last line, if it is the only one there."""
    bold = {m for m in _BOLD.findall(text) if _letters(m, options, strict=bool(options))}
    if len({_letters(m, options) for m in bold}) == 1:
        return Answer(min(bold), "bold")
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    ends = [line for line in lines[:1] + lines[-1:] if _letters(line, options, strict=True)]
    if len({_letters(line, options) for line in ends}) == 1:
        return Answer(ends[-1], "line")
    return None


def _talks_of_options(text: str, options: Options) -> bool:
    named = set("".join(_LETTERS.findall(text))) & set(options or "ABCDEFGH")
    return bool(named) or any(option and option in text for option in options.values())
