"""Plain YAML 1.2, with the line of each value.

No tags that make objects, and no bombs of aliases. ruamel.yaml has no types: its nodes do not leave
this module.
"""

import math
import re
from io import StringIO
from typing import Any, NamedTuple

from pydantic import JsonValue
from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.representer import SafeRepresenter

from potstill.recipe.sentences import Loc, dotted, show

MAX_VALUES = 50_000
"""Values of one text, aliases written out: a short text of aliases can stand for billions."""
MAX_DEPTH = 50
"""Mappings and lists inside each other."""

_TAG = "tag:yaml.org,2002:"
_TEXT = ("str", "timestamp", "value", "merge")
"""What stays text: dates, `=` and `<<` mean nothing in YAML 1.2."""

_LINE_END = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # as ruamel.yaml counts lines
_INDENTED_BY_TAB = re.compile(r" *\t")
_TOO_DEEP = f"more than {MAX_DEPTH} mappings and lists inside each other"


class Broken(ValueError):
    """A text is not YAML, or holds what a recipe may not."""

    def __init__(self, text: str, line: int = 1) -> None:
        """Keep the line, counted from 1."""
        super().__init__(text)
        self.line = line


class Leaf(NamedTuple):
    """Text, a number, true, false or null."""

    value: JsonValue
    line: int


class Items(NamedTuple):
    """A list."""

    items: "list[Node]"
    line: int


class Pairs(NamedTuple):
    """A mapping: keys with their lines, and values; a key may come twice."""

    pairs: "list[tuple[str, int, Node]]"
    line: int


Node = Leaf | Items | Pairs


def parse(text: str) -> Node:
    """Return the value of a YAML text; null for an empty one.

    Raises:
        Broken: The text is not YAML, or holds tags, or too much.
    """
    root = _compose(text)
    return Leaf(None, 1) if root is None else _Reader().read(root, ())


def to_yaml(value: JsonValue) -> str:
    """Return a value as YAML in block style."""
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False
    yaml.width = 2**31
    out = StringIO()
    yaml.dump(value, out)
    return out.getvalue()


class _Representer(SafeRepresenter):
    """Escapes what is not printable: ruamel's other quotes turn U+0085 into a space."""

    def represent_str(self, data: str) -> Any:
        base: Any = super()
        return base.represent_scalar(f"{_TAG}str", data, style=None if data.isprintable() else '"')


_untyped: Any = _Representer
_untyped.add_representer(str, _Representer.represent_str)


class _Reader:
    """Turns ruamel's nodes into ours, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def read(self, node: Any, loc: Loc) -> Node:
        line = _line(node)
        self.count += 1
        if self.count > MAX_VALUES:
            raise Broken(f"more than {MAX_VALUES} values, aliases written out", line)
        if len(loc) > MAX_DEPTH:
            raise Broken(_TOO_DEEP, line)
        if node.id == "scalar":
            return Leaf(_scalar(node, loc), line)
        if node.tag != _TAG + {"sequence": "seq", "mapping": "map"}[node.id]:
            raise _illegal_tag(node)
        if node.id == "sequence":
            return Items([self.read(item, (*loc, i)) for i, item in enumerate(node.value)], line)
        return Pairs([self._pair(key, value, loc) for key, value in node.value], line)

    def _pair(self, key: Any, value: Any, loc: Loc) -> tuple[str, int, Node]:
        name = _key(key)
        return name, _line(key), self.read(value, (*loc, name))


def _compose(text: str) -> Any:
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.max_depth = MAX_DEPTH
    yaml.composer.warn_double_anchors = False  # legal in YAML 1.2
    try:
        return yaml.compose(text)
    except ReaderError as error:
        at: Any = error
        line = text.count("\n", 0, at.position) + 1
        code = f"U+{at.character:04X}"
        raise Broken(f"not YAML: the character {code} is not allowed", line) from None
    except MaxDepthExceededError as error:
        raise Broken(_TOO_DEEP, _mark_line(error)) from None
    except MarkedYAMLError as error:
        marked: Any = error
        what, line = " ".join(filter(None, (marked.context, marked.problem))), _mark_line(error)
        lines = _LINE_END.split(text)
        if line <= len(lines) and _INDENTED_BY_TAB.match(lines[line - 1]):
            what = "use spaces, not tabs, to indent"
        raise Broken(f"not YAML: {what}", line) from None
    except (YAMLError, AssertionError) as error:  # ruamel asserts that it knows %YAML's version
        raise Broken(f"not YAML: {error}") from None


def _mark_line(error: Any) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 1


def _line(node: Any) -> int:
    return node.start_mark.line + 1


def _key(node: Any) -> str:
    if node.id != "scalar":
        raise Broken("a key must be text, not a list or a mapping", _line(node))
    return _text(node)


def _text(node: Any) -> str:
    if any("\ud800" <= character <= "\udfff" for character in node.value):
        raise Broken("the text holds half of a surrogate pair, which is no character", _line(node))
    return node.value


def _scalar(node: Any, loc: Loc) -> str | int | float | bool | None:
    kind = node.tag.removeprefix(_TAG)
    if kind in _TEXT:
        return _text(node)
    if kind == "null":
        return None
    if kind not in ("bool", "int", "float"):
        raise _illegal_tag(node)
    constructor: Any = YAML(typ="safe", pure=True).constructor
    try:
        value = constructor.construct_object(node)
    except (ValueError, KeyError, IndexError):
        raise Broken(f"{show(node.value)} is no {kind}", _line(node)) from None
    large = isinstance(value, int) and abs(value) >= 2**63
    if large or not math.isfinite(value):
        what = "too large" if large else "not finite"
        place = f"{dotted(loc)}: " if loc else ""
        raise Broken(f"{place}the number {show(node.value)} is {what}", _line(node))
    return value


def _illegal_tag(node: Any) -> Broken:
    return Broken(f"the tag {show(str(node.tag))} is not allowed: only plain YAML", _line(node))
