"""The form for SFT of Chinese-Data-Distill-From-R1.

Source: the README of YunwenTechnology/Chinese-Data-Distill-From-R1.
"""

from potstill.formats.tags import in_tags
from potstill.formats.tools import refuse_tools
from potstill.protocols import NotExpressible
from potstill.records import Outcome, Record, Sample

_SCORES: dict[Outcome | None, int] = {"pass": 10, "fail": 0}


class ChineseRow(Record):
    """One instruction.

    The dataset's token counts are left out: those that were published are known to be wrong.
    """

    instruction: str
    """The problem."""
    input: str
    """Always empty."""
    output: str
    """Thinking and answer."""
    repo_name: str
    """Where the source had the row from, else the name of the recipe's source."""
    score: int | None
    """10 for a response that passed, 0 for one that failed, as mathematics has it in the dataset;
    else the `score` that the row had."""


def chinese_110k(sample: Sample, /) -> ChineseRow:
    """Chinese-110k's row for SFT: `<think>…</think>` and the answer in `output`.

    Raises:
        NotExpressible: `no_think`, where there is no thinking or no answer; `not_one_turn`, where
            the problem is more than one user's turn; `tools` and `tool_calls`, for which there is
            no place; `ambiguous_tags`, where thinking or answer holds such tags itself.

    Example:
        export:
          - {use: chinese-110k, when: "has_think and language = 'zh'"}
    """
    refuse_tools(sample, "Chinese-110k")
    problem, response = sample.problem, sample.response
    if not response.think or not response.answer:
        raise NotExpressible("no_think", "Chinese-110k needs both thinking and answer")
    if len(problem.messages) > 1:
        raise NotExpressible("not_one_turn", "Chinese-110k holds one question and one answer")
    score = problem.extra.get("score")
    return ChineseRow(
        instruction=problem.text,
        input="",
        output=in_tags(response, gap="\n"),
        repo_name=" → ".join(problem.origins) or problem.source,
        score=_SCORES.get(sample.outcome, score if isinstance(score, int) else None),
    )
