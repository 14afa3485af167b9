"""Where a recipe names things, before it is validated."""

from collections.abc import Iterator

from pydantic import JsonValue

from potstill.recipe.sentences import Loc

JUDGE = "judge"
"""What a rule of `verify` uses that asks models and is no plug-in."""

KINDS = {
    "sources": "sources",
    "dedup": "dedup",
    "decontaminate": "decontaminate",
    "label": "labels",
    "verify": "verifiers",
    "filter": "filters",
    "export": "formats",
}
"""Section of a recipe to the kind of plug-in that its items name."""

Item = dict[str, JsonValue]


def items(value: JsonValue, *keys: str) -> Iterator[tuple[Loc, Item]]:
    """Yield the mappings in a list below `keys`, as far as they are what they should be."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    for i, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield (*keys, i), item


def sources(value: JsonValue) -> Iterator[tuple[Loc, Item]]:
    """Yield every place that names files to read, with the item that it is in."""
    found = [*items(value, "sources")]
    for loc, rule in items(value, "decontaminate"):
        found += (((*loc, *at), item) for at, item in items(rule, "against"))
    for loc, source in found:
        yield loc, source
        yield from (((*loc, *at), item) for at, item in items(source, "fill"))


def plugins(value: JsonValue) -> Iterator[tuple[Loc, str, Item]]:
    """Yield every place that may name a plug-in, with the kind, and the item that it is in."""
    for loc, item in sources(value):
        yield (*loc, "use"), "sources", item
        yield (*loc, "schema"), "schemas", item
    for section, kind in KINDS.items():
        if kind != "sources":
            named = ((loc, item) for loc, item in items(value, section) if not _is_judge(loc, item))
            yield from (((*loc, "use"), kind, item) for loc, item in named)


def _is_judge(loc: Loc, item: Item) -> bool:
    """Return whether a rule names no plug-in, but models to ask."""
    return loc[0] == "verify" and item.get("use") == JUDGE


def teachers(value: JsonValue) -> Iterator[tuple[Loc, Item]]:
    """Yield every place that describes a model to ask, with the item that does."""
    yield from items(value, "distil", "teachers")
    for loc, rule in items(value, "decontaminate"):
        yield from (((*loc, *at), item) for at, item in items(rule, "judge", "teachers"))
    for loc, rule in items(value, "verify"):
        if _is_judge(loc, rule):
            yield from (((*loc, *at), item) for at, item in items(rule, "teachers"))
