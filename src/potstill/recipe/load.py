"""Recipes from files: every mistake at once, each with its place."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError

from potstill import registry
from potstill.engine import loading
from potstill.errors import InputError, Mistake, RecipeError
from potstill.models.local import is_model, no_model
from potstill.recipe.against import check_benchmarks, unfold
from potstill.recipe.conditions import Condition
from potstill.recipe.document import Document
from potstill.recipe.judge import JudgeSpec
from potstill.recipe.model import Recipe
from potstill.recipe.places import KINDS, Item, plugins, sources, teachers
from potstill.recipe.priority import check_priority
from potstill.recipe.sentences import Loc, dotted, explain, printable
from potstill.recipe.teachers import is_file
from potstill.recipe.yaml import to_yaml
from potstill.records import to_json
from potstill.sources import locations

MAX_BYTES = 200_000
"""Size of a recipe; a larger file is no recipe."""

DATA = (".jsonl", ".zst", ".gz", ".parquet", ".csv", ".tsv")
"""Endings that no recipe has."""

_INNER = ("[key]", "[name]", "[source]", "[verifier]", "[judge]")
"""Parts of pydantic's places that are no keys of the recipe."""


def load_recipe(
    path: str | os.PathLike[str], *, sets: Sequence[str] = (), allow_code: bool = False
) -> Recipe:
    """Return the recipe in a YAML file, with absolute paths.

    Args:
        path: The file.
        sets: Changes, or one, each `KEY=VALUE`: keys and indexes joined by dots
            (`distil.teachers.0.sampling.max_tokens=200`), and YAML.
        allow_code: Whether the recipe may name plug-ins by file, which runs that file.

    Raises:
        RecipeError: All mistakes of the recipe, each with its place.
    """
    document = Document(_read(Path(path)), printable(os.fspath(path)))
    for assignment in (sets,) if isinstance(sets, str) else sets:
        document.set(assignment)
    return read_document(document, Path(os.path.abspath(path)).parent, allow_code=allow_code)


def read_document(document: Document, folder: Path, *, allow_code: bool = False) -> Recipe:
    """Return the recipe in a document, with absolute paths.

    Args:
        document: The recipe as plain values.
        folder: What paths are relative to, else the current folder.
        allow_code: Whether the recipe may name plug-ins by file, which runs that file.

    Raises:
        RecipeError: All mistakes of the recipe, each with its place.
    """
    _resolve(document, folder)
    for loc, kind, item in plugins(document.value):
        _check_plugin(document, loc, kind, item, allow_code=allow_code)
    check_benchmarks(document)
    recipe = _validate(document)
    check_priority(document, recipe)
    _check_names(document, recipe)
    return recipe


def read_dumped(path: str | os.PathLike[str]) -> Recipe:
    """Return a recipe that `dump` wrote, whether or not its files and plug-ins are still there.

    Raises:
        RecipeError: The file was changed into what is no recipe.
    """
    return _validate(Document(_read(Path(path)), printable(os.fspath(path))))


def dump(recipe: Recipe) -> str:
    """Return the recipe as YAML, every default written out; `load_recipe` reads an equal one."""
    return to_yaml(recipe.model_dump(mode="json"))


def _read(path: Path) -> str:
    def refuse(text: str, line: str = "") -> RecipeError:
        return RecipeError([Mistake(f"{printable(os.fspath(path))}{line}", text)])

    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise refuse(f"the recipe can't be read: {reason}") from None
    if path.name.lower().endswith(DATA):
        raise refuse(
            "this looks like data, not like a recipe: `potstill init --problems FILE` writes a "
            "recipe for it"
        )
    if len(data) > MAX_BYTES:
        raise refuse(f"the recipe has more than {MAX_BYTES:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refuse("the recipe is not UTF-8 text", f":{line}") from None


def _resolve(document: Document, folder: Path) -> None:
    """Make paths absolute, and give each source the plug-in for its file's ending."""
    for loc, item in sources(document.value):
        _resolve_path(document, loc, item, "path", folder)
        if "use" not in item and isinstance(path := item.get("path"), str):
            _infer_use(document, loc, item, path)
    for loc, teacher in teachers(document.value):
        local = teacher.get("local")
        if isinstance(local, str) and is_file(local):
            _resolve_path(document, loc, teacher, "local", folder)
        elif isinstance(local, str) and local and not is_model(local):
            document.add((*loc, "local"), f"{dotted((*loc, 'local'))}: {no_model(local)}")
    for loc, _, item in plugins(document.value):
        key = str(loc[-1])
        if isinstance(name := item.get(key), str) and ".py:" in name:
            file, _, function = name.rpartition(":")
            base = Path() if document.is_set(loc) else folder
            item[key] = f"{os.path.abspath(base / file)}:{function}"


def _resolve_path(document: Document, loc: Loc, item: Item, key: str, folder: Path) -> None:
    """Look for a file in the recipe's folder, then here; one from `--set` here first."""
    if not isinstance(text := item.get(key), str):
        return
    if not text:
        document.add((*loc, key), f"{dotted((*loc, key))} is empty")
        return
    if locations.is_remote(text):
        _check_address(document, (*loc, key), text)
        return
    bases = [folder, Path.cwd()]
    if document.is_set((*loc, key)):
        bases.reverse()
    candidates = [os.path.abspath(base / os.path.expanduser(text)) for base in bases]
    found = next(filter(locations.exists, candidates), None)
    if found is None:
        tried = " or ".join(map(printable, dict.fromkeys(candidates)))
        document.add((*loc, key), f"there is no file or folder {tried}")
    item[key] = found or candidates[0]


def _check_address(document: Document, loc: Loc, address: str) -> None:
    try:
        locations.check(address)
    except InputError as error:
        document.add(loc, f"{dotted(loc)}: {error}")


def _infer_use(document: Document, loc: Loc, item: Item, path: str) -> None:
    """Name the source for the ending of a file, or of the files of a folder or dataset."""
    known = registry.names("sources")
    item["use"] = known[0]
    try:
        found = locations.uses_of(path, known)
    except InputError as error:
        at = (*loc, "path")
        document.add(at, f"{dotted(at)}: {error}")
        return
    if found:
        item["use"] = found[0]
    is_there = locations.is_remote(path) or locations.exists(path)
    if len(found) == 1 or not is_there:  # the latter was told
        return
    has = f"files of several kinds: {', '.join(found)}"
    if not found:
        has = f"none of the endings {', '.join(known)}"
    name = path.rstrip("/").rpartition("/")[2]
    document.add(loc, f"{dotted(loc)} needs the key 'use', as {name!r} has {has}")


def _check_plugin(document: Document, loc: Loc, kind: str, item: Item, *, allow_code: bool) -> None:
    """Note an unknown plug-in, and options that it does not take."""
    *at, key = loc
    name = item.get(str(key))
    if not isinstance(name, str):
        return
    try:
        plugin = loading.load(kind, name, allow_code=allow_code)
    except InputError as error:
        document.add(loc, str(error))
        return
    if key == "schema":  # which takes no options
        return
    own = _keys(_model_at(loc))
    options = registry.options(plugin)
    given = {key: value for key, value in item.items() if key not in own}
    try:
        options.model_validate_json(to_json(given), strict=True)
    except ValidationError as error:
        _note(document, error, tuple(at), [*own, *options.model_fields])


def _validate(document: Document) -> Recipe:
    unfold(document.value)
    try:
        # JSON, because strict validation of Python values would refuse text for paths.
        recipe = Recipe.model_validate_json(to_json(document.value), strict=True)
    except ValidationError as error:
        _note(document, error)
        raise RecipeError(document.mistakes) from None
    if document.mistakes:
        raise RecipeError(document.mistakes)
    return recipe


def _check_names(document: Document, recipe: Recipe) -> None:
    """Refuse conditions on sources and teachers that the recipe does not have.

    Raises:
        RecipeError: There are such.
    """
    values = {"source": tuple(source.name for source in recipe.sources)}
    if recipe.distil:
        values["teacher"] = tuple(teacher.model for teacher in recipe.distil.teachers)
    for loc, condition in _conditions(recipe):
        try:
            condition.check(values)
        except InputError as error:
            document.add(loc, str(error))
    if document.mistakes:
        raise RecipeError(document.mistakes)


def _conditions(recipe: Recipe) -> Iterator[tuple[Loc, Condition]]:
    rules = {key: getattr(recipe, key) for key in KINDS if key != "sources"}
    if recipe.distil:
        rules["distil.prompt"] = recipe.distil.prompt
    for section, items in rules.items():
        for i, item in enumerate(items):
            for key in ("where", "when"):
                if isinstance(condition := getattr(item, key, None), Condition):
                    yield (*section.split("."), i, key), condition


def _note(
    document: Document, error: ValidationError, at: Loc = (), keys: Sequence[str] = ()
) -> None:
    for each in error.errors(include_url=False):
        if each["type"] == "too_short" and each["input"]:
            continue  # pydantic counts valid items only, and has told of the others
        loc = (*at, *(part for part in each["loc"] if part not in _INNER))
        legal = keys or _keys(_model_at(each["loc"][:-1]))
        document.add(loc, explain(each, loc, legal))


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_at(loc: Sequence[str | int]) -> type[BaseModel]:
    """Return the model of the mapping at `loc`, or of the nearest mapping around it."""
    model: type[BaseModel] = Recipe
    for key in loc:
        if key == "[judge]":
            model = JudgeSpec
        elif key in model.model_fields:
            model = _inner(model.model_fields[str(key)].annotation) or model
    return model


def _inner(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_inner, get_args(annotation))), None)
