"""Closed classes of words: of two members of one class, at most one can be the answer.

English and Chinese names of a member stand together, so that 星期二 is Tuesday. Only what excludes
each other is in one class: an equilateral triangle is isosceles too, so neither word is here.
"""

import re
from functools import cache
from typing import NamedTuple

_COMPASS = {
    "north": "north|northward|northwards|northern|due north|北|北方|北边|北面|正北|正北方向",
    "south": "south|southward|southwards|southern|due south|南|南方|南边|南面|正南|正南方向",
    "east": "east|eastward|eastwards|eastern|due east|东|东方|东边|东面|正东|正东方向",
    "west": "west|westward|westwards|western|due west|西|西方|西边|西面|正西|正西方向",
    "northeast": "ne|northeast|north east|东北|东北方|东北方向",
    "northwest": "nw|northwest|north west|西北|西北方|西北方向",
    "southeast": "se|southeast|south east|东南|东南方|东南方向",
    "southwest": "sw|southwest|south west|西南|西南方|西南方向",
}
_COLOURS = {
    "red": "red|红|红色",
    "orange": "orange|橙|橙色|橘色",
    "yellow": "yellow|黄|黄色",
    "green": "green|绿|绿色",
    "blue": "blue|蓝|蓝色",
    "purple": "purple|violet|紫|紫色",
    "black": "black|黑|黑色",
    "white": "white|白|白色",
    "grey": "grey|gray|灰|灰色",
    "brown": "brown|棕|棕色|褐色",
    "pink": "pink|粉|粉色|粉红色",
}
_WEEKDAYS = {
    name: f"{name}|{name[:3]}|{name}s|星期{sign}|周{sign}|礼拜{sign}"
    for name, sign in zip(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        "一二三四五六日",
        strict=True,
    )
}
_WEEKDAYS["sunday"] += "|星期天|礼拜天"
_MONTHS = {
    "january": "january|jan|1月|一月|1月份",
    "february": "february|feb|2月|二月|2月份",
    "march": "march|3月|三月|3月份",
    "april": "april|apr|4月|四月|4月份",
    "may": "may|5月|五月|5月份",
    "june": "june|jun|6月|六月|6月份",
    "july": "july|jul|7月|七月|7月份",
    "august": "august|aug|8月|八月|8月份",
    "september": "september|sep|sept|9月|九月|9月份",
    "october": "october|oct|10月|十月|10月份",
    "november": "november|nov|11月|十一月|11月份",
    "december": "december|dec|12月|十二月|12月份",
}
_FIRST_TO_TENTH = "first second third fourth fifth sixth seventh eighth ninth tenth"
_FIGURES = "1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th"
_ORDINALS = {
    english: f"{english}|{figure}|{english} place|{figure} place|"
    f"第{han}|第{value}|第{han}名|第{value}名"
    for value, (english, figure, han) in enumerate(
        zip(
            _FIRST_TO_TENTH.split(),
            _FIGURES.split(),
            "一二三四五六七八九十",
            strict=True,
        ),
        start=1,
    )
}
_QUADRANTS = {
    english: f"{english} quadrant|{figure} quadrant|quadrant {roman}|quadrant {value}|q{roman}"
    f"|第{han}象限|第{value}象限|quadrant {word}|in the {english} quadrant"
    for value, (english, figure, roman, han, word) in enumerate(
        zip(
            ("first", "second", "third", "fourth"),
            ("1st", "2nd", "3rd", "4th"),
            ("i", "ii", "iii", "iv"),
            "一二三四",
            ("one", "two", "three", "four"),
            strict=True,
        ),
        start=1,
    )
}
_TRUTH = {
    "true": "yes|true|correct|right|valid|yes it is|it is true|this is true|是|是的|对|对的|正确|"
    "成立|真|真命题|是真命题|√|✓|✔",
    "false": "no|false|incorrect|wrong|invalid|not true|not correct|untrue|no it is not|"
    "it is false|this is false|否|不|不是|错|错的|错误|不对|不正确|不成立|假|假命题|是假命题|×|✗|✘",
}
_SOLUTIONS = {
    "none": "none|no solution|no solutions|no real solution|no real solutions|no root|no roots|"
    "no real root|no real roots|no integer solution|no integer solutions|no such number|"
    "no such numbers|no such value|no such values|no answer|does not exist|do not exist|"
    "doesnt exist|dont exist|dne|undefined|not defined|empty|empty set|null set|inconsistent|"
    "nonexistent|non existent|∅|{}|emptyset|无解|不存在|无实数解|无实数根|无实根|没有解|"
    "没有实数解|没有实数根|空集|无意义|没有意义|原方程无解|方程无解|方程组无解|无整数解|无定义",
    "undetermined": "cannot be determined|can not be determined|cant be determined|undetermined|"
    "cannot determine|impossible to determine|impossible to tell|cannot tell|"
    "not enough information|insufficient information|not determined|无法确定|不能确定|不确定|"
    "条件不足|信息不足|无法判断|不能判断",
    "many": "infinitely many|infinitely many solutions|infinite solutions|"
    "infinite number of solutions|无数个|无穷多|无穷多个|无穷多解|无数解|有无数个解|"
    "有无穷多解|无数个解|无穷多个解",
}
_CLASSES: tuple[dict[str, str], ...] = (
    _TRUTH,
    _SOLUTIONS,
    _WEEKDAYS,
    _MONTHS,
    _COMPASS,
    _COLOURS,
    _ORDINALS,
    _QUADRANTS,
    {"left": "left|to left|左|左边|左侧|向左", "right": "right|to right|右|右边|右侧|向右"},
    {"up": "up|upward|upwards|上|上方|向上", "down": "down|downward|downwards|下|下方|向下"},
    {
        "even": "even|even number|even function|an even function|偶|偶数|偶函数",
        "odd": "odd|odd number|odd function|奇|奇数|奇函数",
        "neither": "neither|neither even nor odd|neither odd nor even|非奇非偶|非奇非偶函数|"
        "既不是奇函数也不是偶函数",
    },
    {
        "increasing": "increasing|strictly increasing|monotonically increasing|increases|increase|"
        "增|递增|单调递增|增函数|增大|增加|变大|上升",
        "decreasing": "decreasing|strictly decreasing|monotonically decreasing|decreases|decrease|"
        "减|递减|单调递减|减函数|减小|减少|变小|下降",
        "constant": "constant|unchanged|stays the same|remains the same|不变|保持不变",
    },
    {"positive": "positive|正|正数|正的", "negative": "negative|负|负数|负的"},
    {"parallel": "parallel|平行", "perpendicular": "perpendicular|orthogonal|垂直|互相垂直"},
    {"tangent": "tangent|相切", "crossing": "intersecting|相交", "apart": "disjoint|相离"},
    {
        "acute": "acute|acute angle|acute triangle|acute angled triangle|锐角|锐角三角形",
        "right": "right|right angle|right triangle|right angled triangle|直角|直角三角形",
        "obtuse": "obtuse|obtuse angle|obtuse triangle|obtuse angled triangle|钝角|钝角三角形",
    },
    {
        "convergent": "convergent|converges|converge|it converges|series converges|收敛",
        "divergent": "divergent|diverges|diverge|it diverges|series diverges|发散",
    },
    {
        "absolutely": "absolutely convergent|converges absolutely|绝对收敛",
        "conditionally": "conditionally convergent|converges conditionally|条件收敛",
        "divergent": "divergent|diverges|发散",
    },
    {
        "rational": "rational|rational number|有理数",
        "irrational": "irrational|irrational number|无理数",
    },
    {"prime": "prime|prime number|质数|素数", "composite": "composite|composite number|合数"},
    {
        "greater": "greater|greater than|larger|larger than|bigger|bigger than|大于|更大",
        "less": "less|less than|smaller|smaller than|小于|更小",
        "equal": "equal|equal to|same|equals|等于|相等|一样大",
    },
    {"maximum": "maximum|max|最大值|极大值", "minimum": "minimum|min|最小值|极小值"},
    {
        "dependent": "dependent|linearly dependent|线性相关",
        "independent": "independent|linearly independent|线性无关",
    },
    {
        "ellipse": "ellipse|椭圆",
        "hyperbola": "hyperbola|双曲线",
        "parabola": "parabola|抛物线",
        "circle": "circle|圆",
        "line": "line|straight line|直线",
    },
    {"able": "能|可以|能够|够|会", "unable": "不能|不可以|不能够|不够|不会"},
    {"there is": "有|存在|exists|it exists", "there is none": "没有|不存在|does not exist"},
    {"parallel": "parallel|平行|互相平行", "crossing": "intersecting|intersect|相交"},
    {name: name for name in ("外切", "内切", "外离", "内含")},
    {stem: stem for stem in "甲乙丙丁戊"},
    {"possible": "possible|可能", "impossible": "impossible|不可能"},
    {"heads": "heads|正面", "tails": "tails|反面"},
    {
        "clockwise": "clockwise|顺时针|顺时针方向",
        "counterclockwise": "counterclockwise|counter clockwise|anticlockwise|anti clockwise|"
        "逆时针|逆时针方向",
    },
    {
        "inside": "inside|inside circle|圆内|点在圆内",
        "outside": "outside|outside circle|圆外|点在圆外",
        "on": "on circle|圆上|点在圆上",
    },
    {
        "sufficient": "sufficient but not necessary|sufficient but not necessary condition|"
        "sufficient and not necessary|充分不必要|充分不必要条件|充分而不必要条件|充分非必要条件",
        "necessary": "necessary but not sufficient|necessary but not sufficient condition|"
        "necessary and not sufficient|必要不充分|必要不充分条件|必要而不充分条件|必要非充分条件",
        "both": "necessary and sufficient|necessary and sufficient condition|"
        "sufficient and necessary|sufficient and necessary condition|充要|充要条件|充分必要条件",
        "neither": "neither|neither sufficient nor necessary|neither necessary nor sufficient|"
        "neither sufficient nor necessary condition|neither necessary nor sufficient condition|"
        "既不充分也不必要|既不充分也不必要条件|既不充分又不必要条件|既非充分也非必要条件|既非充分又非必要条件",
    },
)


class Member(NamedTuple):
    """A member of a closed class."""

    kind: int
    """Which class."""
    name: str


TRUTH, SOLUTIONS = 0, 1
"""The classes of yes and no, and of equations without a solution."""


@cache
def _members() -> dict[str, frozenset[Member]]:
    found: dict[str, set[Member]] = {}
    for kind, names in enumerate(_CLASSES):
        for name, spellings in names.items():
            for spelling in spellings.split("|"):
                found.setdefault(spelling, set()).add(Member(kind, name))
    return {spelling: frozenset(members) for spelling, members in found.items()}


def members(bare: str) -> frozenset[Member]:
    """Return what a whole text may be, in lower case and without articles and punctuation."""
    return _members().get(bare, frozenset())


def mentioned(bare: str, kind: int) -> frozenset[str]:
    """Return the members of a class that a text mentions; the longest spellings count."""
    pattern, names = _mentions(kind)
    if not names:  # as of 甲, 乙, 丙, which only count as whole texts
        return frozenset()
    return frozenset(names[match[0]] for match in pattern.finditer(bare))


@cache
def _mentions(kind: int) -> tuple[re.Pattern[str], dict[str, str]]:
    names = {
        spelling: name
        for name, spellings in _CLASSES[kind].items()
        for spelling in spellings.split("|")
        if len(spelling) > (2 if spelling.isascii() else 1)  # 红 is also part of a name, 小红
    }
    patterns = (
        rf"\b{re.escape(spelling)}\b" if spelling.isascii() else re.escape(spelling)
        for spelling in sorted(names, key=len, reverse=True)
    )
    return re.compile("|".join(patterns)), names
