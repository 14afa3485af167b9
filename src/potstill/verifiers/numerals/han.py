"""Chinese numerals: 三十二, 一万两千, 二〇二四, 三点一四, 三分之一, 百分之五, 1.2万."""

import re
from fractions import Fraction

_MOST = 64
"""Longer runs are no numbers that anybody writes."""
_PLAIN = str.maketrans(
    "〇壹弌贰貳兩叁參肆伍陆陸柒捌玖拾佰仟萬億點負個",
    "零一一二二两三三四五六六七八九十百千万亿点负个",
)
_TENS = {"廿": "二十", "卅": "三十", "卌": "四十"}
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_DECIMALS = str.maketrans("零一二三四五六七八九", "0123456789")
_SCALES = {"兆": 12, "亿": 8, "万": 4, "千": 3, "百": 2, "十": 1}
_ORDINARY = 4
"""Powers of ten from which on a scale takes a number of several digits before it: 三十万."""

HAN = "零〇一二两三四五六七八九十百千万亿兆廿卅卌壹弌贰貳兩叁參肆伍陆陸柒捌玖拾佰仟萬億"
"""The characters of numerals."""
_FIGURES = r"[0-9]+(?:\.[0-9]+)?"
VALUE = (
    rf"(?:[{HAN}]+(?:[点點][{HAN}]+)?"
    rf"|{_FIGURES}(?:[十百千万亿兆]+(?:{_FIGURES}[十百千万亿兆]+)*(?:[0-9]{{3,}})?)?)"
)
"""A pattern of what may be an integer or a decimal."""
NUMBER = re.compile(
    rf"(?P<sign>[负負]?)(?:(?:(?P<whole>[{HAN}]+|[0-9]+)又)?"
    rf"(?P<below>[{HAN}]+|[0-9]+)分之(?P<above>{VALUE})|(?P<value>{VALUE}))"
)
"""What may be a number."""
_COMPOUND = re.compile(r"([0-9]+(?:\.[0-9]+)?)([十百千万亿兆]+)")


def chinese(text: str) -> Fraction | None:
    """Return the number that a text in Chinese numerals is, or None.

    It may be negative (负三), a fraction (三分之一, 三又二分之一, 百分之五), a decimal (三点一四),
    a year in digits (二〇二四), half (半, 一半), formal (叁佰), or have figures in it (1.2万).
    As in speech 两百五 is 250. Numbers that are only about so large (十几, 三四, 一百多) are none.
    """
    if len(text) > _MOST:
        return None
    if text in ("半", "一半"):
        return Fraction(1, 2)
    if (match := NUMBER.fullmatch(text)) is None:
        return None
    value = _fraction(match) if match["below"] else _value(match["value"])
    return -value if value is not None and match["sign"] else value


def _fraction(match: re.Match[str]) -> Fraction | None:
    below, above = _value(_one(match["below"])), _value(match["above"])
    whole = _value(match["whole"]) if match["whole"] else Fraction(0)
    if not below or above is None or whole is None:
        return None
    return whole + above / below


def _one(below: str) -> str:
    """Return 一百 for the 百 of 百分之: the only numbers that may begin with a scale."""
    return f"一{below}" if below in _SCALES and below != "十" else below


def _value(text: str) -> Fraction | None:
    """Return an integer or decimal, both with figures or without."""
    if text[0].isdigit():
        return _figures(text)
    text = text.translate(_PLAIN)
    for sign, plain in _TENS.items():
        text = text.replace(sign, plain)
    before, point, after = text.partition("点")
    if not point:
        return _exact(_integer(text))
    scales = after.lstrip("零一二三四五六七八九")
    digits = after[: len(after) - len(scales)]
    whole, scale = _integer(before), _power(scales)
    if whole is None or scale is None or not digits:
        return None
    return (whole + Fraction(int(digits.translate(_DECIMALS)), 10 ** len(digits))) * scale


def _exact(value: int | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _figures(text: str) -> Fraction | None:
    """Return figures with scales behind them: 1.2万, 3百万, 1亿2000万, 3万5千."""
    total, last, end = Fraction(0), None, 0
    for match in _COMPOUND.finditer(text):
        scale = _power(match[2])
        if match.start() != end or scale is None or (last is not None and scale >= last):
            return None
        total, last, end = total + Fraction(match[1]) * scale, scale, match.end()
    rest = text[end:]
    if not rest:
        return total
    if not rest.isdigit() or (last is not None and (len(rest) < 3 or int(rest) >= last)):
        return None if last is not None else _decimal(rest)
    return total + int(rest)


def _decimal(text: str) -> Fraction | None:
    return Fraction(text) if re.fullmatch(_FIGURES, text) else None


def _power(scales: str) -> int | None:
    """Return what a run of scales multiplies by: 百万 is 10^6, 万亿 10^12, none of them 1."""
    powers = [_SCALES.get(scale) for scale in scales]
    if len(powers) > 2:
        return None
    total = 0
    for power in powers:
        if power is None:
            return None
        total += power
    return 10**total


def _integer(text: str) -> int | None:
    if all(digit in _DIGITS for digit in text):
        return _year(text)
    return 2 if text == "两" else _scaled(text)


def _year(text: str) -> int | None:
    """Return a number written digit by digit; 三四 stands for three or four."""
    if len(text) == 2 and "零" not in text:
        return None
    return int(text.translate(_DECIMALS)) if text else None


def _scaled(text: str) -> int | None:
    """Return a number by its largest scale: what is before it, and what is behind it."""
    scale = next((scale for scale in _SCALES if scale in text), None)
    if scale is None:
        return _DIGITS.get(text)
    power = _SCALES[scale]
    before, _, after = text.rpartition(scale)
    count, rest = _count(before, power), _rest(after, power)
    if count is None or rest is None or rest >= 10**power:
        return None
    return count * 10**power + rest


def _count(text: str, power: int) -> int | None:
    """Return how many of a scale there are: 三 in 三百, 三千 in 三千万, one in 十."""
    if not text:
        return 1 if power == 1 else None
    if text == "两":
        return 2 if power > 1 else None
    if power >= _ORDINARY:
        return _scaled(f"一{text}" if text[0] in "百千" else text) or None
    return _DIGITS.get(text) or None


def _rest(text: str, power: int) -> int | None:
    """Return what stands behind a scale: 五 is five hundred behind 千, and five behind 千零."""
    if not text:
        return 0
    if text in _DIGITS and text != "零":
        return _DIGITS[text] * (10 ** (power - 1))
    bare = text.removeprefix("零")
    return _scaled(bare) if bare not in ("", "两", "零") else None
