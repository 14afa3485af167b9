"""A bare aiohttp loop: what the network and JSON alone take, and nothing is kept."""

import asyncio
import json
from collections.abc import Iterator

import aiohttp
from peers.common import Job, main


def ask(job: Job) -> list[str]:
    return asyncio.run(ask_all(job))


async def ask_all(job: Job) -> list[str]:
    prompts, texts = iter(job.prompts()), list[str]()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        workers = (work(session, job, prompts, texts) for _ in range(job.in_flight))
        await asyncio.gather(*workers)
    return texts


async def work(
    session: aiohttp.ClientSession, job: Job, prompts: Iterator[str], texts: list[str]
) -> None:
    for prompt in prompts:
        body = {"model": "m", "messages": [{"role": "user", "content": prompt}]}
        async with session.post(
            f"{job.url}/chat/completions", json=body | ({"stream": True} if job.stream else {})
        ) as response:
            if job.stream:
                texts.append(await read_stream(response))
            else:
                reply = json.loads(await response.read())
                texts.append(reply["choices"][0]["message"]["content"])


async def read_stream(response: aiohttp.ClientResponse) -> str:
    text = ""
    async for line in response.content:
        if line.startswith(b"data: {"):
            for choice in json.loads(line[6:])["choices"]:
                text += choice["delta"].get("content", "")
    return text


if __name__ == "__main__":
    main(ask, "aiohttp")
