"""Take up the responses that came along with the problems: nothing is asked."""

from collections.abc import Iterator

from potstill.records import Problem, Response, Sample, content_hash
from potstill.stages.io import StageIO


def responses(io: StageIO[Problem, Sample]) -> None:
    """Pass on each given response as a sample; a problem without one is dropped.

    Args:
        io: Problems in, samples out.
    """
    for problem in io.rows():
        if problem.responses:
            io.fan_out(given(problem))
        else:
            io.drop(problem, "responses", "no_response")


def given(problem: Problem) -> Iterator[Sample]:
    """Yield a sample for each response that came with the problem."""
    bare = problem.model_copy(update={"responses": ()})
    for number, response in enumerate(problem.responses):
        found = Response(
            id=content_hash({"row": problem.row_id, "response": number}),
            problem_id=problem.id,
            call="",
            teacher=response.teacher,
            reasoning=response.reasoning or ("off" if response.think is None else "on"),
            sample=number,
            round=0,
            ending=response.ending,
            think=response.think,
            answer=response.answer,
            tool_calls=response.tool_calls,
        )
        yield Sample(problem=bare, response=found, outcome=response.outcome)
