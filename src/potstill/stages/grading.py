"""A model's word on samples: whether an answer is right, where verifiers could not tell."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

from pydantic import JsonValue

from potstill.models.judges import Vote, question, read
from potstill.recipe.judge import JudgeSpec
from potstill.records import Outcome, Problem, Response, Sample, Verdict
from potstill.stages.io import StageIO
from potstill.stages.plan import requests
from potstill.stages.votes import Models, Question, majority
from potstill.storage.parts import Part, PartWriter, read_parts
from potstill.version import VERSION

_MEANS: Mapping[Vote, tuple[Outcome, str]] = {
    "correct": ("pass", "judged_correct"),
    "incorrect": ("fail", "judged_incorrect"),
    "invalid": ("fail", "judged_invalid"),
    "unsure": ("undecided", "judge_unsure"),
    "unparseable": ("undecided", "judge_unparseable"),
}


class Grader(NamedTuple):
    """One judge of the recipe; it holds samples on disk while their answers are judged."""

    spec: JudgeSpec
    """What it judges, and how."""
    models: Models
    """Whom it asks."""

    def __call__(self, io: StageIO[Sample, Sample], samples: Iterator[Sample]) -> Iterator[Sample]:
        """Yield the samples, those that are the judge's with its verdict.

        Raises:
            EndpointError: An endpoint refuses every call.
            Paused: Somebody asked the run to stop, or the budget is spent.
        """
        name = self.spec.name
        folder = io.folder / "scratch" / f"{name}-samples"
        folder.mkdir(parents=True)
        with ExitStack() as stack:
            held, verdicts = PartWriter(folder, Sample), PartWriter(folder, Verdict, prefix="said")
            stack.callback(held.abandon)
            stack.callback(verdicts.abandon)
            for sample in samples:
                held.write(sample)
            parts = held.close()
            questions = partial(self._questions, folder, parts)
            if next(questions(), None) is not None:
                write = partial(self._write, verdicts)
                self.models.ask(io, name, questions, write)
            said = verdicts.close()
        given = read_parts(folder, said, Verdict)
        for sample in read_parts(folder, parts, Sample):
            if self.is_due(sample):
                sample = _tag(sample, self._unasked(sample) or next(given))
            yield sample

    def is_due(self, sample: Sample) -> bool:
        """Return whether a sample is the judge's."""
        where, outcome = self.spec.where, sample.outcome
        again = self.spec.judges == "not_passed" and outcome == "fail"
        return (outcome is None or again) and (where is None or where.matches(sample))

    def _unasked(self, sample: Sample) -> Verdict | None:
        """Return the verdict where there is nothing to ask."""
        if not (sample.problem.reference_answer or "").strip():
            return self._verdict("undecided", "no_reference")
        if not sample.response.answer.strip():
            return self._verdict("undecided", "no_answer")
        return None

    def _questions(self, folder: Path, parts: Sequence[Part]) -> Iterator[Question]:
        for sample in read_parts(folder, parts, Sample):
            if self.is_due(sample) and self._unasked(sample) is None:
                text = question(
                    self.spec.style,
                    sample.problem.text,
                    sample.problem.reference_answer or "",
                    sample.response.answer,
                    longest=self.spec.longest,
                    prompt=self.spec.prompt or "",
                )
                yield Question(text, sample.problem)

    def _write(
        self, verdicts: PartWriter[Verdict], asked: Problem, answers: list[Response]
    ) -> None:
        calls = sum(1 for _ in requests(asked, self.models.spec))
        verdicts.write(self._judged(calls, answers))

    def _judged(self, calls: int, answers: Sequence[Response]) -> Verdict:
        """Return the verdict of the replies that came to so many calls."""
        counts = Counter[Vote]()
        for each in answers:
            counts[read(self.spec.style, each.answer)] += 1
        votes: dict[str, JsonValue] = {vote: count for vote, count in sorted(counts.items())}
        if silent := calls - len(answers):
            votes["silent"] = silent
        evidence: dict[str, JsonValue] = {
            "votes": votes,
            "agreement": round(max(counts.values(), default=0) / max(calls, 1), 3),
            "models": [*dict.fromkeys(each.teacher for each in answers)],
            "calls": [each.call for each in answers],
            "prompt_tokens": sum(each.prompt_tokens or 0 for each in answers),
            "completion_tokens": sum(each.completion_tokens or 0 for each in answers),
        }
        if not answers:
            return self._verdict("undecided", "judge_silent", evidence)
        vote = majority(counts, calls)
        outcome, reason = _MEANS[vote] if vote else ("undecided", "judge_split")
        return self._verdict(outcome, reason, evidence)

    def _verdict(
        self, outcome: Outcome, reason: str, evidence: dict[str, JsonValue] | None = None
    ) -> Verdict:
        return Verdict(
            outcome=outcome,
            reason=reason,
            evidence=evidence or {},
            verifier=self.spec.name,
            version=VERSION,
        )


def _tag(sample: Sample, verdict: Verdict) -> Sample:
    decided = sample.outcome if verdict.outcome == "undecided" else verdict.outcome
    update = {"verdicts": (*sample.verdicts, verdict), "outcome": decided}
    return sample.model_copy(update=update)
