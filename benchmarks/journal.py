"""How fast the journal is: to write, to open with a million answers in it, to look calls up.

    python benchmarks/journal.py FOLDER                     # a million answers of 20 kB: 9 GB
    python benchmarks/journal.py FOLDER --answers 200000
    python benchmarks/journal.py --puts 900                 # CPU for a call, at 900 calls/s
    python benchmarks/journal.py --levels [FILE.jsonl]      # zstd's levels, on its texts if given

FOLDER keeps the journal, and a second run with the same numbers only reads it. Texts are drawn from
a seeded vocabulary with Zipf's frequencies. The journal is opened by a process of its own, after
the system was told to forget the file's pages; the first new request goes to a server in a process
of its own, and its answer is committed.
"""

import argparse
import asyncio
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zstandard

from potstill.models.client import Client
from potstill.models.requests import Request
from potstill.models.teacher import Endpoint, Teacher
from potstill.records import Message
from potstill.storage.journal import LOOK_UP, Attempt, Entry, Journal

TOGETHER = 2_000
"""Puts that are waited for together while the journal is built."""


def key(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:32]


class Texts:
    """Replies of a given length, each from another place of one long text."""

    def __init__(self, size: int) -> None:
        """Draw the text."""
        rng = random.Random(0)
        letters = "etaoinshrdlucmfwypvbgkjqxz"
        words = ["".join(rng.choices(letters, k=rng.randint(1, 9))) for _ in range(20_000)]
        weights = [1 / (rank + 1) for rank in range(len(words))]
        self._text = " ".join(rng.choices(words, weights, k=1_000_000))
        self._size = size
        self._rng = rng

    def reply(self) -> str:
        """Return the next reply."""
        at = self._rng.randrange(len(self._text) - self._size)
        message = {"role": "assistant", "content": self._text[at : at + self._size]}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 120, "completion_tokens": self._size // 4}
        return json.dumps({"object": "chat.completion", "choices": [choice], "usage": usage})

    def entry(self, number: int) -> Entry:
        """Return a call with the next reply."""
        attempt = Attempt(
            at="2026-01-01T00:00:00.000+00:00",
            ending="ok",
            status=200,
            seconds=1.234,
            prompt_tokens=120,
            completion_tokens=self._size // 4,
            endpoint="http://127.0.0.1:8000/v1",
        )
        body = {"model": "teacher", "messages": [{"role": "user", "content": "q" * 300}]}
        return Entry(
            key=key(number),
            model="teacher",
            ending="ok",
            request=json.dumps(body),
            reply=self.reply(),
            attempts=(attempt,),
        )


def megabytes(path: Path) -> float:
    return path.stat().st_size / 1e6


def rss(name: str) -> float:
    """Return this process's resident memory in MB: `VmRSS` now, `VmHWM` at its peak."""
    return int(Path("/proc/self/status").read_text().split(f"{name}:")[1].split()[0]) / 1024


def build(path: Path, answers: int, size: int) -> None:
    """Put so many answers."""
    texts = Texts(size)

    async def put_all(journal: Journal) -> int:
        made = 0
        for start in range(0, answers, TOGETHER):
            numbers = range(start, min(start + TOGETHER, answers))
            known = journal.endings([key(number) for number in numbers])
            missing = [number for number in numbers if key(number) not in known]
            await asyncio.gather(*(journal.put(texts.entry(number)) for number in missing))
            made += len(missing)
        return made

    with Journal(path) as journal:
        wall, cpu = time.perf_counter(), time.process_time()
        made = asyncio.run(put_all(journal))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if made:
        each = f"{made / wall:,.0f}/s, {1e6 * cpu / made:.0f} us of CPU each"
        print(f"built: {made:,} answers in {wall:.0f} s ({each}), peak RSS {rss('VmHWM'):.0f} MB")
    print(f"size: {megabytes(path):,.0f} MB, {answers:,} answers of {size:,} bytes")


def forget_pages(path: Path) -> None:
    """Have the system read the file from the disk again."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


async def first_request(journal: Journal, url: str) -> None:
    """Ask for what the journal lacks, as a run does; the answer is committed when this returns."""
    message = Message(role="user", content=f"What is {time.time_ns()} + 1?")
    request = Request(model="teacher", messages=(message,), reasoning="on")
    async with Client(Teacher("teacher", (Endpoint(url),)), journal) as client:
        assert (await client.ask(request)).ending == "ok"


def reopen(path: Path, answers: int, url: str) -> None:
    """Open the journal, make a new request, look all calls up; for a child process."""
    before = rss("VmRSS")
    started = time.perf_counter()
    with Journal(path) as journal:
        opened = time.perf_counter()
        asyncio.run(first_request(journal, url))
        asked = time.perf_counter()
        print(f"opened: {opened - started:.3f} s; first new request: {asked - started:.3f} s")
        print(f"RSS: {rss('VmHWM'):.0f} MB, of which {before:.0f} MB before")
        keys = [key(number) for number in range(answers)]
        for label in ("cold", "warm"):
            began = time.perf_counter()
            found = 0
            for start in range(0, answers, LOOK_UP):
                found += len(journal.endings(keys[start : start + LOOK_UP]))
            seconds = time.perf_counter() - began
            assert found == answers
            print(f"looked up ({label}): {seconds:.2f} s, {1e6 * seconds / answers:.2f} us a key")
        one = keys[:: max(1, answers // 2000)]
        began = time.perf_counter()
        for each in one:
            assert journal.get(each) is not None
        print(f"read: {1e6 * (time.perf_counter() - began) / len(one):.0f} us an answer, at random")
        print(f"RSS with all that: {rss('VmHWM'):.0f} MB, the keys in memory included")


@contextmanager
def serve() -> Iterator[str]:
    """Run the scripted teacher in a process of its own; yield its address."""
    command = [sys.executable, "-m", "potstill", "serve-scripted", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().split()[-1]
        finally:
            server.terminate()


def bench_size(folder: Path, answers: int, size: int) -> None:
    path = folder / f"calls-{size}.sqlite3"
    build(path, answers, size)
    with serve() as url:
        forget_pages(path)
        command = [sys.executable, __file__, "--child", str(path), "--url", url]
        subprocess.run([*command, "--answers", str(answers)], check=True)


async def put_at(journal: Journal | None, entries: list[Entry], rate: float) -> list[float]:
    """Put entries at a rate, or only wait for the loop; return the seconds that each took."""
    took: list[float] = []

    async def put(entry: Entry) -> None:
        began = time.perf_counter()
        if journal is not None:
            await journal.put(entry)
        took.append(time.perf_counter() - began)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number, entry in enumerate(entries):
            while (late := number / rate - (time.perf_counter() - began)) > 0:
                await asyncio.sleep(min(late, 0.001))
            group.create_task(put(entry))
    return sorted(took)


def bench_puts(rate: float, size: int) -> None:
    """Print what a put costs beyond a loop that does the same without a journal."""
    texts = Texts(size)
    entries = [texts.entry(number) for number in range(int(5 * rate))]
    costs = []
    with tempfile.TemporaryDirectory(dir=".") as folder:
        for with_journal in (False, True):
            with Journal(Path(folder) / "calls.sqlite3") as journal:
                cpu = time.process_time()
                took = asyncio.run(put_at(journal if with_journal else None, entries, rate))
                costs.append((time.process_time() - cpu) / len(entries))
    print(
        f"put at {rate:,.0f}/s, {size:,} bytes: {1e6 * (costs[1] - costs[0]):.0f} us of CPU; "
        f"waits {1e3 * took[len(took) // 2]:.1f} ms, "
        f"99% {1e3 * took[len(took) * 99 // 100]:.1f} ms"
    )


def bench_levels(file: Path | None, size: int) -> None:
    """Print CPU time and ratio of zstd's levels, and of the parameters that the journal has."""
    if file is None:
        texts = Texts(size)
        replies = [texts.reply().encode() for _ in range(300)]
    else:
        values = (json.loads(line).values() for line in file.open())
        text = "\n".join(each for row in values for each in row if isinstance(each, str))
        rng = random.Random(0)
        starts = (rng.randrange(len(text) - size) for _ in range(300))
        replies = [text[at : at + size].encode() for at in starts]
    print(f"{size:,} bytes\n\n| level | us | ratio |\n|--:|--:|--:|")
    for level in (-5, -3, -1, 1, 2, 3):
        packer = zstandard.ZstdCompressor(level=level, write_checksum=True)
        best = 1e9
        for _ in range(5):
            began = time.thread_time()
            packed = [packer.compress(reply) for reply in replies]
            best = min(best, time.thread_time() - began)
        ratio = sum(map(len, replies)) / sum(map(len, packed))
        print(f"| {level} | {1e6 * best / 300:.1f} | {ratio:.2f} |")


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--bytes", type=int, default=20_000)
    parser.add_argument("--puts", type=float, metavar="RATE", help="CPU of a put, 8 kB each")
    parser.add_argument("--levels", type=Path, nargs="?", const=Path(), metavar="FILE")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        reopen(given.child, given.answers, given.url)
    elif given.puts:
        bench_puts(given.puts, 8_000)
    elif given.levels is not None:
        for size in (8_000, 20_000):
            bench_levels(given.levels if given.levels.name else None, size)
    elif given.folder:
        given.folder.mkdir(parents=True, exist_ok=True)
        bench_size(given.folder, given.answers, given.bytes)
    else:
        parser.error("name a folder for the journal, or --puts or --levels")


if __name__ == "__main__":
    main()
