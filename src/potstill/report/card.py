"""The card of an exported dataset: what it is, what made it, and what was done to its rows.

It stands in the dataset's folder as `README.md`, where the Hugging Face hub shows it. It holds no
times and no paths of this machine, so that equal runs write equal cards.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from potstill import registry
from potstill.books import Ledger
from potstill.recipe import Recipe
from potstill.recipe.load import KINDS, read_dumped
from potstill.recipe.yaml import to_yaml
from potstill.report.benchmarks import decontamination
from potstill.report.markdown import code, escaped, table
from potstill.report.references import unusable
from potstill.report.tables import Table, tables
from potstill.stages.export import Tally
from potstill.version import VERSION

_LICENSE = re.compile(
    r"(cc0|cc-by(-nc)?(-sa|-nd)?)-\d\.\d|cc|mit|bsd(-[23]-clause)?|odbl|odc-by|openrail|unlicense|"
    r"pddl|gfdl|(apache|mpl|[al]?gpl|etalab|cdla-(sharing|permissive))-\d\.\d"
)
"""The hub's names of licences (huggingface.co/docs/hub/repositories-licenses); others are `other`.
"""

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**6, "100K<n<1M"))
_LARGER = ((10**7, "1M<n<10M"), (10**8, "10M<n<100M"), (10**9, "100M<n<1B"))
_MOST_ROWS = 100
"""Rows of a table; the others are added up."""


def card(directory: Path, name: str, tally: Tally, account: Ledger) -> str:
    """Return the card of a dataset.

    Args:
        directory: The run directory, in which every stage before the export is complete.
        name: The dataset's name.
        tally: What its rows are.
        account: What entered, and why some was left out.
    """
    recipe = read_dumped(directory / "recipe.yaml")
    done = {each.stage: each for each in tables(directory)}
    lines = [
        "---",
        to_yaml(_front(tally)).rstrip("\n"),
        "---",
        "",
        f"# {escaped(name)}",
        "",
        f"Made by potstill {VERSION} from the recipe {code(recipe.name)}: {tally.rows:,} of "
        f"{account.entered:,} samples.",
        "",
        *_sources(recipe, tally),
        *_dropped(done, account),
        *_section("Deduplication", _rules(recipe, "dedup"), "The problems were not deduplicated."),
        *decontamination(done.get("decontaminate"), _against(recipe)),
        *_teachers(recipe, tally),
        *_verification(recipe, done, tally),
        *_section("Filters", _rules(recipe, "filter"), "No filter was used."),
        *_reading(),
    ]
    return "\n".join(lines) + "\n"


def _front(tally: Tally) -> dict[str, JsonValue]:
    """Return the metadata that the hub reads (huggingface.co/docs/hub/datasets-cards)."""
    groups = [group for group in tally.groups if group is not None]
    licenses = sorted({_license(group.license) for group in groups}) or ["unknown"]
    languages = sorted(code for code in tally.languages if code and code != "mixed")
    size = next((text for most, text in (*_SIZES, *_LARGER) if tally.rows < most), "n>1B")
    front: dict[str, JsonValue] = {
        "license": licenses[0] if len(licenses) == 1 else [*licenses],
        "task_categories": ["text-generation"],
        "size_categories": [size],
        "tags": ["potstill", "synthetic", "reasoning"],
        "configs": [{"config_name": "default", "data_files": "parquet/train-*.parquet"}],
    }
    if languages:
        front["language"] = [*languages]
    return front


def _license(text: str | None) -> str:
    if text is None:
        return "unknown"
    name = "-".join(text.lower().split())
    return name if _LICENSE.fullmatch(name) else "other"


def _sources(recipe: Recipe, tally: Tally) -> Iterator[str]:
    yield from ("## Rows by source", "")
    paths = {source.name: str(source.path) for source in recipe.sources}
    ranked = sorted(
        tally.groups.items(), key=lambda each: (each[0] is None, [x or "" for x in each[0] or ()])
    )
    rows: list[tuple[object, ...]] = []
    for group, count in ranked[:_MOST_ROWS]:
        if group is None:
            rows.append(("others", "", "", "", count))
            continue
        path = paths.get(group.source, "")
        shown = path if "://" in path else Path(path).name
        known = escaped(group.license) if group.license else "unknown"
        rows.append((code(group.source), code(shown), known, escaped(group.origin or ""), count))
    if rest := sum(count for _, count in ranked[_MOST_ROWS:]):
        rows.append(("others", "", "", "", rest))
    yield from table(("source", "read from", "licence", "which has them from", "rows"), rows)


def _dropped(done: dict[str, Table], account: Ledger) -> Iterator[str]:
    yield from ("## What was dropped on the way", "")
    rows: list[tuple[object, ...]] = []
    for stage, each in done.items():
        books = each.manifest.accounts[0]
        if stage != "export":
            rows.append((stage, books.entered, books.kept, _counts(books.dropped)))
    rows.append(("export", account.entered, account.kept, _counts(account.dropped)))
    yield from table(("stage", "rows in", "kept", "dropped, by reason"), rows)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{escaped(name)} {count:,}" for name, count in sorted(counts.items()))


def _section(title: str, rules: list[str], without: str) -> list[str]:
    return [f"## {title}", "", *(rules or [without]), ""]


def _rules(recipe: Recipe, section: str) -> list[str]:
    """Return each rule of a section with all its options, also those that have their defaults."""
    return [f"- {rule_text(KINDS[section], spec)}" for spec in getattr(recipe, section)]


def _against(recipe: Recipe) -> list[str]:
    rules = zip(_rules(recipe, "decontaminate"), recipe.decontaminate, strict=True)
    return [f"{text}; drops what is {spec.drop}" for text, spec in rules]


def rule_text(kind: str, spec: Any) -> str:
    """Return a rule with its options and its condition."""
    values: dict[str, Any] = spec.options
    if spec.use in registry.PLUGINS[kind]:
        model = registry.options(registry.load(kind, spec.use))
        values = model.model_validate(values).model_dump(mode="json")
    texts = [f"{name} {_option(value)}" for name, value in values.items() if value is not None]
    where = f" where {code(spec.where)}" if spec.where is not None else ""
    # A plug-in's file is named without its folder, which is of this machine.
    use = Path(spec.use).name if ".py:" in spec.use else spec.use
    return code(use) + (f" ({escaped(', '.join(texts))})" if texts else "") + where


def _option(value: JsonValue) -> str:
    """Return an option's value without folders and addresses, which are of this machine."""
    if isinstance(value, dict):
        told = {key: each for key, each in value.items() if key not in ("base_url", "key_env")}
        return " ".join(f"{key} {_option(each)}" for key, each in told.items() if each is not None)
    if isinstance(value, list):
        return " then ".join(map(_option, value)) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return Path(text).name if text.startswith(("/", "~", ".")) else text


def _teachers(recipe: Recipe, tally: Tally) -> Iterator[str]:
    yield from ("## Teachers", "")
    spec = recipe.distil
    if spec is None:
        yield "The responses came with the sources' rows."
    else:
        samples = "one sample" if spec.samples == 1 else f"{spec.samples} samples"
        yield f"Each was asked for {samples}; reasoning: {spec.reasoning}."
        for teacher in spec.teachers:
            sampling = teacher.sampling.model_dump(mode="json", exclude_none=True)
            options = ", ".join(f"{name} {value}" for name, value in sampling.items())
            yield f"- {code(teacher.model)}: {escaped(options) or 'sampling as served'}"
        if spec.system:
            yield f"- system prompt: {escaped(spec.system)}"
        yield from (f"- prompt: {escaped(each.template)}" for each in spec.prompt)
    yield ""
    rows = [(code(name) or "unknown", n) for name, n in tally.teachers.most_common(_MOST_ROWS)]
    yield from table(("teacher", "rows"), rows)


def _verification(recipe: Recipe, done: dict[str, Table], tally: Tally) -> Iterator[str]:
    yield from ("## Verification", "")
    if "verify" not in done:
        yield from ("The responses were not verified.", "")
        return
    yield from _rules(recipe, "verify")
    yield ""
    for sentence in unusable(done["verify"].manifest.totals):
        yield from (f"{escaped(sentence)}.", "")
    run = done["verify"].manifest.accounts[0].tally
    rows = [
        (name, run.get(name, 0), tally.outcomes[name]) for name in ("pass", "fail", "undecided")
    ]
    yield from table(("verdict", "samples of the run", "rows here"), rows)


def _reading() -> list[str]:
    return [
        "## How to read it",
        "",
        "```python",
        "import datasets",
        "",
        'rows = datasets.load_dataset("FOLDER", split="train")  # this folder',
        "```",
        "",
        "`jsonl/` and `parquet/` hold the same rows.",
    ]
