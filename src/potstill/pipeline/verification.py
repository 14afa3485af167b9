"""What a recipe says of verifiers and judges, as the work of a stage."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from potstill.engine.plugins import PluginCall
from potstill.engine.workers import Workers
from potstill.machine import cores
from potstill.pipeline.job import Job
from potstill.recipe import Judgement, JudgeSpec, VerifySpec
from potstill.stages import verify as stage
from potstill.stages.grading import Grader
from potstill.stages.io import StageIO
from potstill.stages.references import CheckedCall
from potstill.storage.journal import Journal
from potstill.version import VERSION

SECONDS = 10.0
"""CPU time for one verifier on one sample: Math-Verify's worst cases take 5 to 10 s (measured)."""


def verify(io: StageIO[Any, Any], section: Sequence[Judgement], job: Job) -> None:
    """Tag the samples; in a rehearsal no judge is asked."""
    with ExitStack() as stack:
        rules = [
            _grader(spec, job, stack) if isinstance(spec, JudgeSpec) else _rule(spec, job)
            for spec in section
            if not (isinstance(spec, JudgeSpec) and job.is_rehearsal)
        ]
        workers = stack.enter_context(Workers(job.workers or cores(), preload=["math_verify"]))
        stage.verify(io, rules, workers, timeout_s=SECONDS)


def _rule(spec: VerifySpec, job: Job) -> stage.Rule:
    call = PluginCall("verifiers", spec.use, spec.options, job.allow_code)
    return stage.Rule(spec.use, spec.where, CheckedCall(call), VERSION)


def _grader(spec: JudgeSpec, job: Job, stack: ExitStack) -> Grader:
    journal = stack.enter_context(Journal(job.journal))
    return Grader(spec, job.models(spec.asks, journal))
