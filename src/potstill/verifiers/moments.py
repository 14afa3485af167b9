"""Dates and times of day, English and Chinese."""

import re
from collections.abc import Callable
from typing import NamedTuple

from potstill.verifiers import numerals
from potstill.verifiers.finding import Finding, different, equal, undecided

_LONGEST = 80
_HALF_DAY = 12 * 60
_DAY = 24 * 60


class Moment(NamedTuple):
    """A date, a time of day, or both, as far as it is told."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    """From 0, Monday."""
    minute: int | None = None
    """Minutes since midnight."""
    second: int = 0
    half: bool = True
    """Whether the half of the day is told; else `minute` is only certain up to twelve hours."""


_MONTHS = "january february march april may june july august september october november december"
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday"


def _shortened(names: str, start: int, *lengths: int) -> dict[str, int]:
    """Return names with their places, also cut to each of some lengths: jan, sept, thurs."""
    places = list(enumerate(names.split(), start))
    return {name[:n]: i for i, name in places for n in (*lengths, len(name))}


_MONTH = _shortened(_MONTHS, 1, 3, 4)
_WEEKDAY = _shortened(_WEEKDAYS, 0, 3, 4, 5)
_HAN_WEEKDAY = {sign: i for i, sign in enumerate("一二三四五六日")} | {"天": 6}

_DRESS = re.compile(
    r"\\(?:text(?:bf|it|rm|sf)?|math(?:rm|bf)|mbox)\s*\{([^{}]*)\}|(\\[,;:! ]|[~$*]|\\q?quad)"
)
_ENGLISH_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTH, key=len, reverse=True))})\.?"
_ENGLISH_WEEKDAY = rf"(?P<weekday>{'|'.join(sorted(_WEEKDAY, key=len, reverse=True))})\.?"
_ENGLISH_DAY = r"(?:the )?(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
_HAN_FIGURE = "[0-9]{1,2}|[零〇一二两三四五六七八九十廿]{1,3}"
_HAN_WEEKDAYS = "(?:星期|周|礼拜)(?P<weekday>[一二三四五六日天])"
_YEAR = r"(?:,? ?(?P<year>[0-9]{4}))?"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:on )?(?:{_ENGLISH_WEEKDAY},? )?{_ENGLISH_MONTH} {_ENGLISH_DAY}{_YEAR}",
        rf"(?:on )?(?:{_ENGLISH_WEEKDAY},? )?{_ENGLISH_DAY} (?:of )?{_ENGLISH_MONTH}{_YEAR}",
        rf"(?:in )?{_ENGLISH_MONTH},?(?: (?P<year>[0-9]{{4}}))?",
        rf"(?:on )?(?:a )?{_ENGLISH_WEEKDAY}",
        r"(?P<year>[0-9]{4})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})",
        rf"(?:(?P<year>[0-9零〇一二三四五六七八九]{{4}})年)?(?P<month>{_HAN_FIGURE})月份?"
        rf"(?:(?P<day>{_HAN_FIGURE})[日号])?(?:,?[(]?{_HAN_WEEKDAYS}[)]?)?",
        _HAN_WEEKDAYS,
    )
)
_AM_PM = r"(?P<half>[ap])\.? ?m\.?|(?:in the )(?P<part>morning|afternoon|evening)"
_MINUTES = "(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9]))?"
_CLOCK = re.compile(rf"(?P<hour>[0-9]{{1,2}}):{_MINUTES}")
_ENGLISH_TIME = re.compile(
    rf"(?:at )?(?P<hour>[0-9]{{1,2}}|[a-z]+)"
    rf"(?::{_MINUTES})?(?P<clock> ?o'? ?clock)?,? ?(?:{_AM_PM})?"
)
_PAST = re.compile(
    r"(?:at )?(?P<count>half|(?:a )?quarter|[0-9]{1,2}|[a-z-]+?)(?: minutes?)? "
    r"(?P<way>past|after|to|before) "
    rf"(?P<hour>[0-9]{{1,2}}|[a-z]+)(?: o'? ?clock)?,? ?(?:{_AM_PM})?"
)
_NAMED = {
    "noon": 720,
    "12 noon": 720,
    "12:00 noon": 720,
    "midday": 720,
    "中午12点": 720,
    "正午": 720,
    "正午12点": 720,
    "midnight": 0,
    "12 midnight": 0,
    "12:00 midnight": 0,
    "午夜": 0,
    "半夜12点": 0,
    "午夜12点": 0,
}
_HAN_PART = "(?P<part>上午|早上|早晨|清晨|凌晨|中午|下午|午后|傍晚|晚上|夜晚|晚)?"
_HAN_TIME = re.compile(
    rf"(?:当天|同日|次日)?{_HAN_PART}(?:(?P<hour>{_HAN_FIGURE})(?P<mark>[点點时時])钟?"
    rf"(?:(?P<half>半)|(?P<quarter>[一三])刻|整|(?P<minute>{_HAN_FIGURE})分钟?"
    rf"(?:(?P<second>{_HAN_FIGURE})秒)?)?"
    rf"|(?P<digits>[0-9]{{1,2}}):(?P<rest>[0-5][0-9]))"
)
_MORNING = frozenset({"上午", "早上", "早晨", "清晨", "凌晨", "morning", "a"})
_AFTERNOON = frozenset({"下午", "午后", "afternoon", "p"})
_EVENING = frozenset({"傍晚", "晚上", "夜晚", "晚", "evening"})

_SIGN = re.compile(
    r"jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|day\b|mon|tue|wed|thu|fri|sat|sun"
    r"|[ap]\.? ?m|clock|noon|midnight|past|quarter|minute|morning|evening"
    r"|[月日号周期拜点點时時午夜晚早晨]|[0-9]{4}[-/.][0-9]",
    re.IGNORECASE,
)
"""What every moment has something of: most answers are none, which is seen here at once."""


def read(text: str) -> Moment | None:
    r"""Return the date or the time of day that a whole text is, or None.

    Dates are `March 5, 2024`, `5th of March`, `2024-03-05`, `2024年3月5日`, `Tuesday`, `周二`;
    `3/5` may be either month's and is none. Times say that they are: `3:30 pm`, `9 o'clock`,
    `half past three`, `noon`, `下午3点30分`, `15时`. A bare `15:30` is left to `times_of_clock`.
    """
    if len(text) > _LONGEST or not _SIGN.search(text):
        return None
    bare = _undressed(text)
    if bare in _NAMED:
        return Moment(minute=_NAMED[bare])
    if date := _date(bare):
        return date
    return _time(bare) or _date_and_time(bare)


def times_of_clock(text: str) -> Moment | None:
    """Return the time that a bare `3:30` is, which may as well be a ratio.

    Up to twelve o'clock its half of the day is open.
    """
    match = _CLOCK.fullmatch(_undressed(text)) if len(text) <= _LONGEST else None
    if match is None or int(match["hour"]) > 24:
        return None
    hour = int(match["hour"])
    return _moment(hour, int(match["minute"]), int(match["second"] or 0), half=hour > 12)


def compare(a: Moment, b: Moment) -> Finding:
    """Compare the reference's moment with the answer's.

    What both tell decides: any difference is certain. The answer may lack the year, the day of the
    week or the half of the day, and tell more than was asked; where it lacks the day or the time,
    it can't be told.
    """
    pairs = list(zip(a[:4], b[:4], strict=True))
    shared = [pair for pair in pairs if None not in pair]
    if any(here != there for here, there in shared):
        return different("moment")
    if a.minute is not None and b.minute is not None:
        cycle = _DAY if a.half and b.half else _HALF_DAY
        if (a.minute - b.minute) % cycle or a.second != b.second:
            return different("moment")
        shared.append((a.minute, b.minute))
    asked = ((a.month, b.month), (a.day, b.day), (a.minute, b.minute))
    if not shared or any(here is not None and there is None for here, there in asked):
        return undecided("text_differs", "moment")
    return equal("moment")


def _undressed(text: str) -> str:
    text = _DRESS.sub(lambda match: match[1] or " ", text).replace("{:}", ":")
    return " ".join(text.lower().replace("：", ":").replace("’", "'").split()).rstrip(".。 ")


def _date(text: str) -> Moment | None:
    for pattern in _DATES:
        if match := pattern.fullmatch(text):
            found = match.groupdict()
            return _valid(
                Moment(
                    year=_figure(found.get("year")),
                    month=_month(found.get("month")),
                    day=_figure(found.get("day")),
                    weekday=_weekday(found.get("weekday")),
                )
            )
    return None


def _valid(moment: Moment) -> Moment | None:
    months = moment.month is None or 1 <= moment.month <= 12
    return moment if months and (moment.day is None or 1 <= moment.day <= 31) else None


def _month(text: str | None) -> int | None:
    return _MONTH.get(text or "") or _figure(text)


def _weekday(text: str | None) -> int | None:
    return _WEEKDAY.get(text or "", _HAN_WEEKDAY.get(text or ""))


def _figure(text: str | None) -> int | None:
    """Return a small number, in figures or in words."""
    if not text:
        return None
    if text.isdecimal():
        return int(text)
    value = numerals.chinese(text) if not text.isascii() else numerals.english(text)
    return int(value) if value is not None and value.denominator == 1 else None


def _date_and_time(text: str) -> Moment | None:
    """Return a date and a time with a space, a comma or "at" between them, in either order."""
    for match in re.finditer(r",? (?:at |on )?|(?<=[日号一二三四五六天])(?=[^ 日号])", text):
        first, second = text[: match.start()], text[match.end() :]
        for date, time in ((_date(first), _clock(second)), (_date(second), _clock(first))):
            if date and time:
                return date._replace(minute=time.minute, second=time.second, half=time.half)
    return None


def _clock(text: str) -> Moment | None:
    """Return a time beside a date, which need not say that it is one."""
    if text in _NAMED:
        return Moment(minute=_NAMED[text])
    return _time(text) or times_of_clock(text)


def _time(text: str) -> Moment | None:
    readers: tuple[Callable[[str], Moment | None], ...] = (_english_time, _past, _han_time)
    return next((found for reader in readers if (found := reader(text))), None)


def _english_time(text: str) -> Moment | None:
    match = _ENGLISH_TIME.fullmatch(text)
    if match is None or not (match["clock"] or match["half"] or match["part"]):
        return None
    hour, minute = _figure(match["hour"]), int(match["minute"] or 0)
    return _moment(hour, minute, int(match["second"] or 0), match["half"] or match["part"] or "")


def _past(text: str) -> Moment | None:
    """Return a time such as half past three, and ten to five."""
    if (match := _PAST.fullmatch(text)) is None:
        return None
    named = {"half": 30, "quarter": 15, "a quarter": 15}
    count = named.get(match["count"]) or _figure(match["count"])
    start = _moment(_figure(match["hour"]), 0, 0, match["half"] or match["part"] or "")
    if not count or count > 59 or start is None or start.minute is None:
        return None
    if match["way"] in ("to", "before"):
        return None if count == 30 else start._replace(minute=(start.minute - count) % _DAY)
    return start._replace(minute=start.minute + count)


def _han_time(text: str) -> Moment | None:
    match = _HAN_TIME.fullmatch(text.replace(" ", ""))
    if match is None or (match["digits"] and not match["part"]):
        return None
    hour = _figure(match["hour"] or match["digits"])
    minute = 30 if match["half"] else 15 * (_figure(match["quarter"]) or 0)
    minute = minute or _figure(match["minute"] or match["rest"]) or 0
    second = _figure(match["second"]) or 0
    sure = match["mark"] in ("时", "時")  # which counts to 24, while 点 is spoken
    return _moment(hour, minute, second, match["part"] or "", half=sure)


def _moment(
    hour: int | None, minute: int, second: int, part: str = "", *, half: bool = False
) -> Moment | None:
    """Return a time of day from an hour as said, and the part of the day if it is told."""
    if hour is None or hour > 24 or minute > 59 or second > 59:
        return None
    if part in _MORNING:
        hour = 0 if hour == 12 else hour
    elif part in _AFTERNOON or (part in _EVENING and 5 <= hour < 12):
        hour = hour + 12 if hour < 12 else hour
    elif part in _EVENING:
        if hour < 5:
            return None
        hour = 0 if hour == 12 else hour
    elif part == "中午":
        hour = hour + 12 if hour < 3 else hour
    elif not part:
        return Moment(minute=(60 * hour + minute) % _DAY, second=second, half=half or hour > 12)
    return Moment(minute=(60 * hour + minute) % _DAY, second=second)
