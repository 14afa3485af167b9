"""How a teacher is asked by batches."""

from typing import Annotated

from pydantic import Field

from potstill.records import Record


class BatchOptions(Record):
    """How a teacher is asked by batches; the defaults are the most that OpenAI takes."""

    max_requests: Annotated[int, Field(ge=1)] = 50_000
    """Most calls in one batch."""
    max_bytes: Annotated[int, Field(ge=1)] = 200_000_000
    """Most bytes of their requests."""
    max_batches: Annotated[int, Field(ge=1)] = 8
    """Most batches at one time."""
    window: Annotated[str, Field(pattern=r"^\d+[hd]$")] = "24h"
    """How long the endpoint may take: its `completion_window`. OpenAI knows 24h only."""
    poll_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 60.0
    """Seconds between two looks at a batch."""
