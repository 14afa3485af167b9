"""From the journal to samples: the second pass of distil, which asks nobody."""

from collections import Counter

from potstill.errors import RunError
from potstill.models.chat import tool_calls
from potstill.models.policies import POLICIES, Policies, is_final
from potstill.models.replies import parse
from potstill.models.requests import Request
from potstill.models.traces import from_reply
from potstill.recipe import DistilSpec
from potstill.records import ANSWERED, Problem, Response, Sample, content_hash
from potstill.stages.io import StageIO
from potstill.stages.plan import requests
from potstill.storage.journal import Entry, Journal


def is_done(journal: Journal, request: Request, policies: Policies = POLICIES) -> bool:
    """Return whether the journal has an end of the call after which it is not asked again."""
    ending = journal.ending(request.key)
    return ending is not None and is_final(ending, policies)


def collect(io: StageIO[Problem, Sample], spec: DistilSpec, journal: Journal) -> None:
    """Walk the problems in order and take every answer from the journal.

    Args:
        io: Problems in, samples out.
        spec: What was asked, and whom.
        journal: Where the answers are.

    Raises:
        RunError: The journal lacks a call.
    """
    calls = io.account("calls")
    totals = Counter[str](prompt_tokens=0, completion_tokens=0, unanswered=0)
    policies = {teacher.model: teacher.policies for teacher in spec.teachers}
    for problem in io.rows():
        samples: list[Sample] = []
        endings: Counter[str] = Counter()
        for request in requests(problem, spec):
            entry = _journaled(journal, request)
            calls.entered += 1
            policy = policies[request.model]
            if entry.ending in ANSWERED and policy[entry.ending].then != "drop":
                samples.append(Sample(problem=problem, response=respond(problem, request, entry)))
                calls.kept += 1
                calls.tally[entry.ending] += 1
            else:
                calls.dropped[entry.ending] += 1
                endings[entry.ending] += 1
                totals["unanswered"] += not is_final(entry.ending, policy)
        for sample in samples:
            totals["prompt_tokens"] += sample.response.prompt_tokens or 0
            totals["completion_tokens"] += sample.response.completion_tokens or 0
        if samples:
            io.fan_out(samples)
        elif endings:
            io.drop(problem, "distil", "no_response", endings=dict(endings))
        else:
            io.drop(problem, "distil", "no_teacher")
    io.totals = dict(totals)


def _journaled(journal: Journal, request: Request) -> Entry:
    entry = journal.get(request.key)
    if entry is None:
        raise RunError(
            f"the journal {journal.path} lacks call {request.key}, which was asked: was it "
            "exchanged for another? The same command asks again for what it lacks"
        )
    return entry


def respond(problem: Problem, request: Request, entry: Entry) -> Response:
    """Return the response that a journaled call holds.

    The trace is extracted here, not when the answer came, so that a better extraction needs no
    second answer.
    """
    reply = parse(entry.reply) or {}
    trace = from_reply(reply, request.reasoning, opened=request.opened)
    last = entry.attempts[-1]
    return Response(
        id=content_hash({"problem": problem.id, "call": request.key}),
        problem_id=problem.id,
        call=request.key,
        teacher=request.model,
        reasoning=request.reasoning,
        sample=request.sample,
        round=request.round,
        ending=entry.ending,
        think=trace.think,
        answer=trace.answer,
        tool_calls=tool_calls(reply),
        prompt_tokens=last.prompt_tokens,
        completion_tokens=last.completion_tokens,
    )
