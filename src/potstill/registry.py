"""Plug-ins by name: potstill's own, those of installed packages, and files of the user's.

A name resolves, in this order, to an entry of `PLUGINS`, to an entry point in the group
`potstill.KIND` of an installed package, or, only where code is allowed, to `path/to/file.py:name`.
"""

import difflib
import importlib
import importlib.util
import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, JsonValue, create_model

from potstill.errors import InputError
from potstill.text.docstrings import parse

Plugin = Callable[..., Any]

PLUGINS: dict[str, dict[str, str]] = {
    "sources": {
        "jsonl": "potstill.sources.jsonl:jsonl",
        "json": "potstill.sources.json:json",
        "parquet": "potstill.sources.parquet:parquet",
        "csv": "potstill.sources.csv:csv",
    },
    "schemas": {
        "messages": "potstill.schemas.messages:messages",
        "sharegpt": "potstill.schemas.sharegpt:sharegpt",
        "alpaca": "potstill.schemas.alpaca:alpaca",
        "qa": "potstill.schemas.qa:qa",
        "am-1.4m": "potstill.schemas.am:am_1_4m",
        "am-0528": "potstill.schemas.am:am_0528",
        "nemotron-v1": "potstill.schemas.nemotron:nemotron_v1",
        "chinese-110k": "potstill.schemas.chinese:chinese_110k",
        "huatuo-o1": "potstill.schemas.huatuo:huatuo_o1",
        "gsm8k": "potstill.schemas.mathematics:gsm8k",
        "math": "potstill.schemas.mathematics:math",
        "mcq": "potstill.schemas.mcq:mcq",
        "humaneval": "potstill.schemas.code:humaneval",
        "mbpp": "potstill.schemas.code:mbpp",
        "apps": "potstill.schemas.code:apps",
        "code-contests": "potstill.schemas.code:code_contests",
        "codeforces": "potstill.schemas.code:codeforces",
        "deepcoder": "potstill.schemas.code:deepcoder",
    },
    "dedup": {
        "exact": "potstill.dedup.exact:exact",
        "minhash": "potstill.dedup.minhash:minhash",
        "semantic": "potstill.dedup.semantic:semantic",
    },
    "decontaminate": {
        "ngram": "potstill.decontaminate.ngram:ngram",
        "similar": "potstill.decontaminate.similar:similar",
    },
    "labels": {
        "category": "potstill.labels.category:category",
        "language": "potstill.labels.language:language",
    },
    "verifiers": {
        "math": "potstill.verifiers.math:math",
        "choice": "potstill.verifiers.choice:choice",
    },
    "filters": {
        "format": "potstill.filters.format:format",
        "length": "potstill.filters.length:length",
        "repetition": "potstill.filters.repetition:repetition",
    },
    "formats": {
        "messages": "potstill.formats.messages:messages",
        "am-1.4m": "potstill.formats.am:am_1_4m",
        "sharegpt": "potstill.formats.sharegpt:sharegpt",
        "alpaca": "potstill.formats.alpaca:alpaca",
        "chinese-110k": "potstill.formats.chinese:chinese_110k",
    },
}


_loading: set[Path] = set()
"""Files that are being imported just now."""


def nearest(name: str, legal: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the legal name nearest to `name`, or an empty string."""
    found = difflib.get_close_matches(name, list(legal), n=1, cutoff=0.5)
    return f" (did you mean {found[0]!r}?)" if found else ""


def names(kind: str) -> list[str]:
    """Return the names of one kind of plug-in, those of installed packages included.

    Raises:
        InputError: `kind` is no kind of plug-in.
    """
    if kind not in PLUGINS:
        legal = ", ".join(PLUGINS)
        raise InputError(f"no kind of plug-in is called {kind!r}{nearest(kind, PLUGINS)}: {legal}")
    return [*PLUGINS[kind], *(e.name for e in entry_points(group=f"potstill.{kind}"))]


def load(kind: str, name: str, *, allow_code: bool = False, base: Path | None = None) -> Plugin:
    """Return the plug-in called `name`.

    Args:
        kind: A key of `PLUGINS`.
        name: A name of `names(kind)`, or `path/to/file.py:function`.
        allow_code: Whether a file may be run: recipes come from strangers.
        base: The folder that a file's relative path starts from; the current one by default.

    Raises:
        InputError: Nothing has that name, or it names a file and code is not allowed.
    """
    if name in PLUGINS.get(kind, {}):
        module, _, attribute = PLUGINS[kind][name].partition(":")
        return getattr(importlib.import_module(module), attribute)
    legal = names(kind)
    for entry in entry_points(group=f"potstill.{kind}", name=name):
        return entry.load()
    if ".py:" in name:
        return _load_file(name, allow_code=allow_code, base=base or Path())
    raise InputError(f"{kind} has no {name!r}{nearest(name, legal)}: {', '.join(legal)}")


def _load_file(name: str, *, allow_code: bool, base: Path) -> Plugin:
    file, _, attribute = name.rpartition(":")
    if not allow_code:
        raise InputError(
            f"{name!r} would run code from a file: allow it with --allow-code, or in Python with "
            "allow_code=True"
        )
    path = (base / file).resolve()
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise InputError(f"{name!r}: there is no file {path}")
    if path in _loading:
        raise InputError(
            f"{name!r}: {path.name} calls potstill while it is imported: keep the function in a "
            "file of its own, or that call under `if __name__ == '__main__':`"
        )
    module = importlib.util.module_from_spec(spec)
    _loading.add(path)
    try:
        spec.loader.exec_module(module)
    finally:
        _loading.discard(path)
    if not callable(function := getattr(module, attribute, None)):
        raise InputError(f"{name!r}: {path.name} has no function {attribute!r}")
    return function


@cache
def options(plugin: Plugin) -> type[BaseModel]:
    """Return the model of a plug-in's options: its keyword-only parameters, with their docs.

    Raises:
        InputError: A parameter has no annotation to check values by.
    """
    hints = get_type_hints(plugin, include_extras=True)
    docs = parse(inspect.getdoc(plugin)).arguments
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(plugin).parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            if parameter.name not in hints:
                name = parameter.name
                raise InputError(
                    f"the option {name!r} of {plugin.__name__} needs a type: {name}: str"
                )
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            doc = Field(description=docs.get(parameter.name))
            fields[parameter.name] = (Annotated[hints[parameter.name], doc], default)
    config = ConfigDict(extra="forbid", frozen=True)
    return create_model(f"{plugin.__name__}_options", __config__=config, **fields)


def bind(plugin: Plugin, given: Mapping[str, JsonValue]) -> Plugin:
    """Return `plugin` with the options that are given.

    Raises:
        pydantic.ValidationError: An option is unknown, missing or has a wrong value.
    """
    return partial(plugin, **dict(options(plugin).model_validate(given)))
