r"""The many spellings of one sign: LaTeX commands, Unicode signs, names of functions.

Each maps to a kind of token and its text in one spelling. Kinds of signs are the signs themselves.
"""

Spelling = tuple[str, str]
"""Kind and text of a token."""


def spell(kind: str, text: str, spellings: str) -> dict[str, Spelling]:
    """Return the entries of a table for spellings, parted by spaces, of one kind and text."""
    return dict.fromkeys(spellings.split(), (kind, text))


_LETTERS = "αβγδεζηθικλμνξρσςτυφχψωΓΔΘΛΞΠΣΥΦΨΩϵϕϑ"
_LETTER_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega epsilon "
    "phi theta"
)
GREEK = dict(zip(_LETTERS, _LETTER_NAMES.split(), strict=True))
"""Greek letters and their names."""
GREEK_NAMES = frozenset(GREEK.values())

_KNOWN = (
    "sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh coth sech "
    "csch arsinh arcosh artanh exp ln log gcd lcm max min abs floor ceil conj factorial binomial "
    "sgn erf lg"
)
_ONLY_AS_COMMANDS = "arg det tr dim ker deg rank cis adj diag span ord lb"
_SYNONYMS = {
    "tg": "tan",
    "ctg": "cot",
    "cotg": "cot",
    "cosec": "csc",
    "arctg": "arctan",
    "arcctg": "arccot",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "arcsinh": "arsinh",
    "arccosh": "arcosh",
    "arctanh": "artanh",
    "asinh": "arsinh",
    "acosh": "arcosh",
    "atanh": "artanh",
    "hcf": "gcd",
}
_SYNONYMS_AS_COMMANDS = {
    "sh": "sinh",
    "ch": "cosh",
    "th": "tanh",
    "Re": "re",
    "Im": "im",
    "re": "re",
    "im": "im",
    "sign": "sgn",
    "Var": "var",
    "var": "var",
}
PLAIN_FUNCTIONS = {name: name for name in _KNOWN.split()} | _SYNONYMS
"""Functions that are known also without a backslash, and what they are called here."""
FUNCTIONS = (
    PLAIN_FUNCTIONS | {name: name for name in _ONLY_AS_COMMANDS.split()} | _SYNONYMS_AS_COMMANDS
)
"""Functions after a backslash, or named as an operator."""

_STRUCTURES = (
    "frac dfrac tfrac cfrac sfrac nicefrac binom dbinom tbinom sqrt cbrt lfloor rfloor lceil rceil "
    "overline bar dot ddot tilde widetilde angle triangle measuredangle sum prod int lim over "
    "choose"
)
STRUCTURES = frozenset(_STRUCTURES.split())
"""LaTeX commands with rules of their own."""

COMMANDS: dict[str, Spelling] = (
    {name: ("letter", name) for name in GREEK_NAMES}
    | {
        "varepsilon": ("letter", "epsilon"),
        "varphi": ("letter", "phi"),
        "vartheta": ("letter", "theta"),
        "varrho": ("letter", "rho"),
        "varsigma": ("letter", "sigma"),
        "varkappa": ("letter", "kappa"),
        "omicron": ("letter", "o"),
        "ell": ("letter", "l"),
        "hbar": ("letter", "hbar"),
        "partial": ("letter", "partial"),
        "nabla": ("letter", "nabla"),
        "imath": ("letter", "i"),
        "jmath": ("letter", "j"),
        "pi": ("constant", "pi"),
        "infty": ("constant", "infinity"),
        "infin": ("constant", "infinity"),
        "lbrack": ("[", "["),
        "rbrack": ("]", "]"),
        "lparen": ("(", "("),
        "rparen": (")", ")"),
        "langle": ("<", "langle"),
        "rangle": (">", "rangle"),
        "colon": (":", ":"),
        "degree": ("°", "°"),
        "degrees": ("°", "°"),
        "circ": ("circ", "circ"),
        "prime": ("'", "'"),
        "emptyset": ("empty", "empty"),
        "varnothing": ("empty", "empty"),
        "mid": ("|", "mid"),
        "pmod": ("pmod", "pmod"),
        "bmod": ("mod", "mod"),
        "mod": ("mod", "mod"),
        "surd": ("command", "sqrt"),
        "top": ("letter", "T"),
    }
    | spell("*", "*", "times cdot ast cdotp centerdot bullet")
    | spell("/", "/", "div slash")
    | {"pm": ("±", "pm"), "mp": ("±", "mp")}
    | {"lbrace": ("\\{", "\\{"), "rbrace": ("\\}", "\\}")}
    | spell("dots", "dots", "dots ldots cdots dotsc dotsb dotsm dotso vdots ddots")
    | spell("set", "union", "cup bigcup sqcup")
    | spell("set", "intersection", "cap bigcap")
    | spell("set", "difference", "setminus backslash smallsetminus")
    | spell("relation", "=", "eq coloneqq triangleq doteq")
    | spell("relation", "!=", "ne neq not=")
    | spell("relation", "<", "lt")
    | spell("relation", ">", "gt")
    | spell("relation", "<=", "le leq leqslant leqq")
    | spell("relation", ">=", "ge geq geqslant geqq")
    | spell("relation", "in", "in isin")
    | spell("relation", "notin", "notin")
    | spell("relation", "subset", "subset subsetneq subsetneqq")
    | spell("relation", "subseteq", "subseteq subseteqq")
    | spell("approx", "approx", "approx approxeq simeq")
    | spell("equiv", "equiv", "equiv")
    | spell("joint", "and", "land wedge")
    | spell("joint", "or", "lor vee")
    | spell("to", "to", "to rightarrow longrightarrow")
)
"""LaTeX commands that are one sign; others have rules of their own."""

SIGNS: dict[str, Spelling] = (
    {letter: ("letter", name) for letter, name in GREEK.items()}
    | {sign: (sign, sign) for sign in "+-*/^_()[]!'°&"}
    | {
        "{": ("{", "{"),
        "}": ("}", "}"),
        "|": ("|", "|"),
        "⌊": ("command", "lfloor"),
        "⌋": ("command", "rfloor"),
        "⌈": ("command", "lceil"),
        "⌉": ("command", "rceil"),
        "∣": ("|", "|"),
        "‖": ("|", "||"),
        "∥": ("|", "||"),
        "**": ("^", "^"),
        "!!": ("!", "!!"),
        "//": ("bad", "//"),
        ",": (",", ","),
        "，": (",", ","),
        "、": (",", ","),
        ";": (";", ";"),
        "；": (";", ";"),
        ":": (":", ":"),
        "：": (":", ":"),
        "∶": (":", ":"),
        "π": ("constant", "pi"),
        "∞": ("constant", "infinity"),
        "√": ("command", "sqrt"),
        "∛": ("command", "cbrt"),
        "∅": ("empty", "empty"),
        "Ø": ("empty", "empty"),
        "ø": ("empty", "empty"),
        "⟨": ("<", "langle"),
        "⟩": (">", "rangle"),
        "〈": ("<", "langle"),
        "〉": (">", "rangle"),
        "′": ("'", "'"),
        "″": ("'", "''"),
        "’": ("'", "'"),
        '"': ("'", "''"),
        "∑": ("command", "sum"),
        "∏": ("command", "prod"),
        "∫": ("command", "int"),
        "∂": ("letter", "partial"),
        "∠": ("command", "angle"),
        "△": ("command", "triangle"),
        "ℝ": ("field", "R"),
        "ℤ": ("field", "Z"),
        "ℕ": ("field", "N"),
        "ℚ": ("field", "Q"),
        "ℂ": ("field", "C"),
        "%": ("%", "%"),
        "℃": ("%", "℃"),
        "℉": ("%", "℉"),
        "＄": ("$", "$"),
        "±": ("±", "pm"),
        "∓": ("±", "mp"),
        "...": ("dots", "dots"),
        ".": (".", "."),
        "。": (".", "."),
        "¬": ("bad", "¬"),
    }
    | spell("-", "-", "− – — ‐ ‑ ﹣")
    | spell("+", "+", "﹢")
    | spell("*", "*", "× · ⋅ ∙ • ∗ ⨯ ✕")
    | spell("/", "/", "÷ ∕ ⁄")
    | spell("dots", "dots", "… ⋯")
    | spell("set", "union", "∪ ⋃")
    | spell("set", "intersection", "∩ ⋂")
    | spell("set", "difference", "∖")
    | spell("relation", "=", "= == := ﹦")
    | spell("relation", "!=", "≠ != =/= <>")
    | spell("relation", "<=", "<= =< ≤ ⩽ ≦")
    | spell("relation", ">=", ">= => ≥ ⩾ ≧")
    | spell("relation", "in", "∈ ∊")
    | spell("relation", "notin", "∉")
    | spell("relation", "subset", "⊂ ⊊")
    | spell("relation", "subseteq", "⊆")
    | spell("approx", "approx", "≈ ≒ ~=")
    | spell("equiv", "equiv", "≡")
    | spell("joint", "and", "∧ &&")
    | spell("joint", "or", "∨")
    | spell("to", "to", "→ ->")
    | {"<": ("<", "<"), ">": (">", ">")}
    | spell("$", "$", "$ ¥ ￥ € £ ₹ ₽ ₩")
)
"""Signs outside letters and digits. `<` and `>` may also be brackets: the grammar knows."""
