"""Whether a run will stay within its budget, by what it has spent and a forecast of the rest."""

from collections.abc import Callable
from typing import NamedTuple

from potstill.models.budget import HOUR, BudgetSpec, spent_before
from potstill.models.money import FREE, cost
from potstill.pipeline.intervals import Range
from potstill.pipeline.target import Target
from potstill.storage.journal import Journal


class Spent(NamedTuple):
    """What a run has spent in all its sessions."""

    usd: float = 0.0
    """US dollars."""
    tokens: int = 0
    """Tokens of prompts and answers."""
    hours: float = 0.0
    """Hours of asking."""


def spent_by(target: Target, journal: Journal | None) -> Spent:
    """Return what counts for the budget; nothing where there is none, as nobody will ask."""
    if journal is None or target.recipe.budget is None or target.recipe.distil is None:
        return Spent()
    prices = {teacher.model: teacher.prices or FREE for teacher in target.recipe.distil.teachers}
    tally = spent_before(journal, target.job.run)
    usd = sum(float(cost(used, prices.get(model, FREE))) for model, used in tally.usage.items())
    tokens = sum(used.total for used in tally.usage.values())
    return Spent(usd, tokens, tally.seconds / HOUR)


def exceeded(
    budget: BudgetSpec | None, before: Spent, usd: Range | None, tokens: Range, hours: Range
) -> tuple[str, ...]:
    """Return a sentence for each cap that the run will exceed, or may.

    Args:
        budget: The caps; None for none.
        before: What was spent before the forecast.
        usd: The forecast of the money; None where there are no prices.
        tokens: That of all tokens.
        hours: That of the hours.
    """
    if budget is None:
        return ()
    checks = (
        _check("usd", budget.usd, before.usd, usd, "USD {:,.4f}".format),
        _check("tokens", budget.tokens, before.tokens, tokens, "{:,.0f} tokens".format),
        _check("hours", budget.hours, before.hours, hours, "{:,.2f} hours".format),
    )
    return tuple(text for text in checks if text is not None)


def _check(
    name: str, cap: float | None, before: float, of: Range | None, show: Callable[[float], str]
) -> str | None:
    if cap is None or of is None or before + of.high <= cap:
        return None
    spent = " with what was spent before" if before else ""
    if before + of.expected > cap:
        found, then = f"is {show(before + of.expected)}", "will pause"
    else:
        found, then = f"may reach {show(before + of.high)}", "may pause"
    return f"budget.{name} is {cap:,}, and the forecast {found}{spent}: the run {then}"
