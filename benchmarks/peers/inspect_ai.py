"""inspect-ai: a task that only generates, with as many samples as connections."""

import os
from collections.abc import Iterator

from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ContentReasoning, ContentText
from inspect_ai.solver import generate
from peers.common import Job, main


def ask(job: Job) -> Iterator[str]:
    os.environ["LOCAL_API_KEY"] = "none"
    samples = [Sample(input=prompt, id=number) for number, prompt in enumerate(job.prompts())]
    [log] = eval(
        Task(dataset=MemoryDataset(samples), solver=generate()),
        model="openai-api/local/m",
        model_base_url=job.url,
        max_connections=job.in_flight,
        max_samples=job.in_flight,
        log_dir="logs",
        display="none",
        score=False,
    )
    return (text(sample.output.message.content) for sample in log.samples or ())


def text(content: str | list[object]) -> str:
    """Return an answer as the server sent it: its tags were read as reasoning."""
    parts = [content] if isinstance(content, str) else content
    think = "".join(part.reasoning for part in parts if isinstance(part, ContentReasoning))
    said = "".join(part.text for part in parts if isinstance(part, ContentText))
    return f"<think>\n{think}\n</think>\n\n{said}"


if __name__ == "__main__":
    main(ask, "inspect-ai")
