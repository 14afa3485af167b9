"""The JSON Schema of recipes: the models' own, with the options of every plug-in that ships."""

from collections.abc import Iterator
from typing import cast

from pydantic.json_schema import JsonSchemaValue

from potstill import registry
from potstill.recipe.model import Recipe
from potstill.recipe.places import JUDGE, KINDS
from potstill.recipe.specs import FillSpec, SourceSpec
from potstill.text.docstrings import parse, unwrap

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def recipe_schema() -> JsonSchemaValue:
    """Return a JSON Schema that editors complete and check recipes with.

    It knows every section, key and option, and leaves `use` open for plug-ins of other packages and
    of files. What it can't tell, such as whether a condition is legal, `load_recipe` does.
    """
    schema = Recipe.model_json_schema()
    definitions = schema["$defs"]
    _tell_judges(schema["properties"]["verify"])
    for section, kind in KINDS.items():
        item = definitions[reference(schema["properties"][section])]
        _offer(item["properties"]["use"], kind)
        _add_options(item, kind, definitions)
    fill = definitions[FillSpec.__name__]
    _offer(fill["properties"]["use"], "sources")
    _add_options(fill, "sources", definitions)
    _offer(definitions[SourceSpec.__name__]["properties"]["schema"], "schemas")
    _tidy(schema)
    return {"$schema": DIALECT, "title": "potstill recipe", **schema}


def plugin_schema(kind: str, name: str) -> JsonSchemaValue:
    """Return the JSON Schema of a plug-in's options.

    Raises:
        InputError: There is no such plug-in.
    """
    schema = registry.options(registry.load(kind, name)).model_json_schema()
    _tidy(schema)
    return schema


def references(schema: JsonSchemaValue) -> Iterator[str]:
    """Yield the names of the definitions that a value, list's items or alternatives refer to."""
    if "$ref" in schema:
        yield schema["$ref"].rpartition("/")[2]
        return
    inner = (schema[key] for key in ("items", "else", "then") if key in schema)
    for each in (*schema.get("anyOf", ()), *inner):
        yield from references(each)


def reference(schema: JsonSchemaValue) -> str | None:
    """Return the first of `references`, or None where there is none."""
    return next(references(schema), None)


def _tell_judges(verify: JsonSchemaValue) -> None:
    """Let `use` decide whether a rule is a judge, as another rule may use any name."""
    verifier, judge = verify["items"].pop("oneOf")
    is_judge = {"properties": {"use": {"const": JUDGE}}, "required": ["use"]}
    verify["items"] = {"if": is_judge, "then": judge, "else": verifier}


def _offer(value: JsonSchemaValue, kind: str) -> None:
    """Let a value that is text name the plug-ins of a kind first."""
    known: list[JsonSchemaValue] = [
        {"const": name, "description": parse(registry.load(kind, name).__doc__).summary}
        for name in registry.PLUGINS[kind]
    ]
    others = value.pop("anyOf", [{"type": value.pop("type", None)}])
    value["anyOf"] = [*known, *others]


def _add_options(item: JsonSchemaValue, kind: str, definitions: JsonSchemaValue) -> None:
    """Let the plug-in that an item uses decide which keys there may be besides its own."""
    rules: list[JsonSchemaValue] = []
    options: JsonSchemaValue = {}
    for name in registry.PLUGINS[kind]:
        schema = registry.options(registry.load(kind, name)).model_json_schema()
        definitions.update(schema.pop("$defs", {}))
        named = {"properties": {"use": {"const": name}}, "required": ["use"]}
        rules.append({"if": named, "then": _only(item, schema)})
        options |= schema["properties"]
    if kind == "sources":  # where the path's ending tells what to use
        item["required"].remove("use")
        unnamed = {"not": {"required": ["use"]}}
        rules.append({"if": unnamed, "then": _only(item, {"properties": options})})
    item["additionalProperties"] = True
    item["allOf"] = rules


def _only(item: JsonSchemaValue, options: JsonSchemaValue) -> JsonSchemaValue:
    """Return the schema that allows an item's own keys and a plug-in's options, and no others."""
    own = dict.fromkeys(item["properties"], True)
    found = {"properties": own | options["properties"], "additionalProperties": False}
    return found | {key: options[key] for key in ("required",) if key in options}


def _tidy(schema: JsonSchemaValue) -> None:
    """Take out titles and empty defaults that pydantic makes up, and line breaks in texts."""
    for node in _mappings(schema):
        if isinstance(node.get("title"), str):
            del node["title"]
        if isinstance(node.get("description"), str):
            node["description"] = unwrap(node["description"])
        if node.get("default", 0) in (None, "") or isinstance(node.get("default"), dict | list):
            del node["default"]


def _mappings(node: object) -> Iterator[JsonSchemaValue]:
    if isinstance(node, dict):
        found = cast(JsonSchemaValue, node)
        yield found
        node = list(found.values())
    if isinstance(node, list):
        for each in cast(list[object], node):
            yield from _mappings(each)
