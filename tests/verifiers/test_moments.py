"""Dates and times of day: the same one in many spellings, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potstill.verifiers.moments import Moment, compare, read, times_of_clock


def moment(text: str) -> Moment:
    """Return the moment that a text is, also where it may be a ratio."""
    found = read(text) or times_of_clock(text)
    assert found is not None, text
    return found


@pytest.mark.parametrize(
    "text",
    ["March 5, 2024", "5 March 2024", "March 5th, 2024", "the 5th of March, 2024", "2024-03-05"]
    + [
        "Mar. 5 2024",
        "2024/3/5",
        "2024年3月5日",
        "2024年3月5号",
        "二〇二四年三月五日",
        "\\text{March 5, 2024}",
    ],
)
def test_dates(text: str) -> None:
    assert read(text) == Moment(year=2024, month=3, day=5)


@pytest.mark.parametrize(
    ("text", "weekday"),
    [("Tuesday", 1), ("tue", 1), ("on Tuesday.", 1), ("星期二", 1), ("周二", 1), ("礼拜天", 6)],
)
def test_days_of_the_week(text: str, weekday: int) -> None:
    assert read(text) == Moment(weekday=weekday)


@pytest.mark.parametrize(
    "text",
    [
        "3:30 pm",
        "3:30 p.m.",
        "3:30PM",
        "3{:}30\\text{ p.m.}",
        "15点30分",
        "下午3点30分",
        "下午三点半",
        "15时30分",
    ]
    + ["half past three in the afternoon", "half past 3 pm", "at 3:30 pm", "下午3:30"],
)
def test_times_of_day(text: str) -> None:
    assert read(text) == Moment(minute=15 * 60 + 30)


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("noon", 720),
        ("12 pm", 720),
        ("中午12点", 720),
        ("midnight", 0),
        ("12 am", 0),
        ("晚上12点", 0),
    ]
    + [("quarter to four pm", 945), ("ten to five am", 290), ("上午9时", 540), ("凌晨1点一刻", 75)],
)
def test_times_with_a_name(text: str, minute: int) -> None:
    assert read(text) == Moment(minute=minute)


@pytest.mark.parametrize("text", ["3:30", "half past three", "3点30分", "三点半"])
def test_times_whose_half_of_the_day_is_open(text: str) -> None:
    assert moment(text) == Moment(minute=3 * 60 + 30, half=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "3/5",
        "15:30",
        "3:4",
        "am",
        "x pm",
        "三点一四",
        "三点五",
        "3个月",
        "13月5日",
        "3月32日",
    ]
    + [
        "25 o'clock",
        "13:75 pm",
        "past",
        "half past",
        "half to three",
        "mars",
        "5 apples",
        "a march",
    ],
)
def test_what_is_no_moment(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("text", ["25:00", "3:4", "3:60", "1:2:3", "3.30", "3"])
def test_what_is_no_time_on_a_clock(text: str) -> None:
    assert times_of_clock(text) is None


@pytest.mark.parametrize(
    ("reference", "answer", "outcome"),
    [
        ("3:30 pm", "15:30", "pass"),
        ("3:30 pm", "3:30", "pass"),
        ("3:30 pm", "下午3点30分", "pass"),
        ("3:30 pm", "3:30 am", "fail"),
        ("3:30 pm", "3:31", "fail"),
        ("15:30", "3:30 am", "fail"),
        ("noon", "12:00", "pass"),
        ("noon", "midnight", "fail"),
        ("Tuesday", "星期二", "pass"),
        ("Tuesday", "周三", "fail"),
        ("March 5", "3月5日", "pass"),
        ("March 5", "March 5, 2024", "pass"),
        ("March 5, 2024", "5 March", "pass"),
        ("March 5", "March 6", "fail"),
        ("March 5, 2024", "March 5, 2023", "fail"),
        ("March 5", "March", "undecided"),
        ("March", "March 5", "pass"),
        ("Tuesday", "March 5", "undecided"),
        ("Tuesday, March 5", "March 5", "pass"),
        ("Tuesday, March 5", "Monday, March 5", "fail"),
        ("March 5 at 3 pm", "3月5日下午3点", "pass"),
        ("March 5 at 3 pm", "March 5", "undecided"),
        ("3 pm", "March 5 at 3 pm", "pass"),
        ("3:30:15 pm", "3:30 pm", "fail"),
    ],
)
def test_comparison(reference: str, answer: str, outcome: str) -> None:
    assert compare(moment(reference), moment(answer)).outcome == outcome


@given(st.integers(0, 23), st.integers(0, 59))
def test_a_time_is_the_same_in_every_spelling(hour: int, minute: int) -> None:
    half = "am" if hour < 12 else "pm"
    spoken = moment(f"{hour % 12 or 12}:{minute:02} {half}")
    assert compare(spoken, moment(f"{hour:02}:{minute:02}")).outcome == "pass"
    assert compare(spoken, moment(f"{hour}时{minute}分")).outcome == "pass"
    later = moment(f"{hour:02}:{(minute + 1) % 60:02}")
    assert compare(spoken, later).outcome == "fail"


@given(st.text("0123456789:apm .年月日点分半上下午march", max_size=90))
def test_any_text_is_a_moment_or_none(text: str) -> None:
    read(text)
    times_of_clock(text)
