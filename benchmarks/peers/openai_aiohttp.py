"""OpenAI's own client over aiohttp, which it recommends for many requests at a time."""

from functools import partial

import openai
from openai import AsyncOpenAI
from peers.common import Job, main
from peers.openai import ask, limits


def connect(job: Job) -> AsyncOpenAI:
    """Return the client over its aiohttp transport."""
    transport = openai.DefaultAioHttpClient(limits=limits(job))
    return AsyncOpenAI(base_url=job.url, api_key="none", http_client=transport, timeout=600)


if __name__ == "__main__":
    main(partial(ask, connect=connect), "openai")
