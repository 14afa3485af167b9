"""Events in words, escaped: prompts are data."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from potstill.report.progress.view import StageView, number
from potstill.storage.events import Event
from potstill.text.printable import printable

PROMPT_CHARACTERS = 4_000
"""Of one message of a prompt; the rest is only counted."""
FILLED = 0.75
"""Share of the window below which the calls in flight are told beside it."""


def sentence(event: Event) -> str | None:
    """Return an event as one or more lines, or None where it is not worth one."""
    stage = printable(str(event.get("stage")))
    match event["event"]:
        case "run_started":
            return printable(f"run directory {event['directory']}, journal {event['journal']}")
        case "stage_started":
            return f"{stage}: running ({printable(str(event['why']))})"
        case "stage_skipped":
            return f"{stage}: complete, not run again"
        case "stage_finished":
            return f"{stage}: {_books(event)}" if event["accounts"] else None
        case "caution":
            return f"{stage}: {printable(str(event['text']))}"
        case "prompt":
            return "\n".join(_prompt(event))
        case "asked":
            return f"distil: {_asked(event)}"
        case _:
            return None


def _prompt(event: Event) -> Iterator[str]:
    messages = event["messages"]
    yield printable(f"first prompt to {event['model']}{_which(event)}:")
    for message in messages if isinstance(messages, list) else []:
        if isinstance(message, dict):
            said = (message["content"], message.get("tool_calls"))
            text = "\n".join(str(each) for each in said if each)
            yield f"  [{printable(str(message['role']))}]"
            yield from (f"    {printable(line)}" for line in text[:PROMPT_CHARACTERS].splitlines())
            if (more := len(text) - PROMPT_CHARACTERS) > 0:
                yield f"    … {more:,} more characters"


def _which(event: Event) -> str:
    """Return which prompt it is, as far as the recipe has several."""
    told = ""
    if number(event.get("modes")) > 1:
        told += f", reasoning {event.get('reasoning')}"
    templates, at = number(event.get("templates")), event.get("template")
    if templates > 1 and at:
        told += f", template {at} of {templates:.0f}"
    elif templates and not at:
        told += ", no template"
    return told


def _books(event: Event) -> str:
    accounts, took = event["accounts"], number(event["seconds"])
    found = [a for a in accounts if isinstance(a, dict)] if isinstance(accounts, list) else []
    entered = number(found[0]["entered"]) if found else 0.0
    books = "; ".join(map(_account, found))
    return f"{books} in {took:,.1f} s, {per(entered / max(took, 0.001), 'rows')}"


def _account(account: Mapping[str, JsonValue]) -> str:
    name = "" if account["name"] == "rows" else f"{printable(str(account['name']))} "
    tally = counts(account.get("tally"), " (", ")")
    return (
        f"{name}{number(account['entered']):,.0f} in, {number(account['kept']):,.0f} kept{tally}"
        f"{counts(account['dropped'], ', dropped ')}"
    )


def _asked(event: Event) -> str:
    requests, took = number(event["requests"]), number(event["seconds"])
    reused = number(event["reused"])
    journal = f"; {reused:,.0f} answers were in the journal" if reused else ""
    if not requests:  # for want of calls, or as they wait in batches, or were left for later
        return f"no new answers{journal}"
    rate = per(number(event["completion_tokens"]) / max(took, 0.001), "tokens")
    endings = counts(event["endings"], ": ")
    return f"{requests:,.0f} requests in {took:,.1f} s, {rate}{endings}{journal}"


def counts(value: JsonValue | Mapping[str, JsonValue], before: str, after: str = "") -> str:
    """Return numbers by name between two texts; nothing where there are no numbers."""
    if not isinstance(value, Mapping) or not value:
        return ""
    shown = ", ".join(f"{printable(name)} {number(count):,.0f}" for name, count in value.items())
    return f"{before}{shown}{after}"


def per(rate: float, unit: str = "") -> str:
    """Return a rate with its unit: a second, or a minute where it is slow."""
    value, time = (60 * rate, "min") if 0 < rate < 0.5 else (rate, "s")
    return f"{value:,.{0 if value >= 10 else 1}f}{unit and ' '}{unit}/{time}"


def position(view: StageView) -> str:
    """Return how far a stage is: done and total, rate, time left."""
    of = f"/{view.total:,}" if view.total is not None else ""
    parts = [f"{view.done:,}{of} {view.unit}", per(view.rate)]
    if view.left is not None:
        parts.append(f"ETA {view.left}")
    return ", ".join(parts)


def standing(view: StageView) -> str:
    """Return all that is to be told of a stage at work, on one line."""
    more = details(view)
    return f"{printable(view.stage)}: {position(view)}{'; ' if more else ''}{more}"


def details(view: StageView) -> str:
    """Return what else is to be told of a stage: calls, tokens, endings, dropped rows."""
    parts = [printable(view.phase)] if view.phase else []
    if view.in_flight is not None:
        of = f" of {view.window:,}" if view.in_flight < FILLED * view.window else ""
        parts.append(f"{view.in_flight:,} in flight{of}, {per(view.tokens_per_second, 'tokens')}")
        ok = number(view.endings.get("ok"))
        failed = {name: count for name, count in view.endings.items() if name != "ok"}
        parts.append(f"{ok:,.0f} ok{counts(failed, ', ')}")
    elif view.dropped:
        parts.append(f"{view.dropped:,} dropped")
    return "; ".join(parts)
