"""Words of English and Chinese that are part of the grammar, with their tokens."""

from potstill.verifiers.expressions.spellings import Spelling, spell

_SHORT = "the not but can has was are its all any who how why of"
"""Words of up to three letters that are no product of variables."""

WORDS: dict[str, Spelling] = (
    spell("joint", "and", "and")
    | spell("joint", "or", "or")
    | spell("if", "if", "if for when where with whenever provided while")
    | spell("else", "else", "otherwise else elsewhere")
    | spell("relation", "=", "is equals equal")
    | spell("*", "*", "times")
    | spell("+", "+", "plus")
    | spell("-", "-", "minus negative")
    | spell("set", "union", "union")
    | spell("relation", "in", "in")
    | spell("mod", "mod", "mod modulo")
    | spell("approx", "approx", "approximately about approx roughly")
    | spell("constant", "infinity", "infinity infty inf oo")
    | spell("to", "to", "to")
    | {"pi": ("constant", "pi")}
    | {word: ("word", word) for word in _SHORT.split()}
    | {"sqrt": ("command", "sqrt"), "cbrt": ("command", "cbrt"), "emptyset": ("empty", "empty")}
)
"""Words of English and of plain formulas that are part of the grammar."""

HAN: dict[str, Spelling] = (
    spell("joint", "or", "或 或者 或是")
    | spell("joint", "and", "和 与 及 以及 且 并且 而且")
    | spell("relation", "=", "等于 为 是")
    | spell("relation", "!=", "不等于 不为 不是")
    | spell("relation", ">=", "大于等于 大于或等于 不小于 不少于 不低于")
    | spell("relation", "<=", "小于等于 小于或等于 不大于 不超过 不多于")
    | spell("relation", ">", "大于 超过")
    | spell("relation", "<", "小于")
    | spell("relation", "in", "属于")
    | spell("+", "+", "加 加上")
    | spell("-", "-", "负 减 减去")
    | spell("*", "*", "乘 乘以")
    | spell("/", "/", "除以")
    | spell(":", ":", "比")
    | spell("relation", ">=", "至少")
    | spell("relation", "<=", "至多")
    | spell("approx", "approx", "约 约为 约等于 大约 大约是 大约为")
    | spell("if", "if", "当 若 如果 其中")
    | spell("then", "then", "时 的时候")
    | spell("else", "else", "其他 其它 否则")
    | spell("empty", "empty", "空集 无解 无实数解 无实数根 无实根 无整数解 方程无解 不存在")
    | spell("empty", "empty", "没有解 没有实数解 没有实数根 没有实根 没有整数解")
    | spell("field", "R", "实数集 任意实数 全体实数 一切实数 所有实数 实数")
    | spell("field", "Z", "整数集 任意整数 全体整数 所有整数 整数")
    | spell("field", "N", "自然数集 自然数")
    | spell("field", "Q", "有理数集 有理数")
    | spell("field", "C", "复数集 复数")
    | spell("field", "Z+", "正整数集 正整数")
    | spell("field", "Z-", "负整数")
    | spell("field", "R+", "正实数集 正实数")
    | spell("又", "又", "又")
    | {
        "根号": ("command", "sqrt"),
        "派": ("constant", "pi"),
        "正无穷": ("constant", "infinity"),
        "正无穷大": ("constant", "infinity"),
        "无穷大": ("constant", "infinity"),
        "无穷": ("constant", "infinity"),
        "负无穷": ("constant", "-infinity"),
        "负无穷大": ("constant", "-infinity"),
        "的平方": ("power", "2"),
        "的立方": ("power", "3"),
    }
)
"""Chinese words that are part of the grammar."""

COMPARISONS: dict[str, Spelling] = (
    spell("relation", ">", "greater more larger")
    | spell("relation", "<", "less fewer smaller")
    | {"at least": ("relation", ">="), "at most": ("relation", "<=")}
    | {
        "not equal": ("relation", "!="),
        "no more": ("relation", "<="),
        "no less": ("relation", ">="),
    }
)
"""Comparisons in words, without the "than" or "to" behind them."""

PHRASES: dict[str, Spelling] = {
    "all real numbers": ("field", "R"),
    "all reals": ("field", "R"),
    "the set of all real numbers": ("field", "R"),
    "the set of real numbers": ("field", "R"),
    "any real number": ("field", "R"),
    "real numbers": ("field", "R"),
    "all integers": ("field", "Z"),
    "integers": ("field", "Z"),
    "no solution": ("empty", "empty"),
    "no solutions": ("empty", "empty"),
    "no real solution": ("empty", "empty"),
    "no real solutions": ("empty", "empty"),
    "no real roots": ("empty", "empty"),
    "there is no solution": ("empty", "empty"),
    "there are no solutions": ("empty", "empty"),
    "the empty set": ("empty", "empty"),
    "empty set": ("empty", "empty"),
    "does not exist": ("empty", "empty"),
    "dne": ("empty", "empty"),
    "none": ("empty", "empty"),
}
"""Whole items in words that are sets."""
