"""What a person should know before anything is paid: money that would buy nothing."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from potstill.errors import InputError
from potstill.models.teacher import read_key
from potstill.models.thinking import suggest
from potstill.pipeline.job import Job
from potstill.protocols import needs_reference
from potstill.recipe import (
    Condition,
    DistilSpec,
    Judgement,
    JudgeSpec,
    Recipe,
    TeacherSpec,
)
from potstill.recipe.columns import PROBLEM_COLUMNS, problem_columns
from potstill.records import Problem


class References(NamedTuple):
    """How many problems a verifier can decide on."""

    verifier: str
    """Its name."""
    problems: int
    """Problems that its condition may select."""
    known: int
    """Those of them that have a reference."""

    def __str__(self) -> str:
        """Return a sentence about the others."""
        others = "all of them" if not self.known else f"the other {self.problems - self.known:,}"
        have = "has" if self.known == 1 else "have"
        return (
            f"{self.known:,} of {self.problems:,} problems {have} a reference: "
            f"{self.verifier} will be undecided for {others}"
        )


def missing_references(
    verifiers: Sequence[Judgement], job: Job, problems: Iterable[Problem]
) -> list[str]:
    """Return a sentence for each verifier that some problems give nothing to compare with.

    Args:
        verifiers: The recipe's.
        job: How to load them.
        problems: The problems that the teachers get.
    """
    needing = [
        spec
        for spec in verifiers
        if isinstance(spec, JudgeSpec) or is_needy(job.plugin("verifiers", spec))
    ]
    if not needing:
        return []
    found = references(needing, problems)
    return [str(each) for each in found if each.known < each.problems]


def is_needy(verifier: object) -> bool:
    """Return whether a verifier was marked by `needs_reference`."""
    return getattr(verifier, needs_reference.__name__, False) is True


def references(verifiers: Sequence[Judgement], problems: Iterable[Problem]) -> list[References]:
    """Count, for each verifier, the problems that it may get and those with a reference."""
    bounds = [spec.where and spec.where.known_part(PROBLEM_COLUMNS) for spec in verifiers]
    covered, known = [0] * len(bounds), [0] * len(bounds)
    for problem in problems:
        has_reference = bool((problem.reference_answer or "").strip())
        for i, bound in enumerate(bounds):
            if _may_select(bound, problem):
                covered[i] += 1
                known[i] += has_reference
    names = [spec.name if isinstance(spec, JudgeSpec) else spec.use for spec in verifiers]
    return [References(*each) for each in zip(names, covered, known, strict=True)]


def _may_select(bound: Condition | None, problem: Problem) -> bool:
    return bound is None or bound.evaluate(problem_columns(problem)) is True


def without_teacher(spec: DistilSpec, problems: Iterable[Problem]) -> Iterator[str]:
    """Yield a sentence for each teacher that gets no problem, and one for problems that none gets.

    Args:
        spec: What is asked, and whom.
        problems: The problems that are there for the teachers.
    """
    teachers = spec.teachers
    if all(teacher.where is None for teacher in teachers):
        return
    total = lost = 0
    gets = [0] * len(teachers)
    for problem in problems:
        takes = [t.where is None or t.where.matches(problem) for t in teachers]
        gets = [count + taken for count, taken in zip(gets, takes, strict=True)]
        total += 1
        lost += not any(takes)
    if lost:
        are, they = ("is", "it") if lost == 1 else ("are", "they")
        yield (
            f"{lost:,} of {total:,} problems {are} for no teacher: {they} will be dropped as "
            "no_teacher"
        )
    for teacher, count in zip(teachers, gets, strict=True):
        if total and not count:
            yield (
                f"{teacher.model} will not be asked: its `where` selects none of the {total:,} "
                "problems"
            )


def check_keys(recipe: Recipe) -> None:
    """Look whether the environment holds the keys of teachers and judges, before the first stage.

    Raises:
        InputError: It lacks one.
    """
    for spec in (*recipe.judges, *((recipe.distil,) if recipe.distil else ())):
        for teacher in spec.teachers:
            for env in _key_envs(teacher):
                read_key(env, teacher.model)


def _key_envs(teacher: TeacherSpec) -> list[str]:
    """Return the names of the variables that hold a teacher's keys, each once."""
    envs = (place.key_env for place in teacher.places())
    return [*dict.fromkeys(env for env in envs if env is not None)]


def of_teachers(spec: DistilSpec) -> Iterator[str]:
    """Yield a sentence for each teacher that can't be asked, or not as the recipe says."""
    for teacher in spec.teachers:
        for env in _key_envs(teacher):
            try:
                read_key(env, teacher.model)
            except InputError as error:
                yield str(error)
        if spec.reasoning == "off" and teacher.thinking_switch == "none":
            yield (
                f"{teacher.model} is not told that reasoning is off, as it has no "
                f"`thinking_switch`: one that thinks by itself will think{_fitting(teacher)}"
            )


def _fitting(teacher: TeacherSpec) -> str:
    switch = suggest(teacher.model)
    return f" ({switch} fits models of this name)" if switch else ""
