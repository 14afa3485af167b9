"""What is done about each ending of a call; a recipe may say otherwise for a teacher."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from potstill.records import ANSWERED, Ending, Record

Then = Literal["keep", "drop", "later", "give_up", "stop"]
"""What follows when a call's retries are used up:

- `keep`: the answer becomes a response (only endings that leave an answer);
- `drop`: the answer is journaled, and its sample dropped (only endings that leave an answer);
- `later`: it is asked again in the salvage rounds at the end of the run, and by a later run;
- `give_up`: it stays as it is, and no run asks again;
- `stop`: the run stops with one sentence.
"""


class Policy(Record):
    """What is done about one ending."""

    retries: int = Field(default=0, ge=0)
    """How often a call that ended so is sent again, before what follows in `then`."""
    delay_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Most seconds before the first retry; they double with each, and the wait is drawn evenly
    between none and all of them."""
    then: Then = "give_up"
    """What follows."""


Policies = Mapping[Ending, Policy]

POLICIES: Policies = {
    # Answered: paid for, and never asked again.
    "ok": Policy(then="keep"),
    "truncated": Policy(then="keep"),
    "thinking_only": Policy(then="keep"),
    "refused": Policy(then="keep"),
    # A fault that may pass; if it does not, the teacher has said all that it will.
    "empty": Policy(retries=4, delay_s=1),
    "malformed": Policy(retries=4, delay_s=1),
    # The endpoint is busy or away: later it may not be.
    "rate_limited": Policy(retries=20, delay_s=1, then="later"),
    "server_error": Policy(retries=8, delay_s=1, then="later"),
    "network": Policy(retries=8, delay_s=1, then="later"),
    "stalled": Policy(retries=2, delay_s=1, then="later"),
    "cancelled": Policy(then="later"),
    # The request is at fault: the same one would fail again.
    "bad_request": Policy(),
    "over_context": Policy(),
}


def legal(ending: Ending) -> tuple[Then, ...]:
    """Return what may follow after an ending."""
    if ending in ANSWERED:
        return ("keep", "drop", "stop")
    return ("later",) if ending == "cancelled" else ("later", "give_up", "stop")


def is_final(ending: Ending, policies: Policies = POLICIES) -> bool:
    """Return whether a call that ended so is done, so that it is not asked again.

    Whoever says `stop` wants to mend something first and then to be answered.
    """
    then = policies[ending].then
    return then not in ("later", "stop") or (then == "stop" and ending in ANSWERED)
