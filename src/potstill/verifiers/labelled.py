"""Several values with names: 鸡23只，兔12只; Ann $30, Bea $40."""

import re
from collections.abc import Callable

from potstill.verifiers.finding import Finding, different, equal

_NAME = r"[A-Z][a-z]+|[\u4e00-\u9fff]{1,6}?"
_NUMBER = r"\\?\$?-?[0-9]+(?:[./][0-9]+)?"
_UNIT = r"\s?(?:%|[A-Za-z]{1,3}[²³]?|[\u4e00-\u9fff]{1,4})?"
_SAID = r"\s*(?:是|为|有|得|等于|:|=|\b(?:is|gets|has|are|receives|pays)\b)?\s*"
_ITEM = re.compile(rf"({_NAME}){_SAID}({_NUMBER}{_UNIT})")
_BETWEEN = re.compile(r"\s*[,，、;；]\s*(?:and\s+)?|\s+and\s+")
_NUMERAL = re.compile("[0-9零一二三四五六七八九十百千万亿半]")
_TAIL = 300
"""Characters at the end of a response in which the values are looked for."""

Named = tuple[tuple[str, str], ...]
"""Names with their values, as written."""


def named_values(reference: str) -> Named:
    """Return the names and values that a reference consists of; nothing if it is anything else."""
    found = [_ITEM.fullmatch(item) for item in _BETWEEN.split(reference.strip(" .。"))]
    pairs = tuple((item[1], item[2]) for item in found if item)
    names = {name for name, _ in pairs}
    if len(found) < 2 or len(pairs) < len(found) or len(names) < len(pairs):
        return ()
    return () if any(_NUMERAL.search(name) for name in names) else pairs


def compare_named(
    reference: Named, response: str, compare: Callable[[str, str], Finding]
) -> Finding | None:
    """Compare each value with the one that the end of a response gives its name.

    None where a name has no value there, or where a comparison can't tell.
    """
    text = response[-_TAIL:].replace("**", "")
    findings: list[Finding] = []
    for name, value in reference:
        said = list(re.finditer(re.escape(name) + _SAID + rf"(({_NUMBER}){_UNIT})", text))
        if not said:
            return None
        finding = compare(value, said[-1][1])
        if finding.outcome == "undecided":  # more than a unit was behind the number
            finding = compare(value, said[-1][2])
        findings.append(finding)
    if any(finding.outcome == "fail" for finding in findings):
        return different("names")
    passed = all(finding.outcome == "pass" for finding in findings)
    return equal("names") if passed else None
