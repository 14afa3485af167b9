"""Recipes that want to break `load_recipe`; `problems.jsonl` lies beside them."""

from hostile.entry import OK, Entry

GOOD = b"""\
name: n
sources: [{path: problems.jsonl}]
distil: {teachers: [{model: m, base_url: "http://127.0.0.1:9/v1"}]}
export: [{use: messages}]
"""
PROBLEMS = Entry("recipe", "problems.jsonl", "the recipes' source", [], OK)


def _recipe(name: str, about: str, outcome: list[str] | str, content: bytes) -> Entry:
    return Entry("recipe", f"{name}.yaml", about, outcome, content)


def _system(text: bytes) -> bytes:
    return GOOD.replace(b"distil: {", b"distil: {system: " + text + b", ")


LAUGHS = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (new, new, b", ".join([b"*%c" % old] * 9))
    for old, new in zip(b"abcdefgh", b"bcdefghi", strict=True)
)
CHARACTERS = [
    _recipe("good", "a good recipe", [], GOOD),
    _recipe("bom", "a byte order mark", [], b"\xef\xbb\xbf" + GOOD),
    _recipe("crlf", "CRLF", [], GOOD.replace(b"\n", b"\r\n")),
    _recipe("cr-open-quote", "a quote that CR alone comes before", "not YAML", b'\r"'),
    _recipe("cr", "CR alone", [], GOOD.replace(b"\n", b"\r")),
    _recipe("two-boms", "two byte order marks", [], b"\xef\xbb\xbf" * 2 + GOOD),
    _recipe("utf-16", "UTF-16", "not UTF-8", GOOD.decode().encode("utf-16")),
    _recipe("latin-1", "Latin-1", ":5: the recipe is not UTF-8", GOOD + "# é".encode("latin-1")),
    _recipe("cut-utf8", "cut within a character", "not UTF-8", GOOD + b"# \xe8\xae"),
    _recipe("nul", "a NUL", "the character U+0000 is not allowed", GOOD + b"\0"),
    _recipe("escape", "a terminal code", "U+001B is not allowed", GOOD + b"# \x1b[31m"),
    _recipe("half-pair", "half of a surrogate pair", "half of a surrogate", _system(rb'"\ud800"')),
    _recipe("nul-escape", "an escaped NUL in text", [], _system(rb'"\0"')),
    _recipe(
        "nul-path",
        "an escaped NUL in a path",
        "no file or folder",
        GOOD.replace(b"problems.jsonl", rb'"\0"'),
    ),
    _recipe("tabs", "tabs for spaces", "not YAML", b"distil:\n\tsamples: 1\n"),
    _recipe("binary", "every byte", "not UTF-8", bytes(range(256))),
]
SHAPES = [
    _recipe("empty", "no byte", "the recipe is empty", b""),
    _recipe("comment", "only a comment", "the recipe is empty", b"# nothing\n"),
    _recipe("list", "a list", "a list, not a mapping", b"- sources\n"),
    _recipe("text", "text", "not a mapping", b"hello\n"),
    _recipe("json", "JSON is YAML", "lacks the key 'name'", b'{"distil": 1}'),
    _recipe("two", "two documents", "not YAML", GOOD + b"---\n" + GOOD),
    _recipe("cut", "cut within quotes", "not YAML", GOOD[:85]),
    _recipe("cut-brackets", "cut within brackets", "not YAML", GOOD[:30]),
    _recipe("indent", "indents that do not match", "not YAML", b"a:\n    b: 1\n  c: 2\n"),
    _recipe("same-key", "a key twice", "sources was given before", GOOD + b"sources: []\n"),
    _recipe(
        "same-key-within",
        "a key twice within",
        "given before",
        GOOD.replace(b"{model: m", b"{model: m, model: n"),
    ),
    _recipe("merge", "a merge key", "has no key '<<'", b"x: &x {a: 1}\n<<: *x\n" + GOOD),
    _recipe("list-key", "a list for a key", "a key must be text", b"? [a, b]\n: 1\n" + GOOD),
    _recipe(
        "unknown-key",
        "a key that is near another",
        "did you mean",
        GOOD.replace(b"export", b"exports"),
    ),
    _recipe(
        "tag",
        "a tag that makes an object",
        "is not allowed",
        b"x: !!python/object/apply:os.system [ls]\n",
    ),
    _recipe("binary-tag", "a tag that YAML knows", "is not allowed", b"x: !!binary aGk=\n"),
    _recipe("wrong-tag", "a tag that does not fit", "is no int", b"x: !!int word\n"),
    _recipe(
        "old",
        "YAML 1.1, where n is false",
        "name must be text, not false",
        b"%YAML 1.1\n---\n" + GOOD,
    ),
    _recipe("older", "YAML 1.0", "not YAML", b"%YAML 1.0\n---\n" + GOOD),
    _recipe("directive", "a version of nothing", "not YAML", b"%YAML x\n---\n" + GOOD),
    _recipe("no-anchor", "an alias of nothing", "not YAML", b"x: *nowhere\n"),
    _recipe("cycle", "an alias of what it stands in", "inside each other", b"x: &x [*x]\n"),
]
SIZES = [
    _recipe("laughs", "aliases of aliases: a billion laughs", "aliases written out", LAUGHS),
    _recipe(
        "too-deep", "10,000 brackets", "inside each other", b"x: " + b"[" * 10_000 + b"]" * 10_000
    ),
    _recipe("deep-lines", "lists by indents", "inside each other", b"- " * 10_000 + b"x"),
    _recipe("huge", "300 kB", "more than 200,000 bytes", b"#" * 300_000),
    _recipe("huge-scalar", "a text of 150 kB", [], _system(b"x" * 150_000)),
    _recipe("huge-key", "a key of 150 kB", "not YAML", b"x" * 150_000 + b": 1\n" + GOOD),
    _recipe(
        "huge-integer", "an integer of 10,000 digits", "is no int", GOOD + b"x: " + b"9" * 10_000
    ),
    _recipe("infinity", "an infinity", "is not finite", GOOD + b"x: .inf\n"),
    _recipe("nan", "no number", "is not finite", GOOD + b"x: .nan\n"),
    _recipe("times", "a time is text", [], _system(b"1:30")),
]
RECIPES = [PROBLEMS, *CHARACTERS, *SHAPES, *SIZES]
