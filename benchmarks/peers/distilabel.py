"""distilabel: a pipeline of one step, whose batches are as large as the requests in flight."""

from collections.abc import Iterator

from distilabel.models import OpenAILLM
from distilabel.pipeline import Pipeline
from distilabel.steps import LoadDataFromDicts
from distilabel.steps.tasks import TextGeneration
from peers.common import Job, main


def ask(job: Job) -> Iterator[str | None]:
    with Pipeline(name="clients", cache_dir="cache") as pipeline:
        load = LoadDataFromDicts(
            data=[{"instruction": prompt} for prompt in job.prompts()], batch_size=job.in_flight
        )
        generate = TextGeneration(
            llm=OpenAILLM(
                model="m",
                base_url=job.url,
                api_key="none",
                timeout=600,
                generation_kwargs={"max_new_tokens": 4096},
            ),
            input_batch_size=job.in_flight,
        )
        load >> generate
    done = pipeline.run(use_cache=False)
    return (row["generation"] for row in done["default"]["train"])


if __name__ == "__main__":
    main(ask, "distilabel")
