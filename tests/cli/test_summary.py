"""The lines below the books."""

import pytest

from potstill.books import Account
from potstill.cli.summary import show_status
from potstill.report.status import Asked, AtWork, StageStatus, Status


def shown(capsys: pytest.CaptureFixture[str], **fields: object) -> dict[str, str]:
    """Return the summary's lines by their first word."""
    known = {"name": "r", "directory": "r", "state": "complete", "stages": (), "asked": Asked()}
    show_status(Status.model_validate(known | fields))
    lines = (line.partition(" ") for line in capsys.readouterr().out.splitlines())
    return {name: text.strip() for name, _, text in lines}


def test_the_commonest_reasons_stand_beside_their_outcome(
    capsys: pytest.CaptureFixture[str],
) -> None:
    account = Account(
        name="rows",
        entered=120,
        kept=120,
        tally={"fail": 10, "pass": 50, "undecided": 60},
        reasons={
            "fail": {"different": 10},
            "undecided": {"a": 5, "b": 30, "c\x1b": 20, "d": 4, "e": 1},
        },
    )
    stage = StageStatus(stage="verify", folder="06-verify", complete=True, accounts=(account,))
    found = shown(capsys, stages=(stage,))
    assert found["verdicts"] == "pass 50, fail 10, undecided 60"
    assert found["fail"] == "different 10"
    assert found["undecided"] == "b 30, c\\x1b 20, a 5, others 5"


@pytest.mark.parametrize(
    ("asked", "state", "line"),
    [
        ((169, 13404, 97.1, 169), "complete", "169 requests in 97 s, 138 tokens/s"),
        ((169, 13404, 97.1, 0), "complete", "169 requests in 97 s, 138 tokens/s; none this time"),
        ((169, 13404, 97.1, 0), "running", "169 requests in 97 s, 138 tokens/s"),
        ((3, 30, 1.5, 3), "complete", "3 requests in 1.5 s, 20 tokens/s"),
        ((1, 5, 0.0, 1), "complete", "1 requests in 0.1 s, 50 tokens/s"),
    ],
)
def test_what_was_asked(
    capsys: pytest.CaptureFixture[str], asked: tuple[float, ...], state: str, line: str
) -> None:
    requests, tokens, seconds, last = asked
    found = Asked(
        requests=int(requests), completion_tokens=int(tokens), seconds=seconds, last_requests=last
    )
    assert shown(capsys, asked=found, state=state)["asked"] == line


def test_a_run_at_work_says_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = "distil: 49/120 calls, 2.0/s"
    work = AtWork(stage="distil", unit="calls", done=49, total=120, text=text)
    assert text in shown(capsys, state="running", at_work=work)["at"]
