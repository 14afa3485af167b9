"""Bespoke Curator: its cache in the current folder, display and telemetry off."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from peers.common import Job, main

os.environ.update(
    TELEMETRY_ENABLED="false", CURATOR_DISABLE_RICH_DISPLAY="1", CURATOR_CACHE_DIR="cache"
)
if (litellm := find_spec("litellm")) and litellm.origin:
    # It brings along the encoding that tiktoken would download.
    folder = Path(litellm.origin).parent / "litellm_core_utils" / "tokenizers"
    os.environ.setdefault("TIKTOKEN_CACHE_DIR", str(folder))

from bespokelabs import curator  # noqa: E402 - reads the variables when it is imported


class Asker(curator.LLM):
    """Sends the prompts as they are and keeps the answers as they come."""

    def prompt(self, input: dict[str, str]) -> str:
        """Return the message to send."""
        return input["prompt"]

    def parse(self, input: dict[str, str], response: str) -> dict[str, str]:
        """Return the row to keep."""
        return {"text": response}


def ask(job: Job) -> Iterator[str]:
    asker = Asker(
        model_name="m",
        backend="openai",
        backend_params={
            "base_url": job.url,
            "api_key": "none",
            "max_concurrent_requests": job.in_flight,
            "max_requests_per_minute": 10**7,
            "max_tokens_per_minute": 10**11,
            "require_all_responses": False,
        },
    )
    done = asker([{"prompt": prompt} for prompt in job.prompts()])
    return (row["text"] for row in done.dataset)


if __name__ == "__main__":
    main(ask, "bespokelabs-curator")
