"""What a recipe says of the sources that deduplication prefers: names, and where they count."""

from collections.abc import Iterator

from potstill import registry
from potstill.recipe.document import Document
from potstill.recipe.model import Recipe
from potstill.recipe.sentences import Loc, dotted
from potstill.registry import nearest


def check_priority(document: Document, recipe: Recipe) -> None:
    """Note sources that the recipe does not have, and preferences that would change nothing."""
    for loc, text in _mistakes(recipe):
        document.add(loc, f"{dotted(loc)} {text}")


def _mistakes(recipe: Recipe) -> Iterator[tuple[Loc, str]]:
    sources = [source.name for source in recipe.sources]
    for i, spec in enumerate(recipe.dedup):
        if spec.use not in registry.PLUGINS["dedup"]:  # those of others mean what they like
            continue
        options = registry.options(registry.load("dedup", spec.use))
        given = options.model_validate(spec.options).model_dump()
        if not {"priority", "keep"} <= given.keys():
            continue
        for name in given["priority"]:
            if name not in sources:
                legal = f"{nearest(name, sources)}: {', '.join(sources)}"
                yield ("dedup", i, "priority"), f"names {name!r}, which is no source{legal}"
        if given["priority"] and "priority" not in given["keep"]:
            first = ", ".join(("priority", *given["keep"]))
            yield ("dedup", i, "priority"), f"counts for nothing unless `keep` has it: [{first}]"
        if "priority" in given["keep"] and not given["priority"]:
            yield ("dedup", i, "keep"), "has priority: name the sources in `priority`, too"
