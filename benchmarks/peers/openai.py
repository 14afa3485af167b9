"""OpenAI's own client with a semaphore; nothing is kept."""

import asyncio
from collections.abc import Callable

import httpx2
import openai
from openai import AsyncOpenAI
from peers.common import Job, main

Connect = Callable[[Job], AsyncOpenAI]


def limits(job: Job) -> httpx2.Limits:
    """Return room for all requests in flight; by default there are 1,000 connections."""
    return httpx2.Limits(max_connections=job.in_flight, max_keepalive_connections=job.in_flight)


def connect(job: Job) -> AsyncOpenAI:
    """Return the client over its default transport, with as many connections as are asked for."""
    transport = openai.DefaultAsyncHttpxClient(limits=limits(job))
    return AsyncOpenAI(base_url=job.url, api_key="none", http_client=transport, timeout=600)


def ask(job: Job, connect: Connect = connect) -> list[str | None]:
    return asyncio.run(ask_all(job, connect))


async def ask_all(job: Job, connect: Connect) -> list[str | None]:
    slots = asyncio.Semaphore(job.in_flight)
    async with connect(job) as client:
        tasks = (ask_one(client, prompt, slots, job.stream) for prompt in job.prompts())
        return await asyncio.gather(*tasks)


async def ask_one(
    client: AsyncOpenAI, prompt: str, slots: asyncio.Semaphore, stream: bool
) -> str | None:
    async with slots:
        if stream:
            return await ask_streamed(client, prompt)
        reply = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": prompt}]
        )
        return reply.choices[0].message.content


async def ask_streamed(client: AsyncOpenAI, prompt: str) -> str:
    text = ""
    chunks = await client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": prompt}], stream=True
    )
    async for chunk in chunks:
        for choice in chunk.choices:
            text += choice.delta.content or ""
    return text


if __name__ == "__main__":
    main(ask, "openai")
