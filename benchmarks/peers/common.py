"""What every client of `benchmarks/clients.py` does alike: the prompts, the check, the figures.

Nothing here needs more than Python itself, since each peer has an environment of its own.
"""

import argparse
import json
import random
import re
import resource
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import NamedTuple

CHARACTERS = 8000
"""Length of an answer."""

_LETTERS = "etaoinshrdlucmfwypvbgkqjxz"


class Job(NamedTuple):
    """What a client is to ask."""

    url: str
    """Where the server is, up to `/v1`."""
    requests: int
    """How many prompts, each asked once."""
    in_flight: int
    """Most requests at a time."""
    stream: bool
    """Whether replies are to be streamed."""

    def prompts(self) -> list[str]:
        """Return the prompts, which differ by their number."""
        return [prompt(number) for number in range(self.requests)]


def prompt(number: int) -> str:
    """Return a prompt; the server answers it by its number."""
    return f"Item {number:07}: a train leaves at noon. When does it arrive? Think step by step."


def answer(number: int) -> str:
    """Return the answer to the prompt `number`: thinking in tags, then one sentence."""
    return f"<think>\n{_THOUGHTS}\n</think>\n\nItem {number:07} arrives in the evening."


def _thoughts() -> str:
    """Return words that compress about as prose does."""
    rng = random.Random(0)
    weights = range(len(_LETTERS), 0, -1)
    vocabulary = ["".join(rng.choices(_LETTERS, weights, k=rng.randint(2, 9))) for _ in range(2000)]
    words = " ".join(rng.choices(vocabulary, k=CHARACTERS // 4))
    around = len("<think>\n\n</think>\n\nItem 0000000 arrives in the evening.")
    return words[: CHARACTERS - around].rstrip().ljust(CHARACTERS - around, ".")


_THOUGHTS = _thoughts()


def complete(texts: Iterable[str | None]) -> int:
    """Return to how many prompts there is the right answer, whole."""
    numbers = (re.search(r"Item (\d{7}) arrives", text or "") for text in texts)
    found = {
        int(number[1])
        for number, text in zip(numbers, texts, strict=True)
        if number and text == answer(int(number[1]))
    }
    return len(found)


def cpu_seconds() -> float:
    """Return the CPU time that this process and its ended children took so far."""
    own, children = (resource.getrusage(who) for who in _BOTH)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main(
    ask: Callable[[Job], Iterable[str | None]],
    package: str,
    more: dict[str, float] | None = None,
) -> None:
    """Let `ask` answer the job of the command line, and print its figures as one line of JSON.

    Args:
        ask: Returns the answers, in any order. What it returns may be lazy: how the answers are
            checked is not measured.
        package: The distribution whose version is told.
        more: Further figures, which `ask` has filled in by then.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("requests", type=int)
    parser.add_argument("in_flight", type=int)
    parser.add_argument("--stream", action="store_true")
    texts = ask(Job(**vars(parser.parse_args())))
    figures = {
        "finished": time.monotonic(),
        "cpu_s": cpu_seconds(),
        "peak_mb": max(resource.getrusage(who).ru_maxrss for who in _BOTH) / 1024,
        **(more or {}),
    }
    figures |= {"complete": complete(list(texts)), "version": version(package)}
    print(json.dumps(figures), flush=True)


_BOTH = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
