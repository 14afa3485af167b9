"""What a plug-in, a section of the recipe or a condition's columns are, from the code itself."""

from collections.abc import Callable, Iterator
from functools import partial

from pydantic import JsonValue
from pydantic.json_schema import JsonSchemaValue

from potstill import registry
from potstill.errors import InputError
from potstill.recipe.columns import COLUMNS, PROBLEM_COLUMNS
from potstill.recipe.places import KINDS
from potstill.recipe.schema import plugin_schema, recipe_schema, reference, references
from potstill.records import Record
from potstill.registry import nearest
from potstill.text.docstrings import parse, unwrap

_SECTIONS = {"schemas": "sources"} | {kind: section for section, kind in KINDS.items()}
"""Kind of plug-in to the section of a recipe that names it."""

_ALIASES = _SECTIONS | dict.fromkeys(("where", "when", "condition", "conditions"), "columns")
"""Other names of topics."""

_EXAMPLES = {
    "distil": """
distil:
  samples: 4
  prompt: "{problem}\\nPut your final answer within \\\\boxed{}."
  reasoning: "on"
  teachers:
    - {model: my-model, base_url: "http://127.0.0.1:8000/v1", key_env: TEACHER_KEY}
""",
    "distil.prompt": """
distil:
  prompt:
    - {where: "category = 'choice'", template: "{problem}\\nAnswer with one letter."}
    - {template: "{problem}\\nPut your final answer within \\\\boxed{}."}
""",
    "distil.teachers": """
distil:
  teachers:
    - model: my-model
      base_url: http://127.0.0.1:8000/v1
      key_env: TEACHER_KEY
      max_in_flight: 300
    - local: smollm2-135m
""",
    "distil.teachers.sampling": """
distil:
  teachers:
    - local: smollm2-135m
      sampling: {temperature: 0.6, top_p: 0.95, max_tokens: 1024}
""",
    "verify.judge": """
verify:
  - {use: math}
  - use: judge
    votes: 3
    teachers:
      - {model: my-judge, base_url: "http://127.0.0.1:8000/v1", sampling: {max_tokens: 2048}}
""",
    "columns": """
export:
  - {use: messages, when: "outcome = 'pass' and language in ('en', 'zh')"}
""",
}
"""The examples of what is no plug-in; those of plug-ins stand in their docstrings."""

_BOUNDS = {"exclusiveMinimum": ">", "minimum": ">=", "exclusiveMaximum": "<", "maximum": "<="}
_TYPES = {"string": "text", "integer": "whole number", "object": "mapping", "array": "list"}


class Entry(Record):
    """An option, a key or a column."""

    name: str
    """As a recipe writes it."""
    type: str
    """What its value is, in words."""
    doc: str
    """What it means."""
    default: JsonValue = None
    """The value where none is given; None where that is no single value."""
    required: bool = False
    """Whether it must be given."""
    topic: str = ""
    """Where the mapping that it holds is explained."""


class Page(Record):
    """What one topic is."""

    topic: str
    """`KIND/NAME` of a plug-in, or the keys of a section joined by dots."""
    summary: str
    """One sentence."""
    description: str = ""
    """Paragraphs, each on one line, a blank line between."""
    section: str = ""
    """The section of a recipe that a plug-in stands in."""
    entries: tuple[Entry, ...] = ()
    """Options, keys or columns."""
    plugins: tuple[tuple[str, str], ...] = ()
    """The plug-ins of a section, each with its summary."""
    example: str = ""
    """Lines of a recipe."""


def topics() -> list[str]:
    """Return everything that `explain` knows, by its full name."""
    return list(_pages())


def explain(topic: str) -> Page:
    """Return the page of a topic.

    Args:
        topic: A full name of `topics()`; the last part of one, or its singular, where that is only
            one's; a kind of plug-in; or `where`, `when` and `conditions`.

    Raises:
        InputError: Nothing has that name, or several do.
    """
    pages = _pages()
    full = _ALIASES.get(topic, topic)
    for wanted in (full, f"{full}s"):
        found = [each for each in pages if wanted in (each, _short(each))]
        if wanted in pages or len(found) == 1:
            return pages[wanted if wanted in pages else found[0]]()
        found = [each for each in found if each.count(".") == min(e.count(".") for e in found)]
        if len(found) == 1:  # a judge's teachers, for one, have the keys of those of distil
            return pages[found[0]]()
        if found:
            raise InputError(f"{topic!r} may mean {' or '.join(found)}: give one of these")
    hint = nearest(topic, dict.fromkeys([*map(_short, pages), *pages]))
    raise InputError(
        f"nothing here is called {topic!r}{hint}: `potstill explain` shows what there is"
    )


def _short(topic: str) -> str:
    """Return the last part of a topic's name; a plug-in's own name may hold dots."""
    kind, slash, name = topic.partition("/")
    return name if slash else kind.rpartition(".")[2]


def _pages() -> dict[str, Callable[[], Page]]:
    """Return the function that makes each topic's page: recipe, sections, columns, plug-ins."""
    schema = recipe_schema()
    pages: dict[str, Callable[[], Page]] = {"recipe": partial(_section, "recipe", schema)}
    for topic, definition in _sections(schema, schema["$defs"]):
        pages[topic] = partial(_section, topic, definition)
    pages["columns"] = _columns
    for kind in registry.PLUGINS:
        for name in registry.names(kind):
            pages[f"{kind}/{name}"] = partial(_plugin, kind, name)
    return pages


def _sections(
    schema: JsonSchemaValue, definitions: JsonSchemaValue, inside: str = ""
) -> Iterator[tuple[str, JsonSchemaValue]]:
    """Yield each mapping of a recipe with its keys joined by dots, the outer ones first."""
    for key, value in schema["properties"].items():
        for name in references(value):
            if "properties" in (definition := definitions[name]):
                kind = definition["properties"].get("use", {}).get("const")  # as of a judge
                topic = f"{inside}{key}.{kind}" if kind else f"{inside}{key}"
                yield topic, definition
                yield from _sections(definition, definitions, f"{topic}.")


def _section(topic: str, definition: JsonSchemaValue) -> Page:
    summary, _, description = definition["description"].partition("\n\n")
    return Page(
        topic=topic,
        summary=summary,
        description=description,
        entries=tuple(_entries(definition, "" if topic == "recipe" else f"{topic}.")),
        plugins=tuple(_plugins(topic)),
        example=_EXAMPLES.get(topic, "").strip(),
    )


def _plugin(kind: str, name: str) -> Page:
    doc = parse(registry.load(kind, name).__doc__)
    return Page(
        topic=f"{kind}/{name}",
        summary=doc.summary,
        description=doc.description,
        section=_SECTIONS[kind],
        entries=tuple(_entries(plugin_schema(kind, name))),
        example=doc.example,
    )


def _columns() -> Page:
    entries = (
        Entry(
            name=name,
            type=column.kind,
            doc=column.doc + ("" if name in PROBLEM_COLUMNS else " Only of samples."),
        )
        for name, column in COLUMNS.items()
    )
    return Page(
        topic="columns",
        summary="What the conditions `where` and `when` may name.",
        description=unwrap("""
            A condition is SQL: columns, literals, `= <> < <= > >=`, `and`, `or`, `not`, `in (…)`,
            `is null` and parentheses. A comparison with null is unknown, and unknown selects
            nothing. Problems have the first columns, samples have all of them.
            """),
        entries=tuple(entries),
        example=_EXAMPLES["columns"].strip(),
    )


def _plugins(section: str) -> Iterator[tuple[str, str]]:
    for kind in registry.PLUGINS:
        if _SECTIONS[kind] == section:
            for name in registry.names(kind):
                yield f"{kind}/{name}", parse(registry.load(kind, name).__doc__).summary


def _entries(schema: JsonSchemaValue, inside: str = "") -> Iterator[Entry]:
    for name, value in schema["properties"].items():
        mapping = reference(value) is not None and reference(value) != "JsonValue"
        yield Entry(
            name=name,
            type=type_text(value),
            doc=value.get("description", ""),
            default=value.get("default"),
            required=name in schema.get("required", ()),
            topic=f"{inside}{name}" if mapping else "",
        )


def type_text(schema: JsonSchemaValue) -> str:
    """Return in words what a JSON Schema admits, such as `whole number >= 1`."""
    *others, last = dict.fromkeys(_alternatives(schema)) or ["anything"]
    return f"{', '.join(others)} or {last}" if others else last


def _alternatives(schema: JsonSchemaValue) -> Iterator[str]:
    """Yield in words each thing that a value may be, except null, which stands for not given."""
    kind = schema.get("type")
    if any("const" in each for each in schema.get("anyOf", ())):
        yield "name of a plug-in"
    elif "anyOf" in schema:
        for each in schema["anyOf"]:
            yield from _alternatives(each)
    elif "const" in schema or "enum" in schema:
        yield from map(str, schema.get("enum", [schema.get("const")]))
    elif kind == "boolean":
        yield from ("true", "false")
    elif kind == "array":
        items = schema.get("items", {})
        yield "list of mappings" if reference(items) else f"list of {type_text(items)}"
    elif "propertyNames" in schema:
        yield f"mapping with the keys {', '.join(schema['propertyNames']['enum'])}"
    elif kind != "null":
        bounds = [f"{sign} {schema[key]}" for key, sign in _BOUNDS.items() if key in schema]
        name = _TYPES.get(str(kind), str(kind or "mapping"))
        yield f"{schema.get('format', name)} {' and '.join(bounds)}".strip()
