"""Tag every sample with verdicts; nothing is dropped here."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from pydantic import JsonValue

from potstill.engine.plugins import Failure
from potstill.engine.workers import Workers
from potstill.recipe.conditions import Condition
from potstill.records import UNUSABLE, Problem, Response, Sample, Verdict
from potstill.stages.io import StageIO

CHUNK = 2_000
"""Samples held at a time: enough to keep the workers busy, few enough to bound the memory."""
NO_VERIFIER = "no_verifier"
"""Why a sample is undecided that no verifier's condition selects."""

Judge = Callable[[StageIO[Sample, Sample], Iterator[Sample]], Iterator[Sample]]
"""Asks models about samples, which it holds on disk meanwhile, and yields them with verdicts."""


class Rule(NamedTuple):
    """One verifier of the recipe."""

    name: str
    where: Condition | None
    verify: Callable[[tuple[Problem, Response]], object]
    """Judges a response in a worker process; it can be pickled."""
    version: str


def verify(
    io: StageIO[Sample, Sample],
    rules: Sequence[Rule | Judge],
    workers: Workers,
    *,
    timeout_s: float,
) -> None:
    """Try the verifiers in order on each sample until one decides.

    A verifier that times out, crashes or runs out of memory leaves an undecided verdict.

    Args:
        io: Samples in and out.
        rules: The verifiers and judges, in the recipe's order.
        workers: Where verifiers run: processes that can be killed.
        timeout_s: CPU seconds that one verifier may take on one sample.
    """
    samples = io.rows()
    some: list[Rule] = []  # which are tried chunk by chunk; a judge wants all samples at once
    for rule in rules:
        if isinstance(rule, Rule):
            some.append(rule)
        else:
            samples = rule(io, _tagged(io, samples, some, workers, timeout_s))
            some = []
    for sample in _tagged(io, samples, some, workers, timeout_s):
        _keep(io, sample)


def _keep(io: StageIO[Sample, Sample], sample: Sample) -> None:
    outcome = sample.outcome or "undecided"
    reason = sample.verdict.reason if sample.verdict else NO_VERIFIER
    kept = sample.model_copy(update={"outcome": outcome})
    io.keep(kept, tally=outcome, reason=None if outcome == "pass" else reason)


def _tagged(
    io: StageIO[Sample, Sample],
    samples: Iterator[Sample],
    rules: Sequence[Rule],
    workers: Workers,
    timeout_s: float,
) -> Iterator[Sample]:
    """Yield the samples with the verdicts of rules, and count the references of no use to each."""
    done = 0
    unusable = ["" for _ in rules]  # the last row that was counted
    while chunk := list(islice(samples, CHUNK)):
        for number, rule in enumerate(rules):
            tagged: list[Sample] = []
            judged = _apply(chunk, rule, workers, timeout_s)
            for before, sample in zip(chunk, judged, strict=True):
                io.pause.check()  # a chunk may take hours
                tagged.append(sample)
                passes = number * len(chunk) + len(tagged)
                io.progress(done=done + passes // len(rules))
                row = sample.problem.row_id
                is_new = sample is not before and unusable[number] != row
                if is_new and sample.verdicts[-1].reason == UNUSABLE:
                    unusable[number] = row
                    io.add((), {f"{UNUSABLE}:{rule.name}": 1})
            chunk = tagged
        yield from chunk
        done += len(chunk)


def _apply(
    samples: Iterable[Sample], rule: Rule, workers: Workers, timeout_s: float
) -> Iterator[Sample]:
    samples = list(samples)
    due = [s.outcome is None and (rule.where is None or rule.where.matches(s)) for s in samples]
    asked = [(s.problem, s.response) for s, is_due in zip(samples, due, strict=True) if is_due]
    verdicts = workers.map(rule.verify, asked, timeout_s=timeout_s)
    for sample, is_due in zip(samples, due, strict=True):
        yield _tag(sample, next(verdicts), rule) if is_due else sample


def _tag(sample: Sample, found: object, rule: Rule) -> Sample:
    if not isinstance(found, Verdict):
        if not isinstance(found, Failure):
            found = Failure("error", f"returned a value of type {type(found).__name__}, no Verdict")
        evidence: dict[str, JsonValue] = {"detail": found.detail}
        found = Verdict(outcome="undecided", reason=found.kind, evidence=evidence)
    verdict = found.model_copy(update={"verifier": rule.name, "version": rule.version})
    decided = None if verdict.outcome == "undecided" else verdict.outcome
    return sample.model_copy(update={"verdicts": (*sample.verdicts, verdict), "outcome": decided})
