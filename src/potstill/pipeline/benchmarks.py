"""The named benchmarks in a run: which are looked up, in what state they are, and which are not."""

from collections.abc import Iterable, Iterator, Sequence

from pydantic import JsonValue

from potstill.decontaminate.at_hand import AtHand, at_hand, find, items_path, missing
from potstill.decontaminate.benchmarks import NAMES
from potstill.errors import InputError
from potstill.recipe.decontaminate import ALL, DecontaminateSpec
from potstill.recipe.specs import SourceSpec
from potstill.stages.tables import Decided
from potstill.storage.files import sha256

MOST_NAMES = 6
"""Benchmarks that a sentence names; the others are counted."""


def resolve(against: Sequence[str | SourceSpec]) -> tuple[SourceSpec, ...]:
    """Return the files that a rule's benchmarks lie in, as sources of their names.

    Raises:
        InputError: One is not at hand, or its file is not the one that was fetched or added.
    """
    given = {each.name: each for each in against if isinstance(each, SourceSpec)}
    return (*map(_source, _named(against, given)), *given.values())


def identity(section: Sequence[DecontaminateSpec]) -> dict[str, JsonValue]:
    """Return what the named benchmarks of all rules are: the stage's output depends on it.

    Raises:
        InputError: One is not at hand.
    """
    named = {each.name: each for spec in section for each in _named(spec.against)}
    return {name: each.model_dump(mode="json") for name, each in named.items()}


def cautions(section: Sequence[DecontaminateSpec], rows: Iterable[object] = ()) -> Iterator[str]:
    """Yield a sentence where rules look problems up in every benchmark, and some are not at hand.

    Args:
        section: The rules.
        rows: The stage's rows, which it does not depend on.
    """
    lacking = missing()
    if not lacking or not any(ALL in spec.against for spec in section):
        return
    if not any(resolve(spec.against) for spec in section):
        yield (
            "nothing is decontaminated: no benchmark is at hand. `potstill benchmarks fetch --all` "
            "gets the known ones, `potstill benchmarks add` takes yours, and `decontaminate: off` "
            "in the recipe says that none is wanted"
        )
        return
    others = len(lacking) - MOST_NAMES
    names = ", ".join(lacking[:MOST_NAMES]) + (f" and {others} others" if others > 0 else "")
    are = "is" if len(lacking) == 1 else "are"
    yield (
        f"problems are not checked against {names}, which {are} not at hand: "
        f"`potstill benchmarks fetch {lacking[0] if len(lacking) == 1 else '--all'}` gets "
        f"{'it' if len(lacking) == 1 else 'them'}"
    )


def counted(decided: Iterable[Decided], totals: dict[str, int]) -> Iterator[Decided]:
    """Pass decisions on, and count in `totals` what was found of each benchmark, by verdict."""
    for each in decided:
        for decision in each.decisions.values():
            told = decision.tag.model_dump() if decision.tag else decision.evidence
            key = f"{told['verdict']}:{told['benchmark']}"
            totals[key] = totals.get(key, 0) + 1
        yield each


def _named(against: Sequence[str | SourceSpec], given: Iterable[str] = ()) -> list[AtHand]:
    """Return the benchmarks that are named, each once; a file of the same name goes before one."""
    names = {each for each in against if isinstance(each, str)}
    everything = at_hand() if ALL in names else {}
    chosen = {name: each for name, each in everything.items() if name not in given}
    return [*chosen.values(), *(find(name) for name in sorted(names - {ALL} - chosen.keys()))]


def _source(benchmark: AtHand) -> SourceSpec:
    path = items_path(benchmark.name)
    if not path.is_file() or sha256(path) != benchmark.sha256:
        name = benchmark.name
        again = f"fetch {name}" if name in NAMES else f"add {name} FILE"
        raise InputError(
            f"{path} is not as it was written: `potstill benchmarks {again}` writes it anew"
        )
    return SourceSpec.model_validate({"use": "jsonl", "path": str(path), "name": benchmark.name})
