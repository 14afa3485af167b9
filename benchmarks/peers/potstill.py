"""potstill, by its whole path: a recipe is run from a file of problems to its samples."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

from peers.common import Job, cpu_seconds, main

import potstill
from potstill.records import Sample
from potstill.storage.events import Event

RECIPE = """
name: clients
sources: [{{path: problems.jsonl, map: {{problem: question}}}}]
distil:
  teachers:
    - model: m
      base_url: "{url}"
      max_in_flight: {in_flight}
      sampling: {{temperature: 0.6, max_tokens: 4096}}
{stream}
export: [{{use: messages}}]
"""

FIGURES: dict[str, float] = {}
"""When the last answer was committed, and what the asking and the whole line took."""


def ask(job: Job) -> Iterator[str]:
    lines = [json.dumps({"question": text}) for text in job.prompts()]
    Path("problems.jsonl").write_text("\n".join(lines) + "\n")
    stream = "      stream: true" if job.stream else ""
    recipe = RECIPE.format(url=job.url, in_flight=job.in_flight, stream=stream)
    Path("recipe.yaml").write_text(recipe)
    began: dict[str, tuple[float, float]] = {}

    def listen(event: Event) -> None:
        kind = str(event["event"])
        began.setdefault(kind, (time.monotonic(), cpu_seconds()))
        if kind == "asked":
            FIGURES["committed"] = began[kind][0]
            FIGURES["asking_cpu_s"] = began[kind][1] - began["prompt"][1]
        if kind == "run_finished":
            FIGURES["line_s"] = began[kind][0] - began["run_started"][0]

    run = potstill.run("recipe.yaml", out="run", listener=listen, progress=False)
    return (text(found) for found in run.rows())


def text(row: object) -> str:
    """Return a sample's response as the server sent it."""
    assert isinstance(row, Sample)
    assert row.response is not None
    return f"<think>\n{row.response.think}\n</think>\n\n{row.response.answer}"


if __name__ == "__main__":
    main(ask, "potstill", FIGURES)
