"""What a recipe says of benchmarks: its short forms, and names that are not at hand."""

from collections.abc import Iterator

from pydantic import JsonValue

from potstill.decontaminate.at_hand import find
from potstill.errors import InputError
from potstill.recipe.decontaminate import ALL
from potstill.recipe.document import Document
from potstill.recipe.model import OFF
from potstill.recipe.sentences import Loc, dotted


def unfold(recipe: JsonValue) -> None:
    """Write short forms out: `off` as no rules (YAML 1.1 takes it for false), a name as a list."""
    if isinstance(recipe, dict) and "decontaminate" in recipe:
        rules = recipe["decontaminate"]
        if rules is False or rules == OFF:
            recipe["decontaminate"] = []
    for _, rule in _rules(recipe):
        if isinstance(name := rule.get("against"), str):
            rule["against"] = [name]


def check_benchmarks(document: Document) -> None:
    """Note the names of benchmarks that are not at hand."""
    unfold(document.value)
    for loc, rule in _rules(document.value):
        against = rule.get("against")
        for i, name in enumerate(against if isinstance(against, list) else ()):
            if isinstance(name, str) and name != ALL:
                try:
                    find(name)
                except InputError as error:
                    document.add((*loc, i), f"{dotted((*loc, i))}: {error}")


def _rules(recipe: JsonValue) -> Iterator[tuple[Loc, dict[str, JsonValue]]]:
    """Yield the rules, as far as they are what they should be, each with its benchmarks' place."""
    rules = recipe.get("decontaminate") if isinstance(recipe, dict) else None
    for i, rule in enumerate(rules if isinstance(rules, list) else ()):
        if isinstance(rule, dict):
            yield ("decontaminate", i, "against"), rule
