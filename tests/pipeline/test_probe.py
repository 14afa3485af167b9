"""`plan --probe` pays for a few calls once, and says what all of them cost."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import potstill
from potstill.models.budget import BudgetSpec
from potstill.models.money import Usage
from potstill.pipeline.caps import Spent, exceeded
from potstill.pipeline.estimate import Asked, forecast
from potstill.pipeline.intervals import Range
from potstill.recipe import DistilSpec

Edit = Callable[[str, str], None]
Potstill = Callable[..., tuple[int, str, str]]
PLANNED = 40 * 2
NO_TIME = Range(expected=0, low=0, high=0)
PRICES = "prices: {input: 1.0, output: 4.0}, "


@pytest.fixture
def plan_command(type_command: Potstill) -> Potstill:
    """Type `potstill plan recipe.yaml ...`."""
    return partial(type_command, "plan")


def test_a_probe_asks_as_many_as_it_says_and_they_count(project: Path, edit: Edit, teacher) -> None:
    edit("max_in_flight: 4,", f"max_in_flight: 4, {PRICES}")
    before = teacher.stats()["requests"]
    found = potstill.probe("recipe.yaml", 20)
    assert teacher.stats()["requests"] == before + 20
    (of_teacher,) = found.forecast.teachers
    assert (of_teacher.calls, of_teacher.asked, of_teacher.endings) == (PLANNED, 20, {"ok": 20})
    (planned,) = found.plan.teachers
    assert (planned.journaled, planned.to_ask) == (20, PLANNED - 20)

    done = potstill.run("recipe.yaml")
    assert teacher.stats()["requests"] == before + PLANNED
    cost = potstill.costs(done.directory).total
    assert cost.usd is not None
    assert found.forecast.usd is not None
    assert cost.usd == pytest.approx(found.forecast.usd.expected)  # each answer is as long
    assert found.forecast.prompt_tokens.low <= cost.prompt_tokens
    assert found.forecast.spent_usd == pytest.approx(
        (cost.prompt_tokens + 4 * cost.completion_tokens) / 4e6, rel=0.2
    )


def test_only_the_journal_stays(project: Path) -> None:
    potstill.probe("recipe.yaml", 2)
    files = [p for p in (project / "runs").rglob("*") if p.is_file()]
    made = {p.name for p in files if p.parent.name != "calls.sqlite3-claims"}
    assert made == {"calls.sqlite3", ".lock"}
    assert not [*project.glob("runs/.*")]


def test_a_probe_asks_what_is_left(project: Path, teacher) -> None:
    potstill.run("recipe.yaml")
    before = teacher.stats()["requests"]
    found = potstill.probe("recipe.yaml", 20)
    assert teacher.stats()["requests"] == before
    (of_teacher,) = found.forecast.teachers
    assert (of_teacher.calls, of_teacher.asked) == (0, 0)
    assert found.forecast.completion_tokens.high == 0


def test_without_prices_it_forecasts_tokens_and_hours(plan_command: Potstill) -> None:
    code, out, _ = plan_command("--probe", "4")
    assert code == 0
    assert "no prices" in out
    assert "prices    the recipe has none for scripted: add `prices: {input: …, output: …}`" in out
    assert "probe     4 calls in" in out
    assert "4 calls at a time, as fast as these" in out
    assert out.endswith("next      potstill run recipe.yaml\n")


def test_a_forecast_above_the_budget_is_told(
    plan_command: Potstill, edit: Edit, project: Path
) -> None:
    edit("max_in_flight: 4,", f"max_in_flight: 4, {PRICES}")
    edit("temperature: 0.6", "temperature: 0.6, max_tokens: 200")
    usd = potstill.probe("recipe.yaml", 4).forecast.usd
    assert usd is not None
    caps = {"usd": round(usd.expected * 0.8, 6), "tokens": "1B", "hours": 8}
    given = ("--set", f"budget={json.dumps(caps)}")
    _, out, _ = plan_command(*given)
    assert "tokens, 8.00 hours\n" in out.partition("budget    at most USD 0.0")[2]
    assert "pause" not in out
    code, out, err = plan_command(*given, "--probe", "4")
    assert code == 0, err
    (told,) = (line for line in out.splitlines() if "pause" in line)
    assert told.startswith(f"caution   budget.usd is {caps['usd']}, and the forecast is USD 0.0")
    assert told.endswith(" with what was spent before: the run will pause")


def test_a_budget_counts_what_was_spent_before() -> None:
    tokens = Range(expected=80, low=70, high=95)
    before = Spent(usd=0.0, tokens=10, hours=0.0)
    for cap, says in (
        (106, []),
        (105, []),
        (100, ["may reach 105 tokens"]),
        (89, ["is 90 tokens"]),
    ):
        found = exceeded(BudgetSpec(tokens=cap), before, None, tokens, NO_TIME)
        assert len(found) == len(says)
        assert all(each in text for each, text in zip(says, found, strict=True))


def test_a_probe_leaves_no_line_about_rows_that_it_does_not_collect(
    plan_command: Potstill,
) -> None:
    _, _, err = plan_command("--probe", "4")
    assert "distil: 4 requests in" in err
    assert "0 in, 0 kept" not in err


def test_json_has_the_plan_and_the_forecast(plan_command: Potstill) -> None:
    code, out, _ = plan_command("--probe", "4", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["plan"]["teachers"][0]["journaled"] == 4
    assert found["forecast"]["usd"] is None
    assert found["forecast"]["without_prices"] == ["scripted"]
    assert plan_command("--probe", "4", "--json", "--yes")[0] == 2


def test_a_person_is_asked_whether_to_run_it(plan_command: Potstill, project: Path) -> None:
    code, out, err = plan_command("--probe", "4", typed="n\n")
    assert code == 0
    assert f"run it now, with the remaining {PLANNED - 4} calls? [y/N]" in err
    assert not (project / "runs" / "words" / "recipe.yaml").exists()
    code, out, _ = plan_command("--probe", "4", typed="y\n")
    assert code == 0
    assert "words: complete" in out


def test_yes_runs_it_at_once(plan_command: Potstill) -> None:
    code, out, _ = plan_command("--probe", "4", "--yes")
    assert code == 0
    assert "words: complete" in out


SPEC = {
    "teachers": [
        {
            "model": "fast",
            "base_url": "http://127.0.0.1:1/v1",
            "max_in_flight": 10,
            "prices": {"input": 1, "output": 10},
        },
        {
            "model": "slow",
            "endpoints": [
                {"base_url": "http://127.0.0.1:1/v1", "rpm": 6},
                {"base_url": "http://127.0.0.1:2/v1", "rpm": 4},
            ],
            "prices": {"input": 0, "output": 1},
        },
    ]
}


def test_the_forecast_in_closed_form() -> None:
    asked = [Asked("fast", "ok", Usage(100, 1000), 36.0, 1) for _ in range(5)]
    asked += [Asked("slow", "ok", Usage(10, 500), 60.0, 1) for _ in range(5)]
    found = forecast(DistilSpec.model_validate(SPEC), {"fast": 105, "slow": 605}, asked)
    fast, slow = found.teachers
    assert fast.completion_tokens.expected == 105_000
    assert fast.usd is not None
    assert fast.usd.high == pytest.approx(105 * 0.0101)
    assert fast.hours.expected == pytest.approx(100 * 36 / 10 / 3600)
    assert slow.pace == "10 rpm"
    assert slow.hours.expected == pytest.approx(600 / 10 / 60)
    assert found.hours == slow.hours
    assert found.usd is not None
    assert found.usd.expected == pytest.approx(105 * 0.0101 + 605 * 0.0005)
    assert found.spent_usd == pytest.approx(5 * 0.0101 + 5 * 0.0005)
    assert found.spent_tokens == 5 * 1100 + 5 * 510


def test_a_limit_of_tokens_can_be_the_slowest() -> None:
    spec = {"teachers": [SPEC["teachers"][0] | {"tpm": 1000}]}
    asked = [Asked("fast", "ok", Usage(100, 900), 1.0, 1) for _ in range(10)]
    found = forecast(DistilSpec.model_validate(spec), {"fast": 130}, asked)
    assert found.teachers[0].pace == "1,000 tpm"
    assert found.hours.expected == pytest.approx(120 / 60)


def test_calls_that_all_failed_tell_so() -> None:
    asked = [Asked("fast", "rate_limited", Usage(), 1.0, 3) for _ in range(2)]
    spec = DistilSpec.model_validate({"teachers": SPEC["teachers"][:1]})
    (found,) = forecast(spec, {"fast": 10}, asked).teachers
    assert found.endings == {"rate_limited": 2}
    assert found.completion_tokens.expected == 0
