"""datatrove: three steps of its MinHash pipeline, one task a part of the rows, on every core.

It takes no threshold, so the numbers of bands and of hashes in one are those that datasketch
chooses. Its fourth step, which writes the rows that stay, is left out.
"""

import os
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader
from datatrove.utils.text import TextNormConfig
from datatrove.utils.word_tokenizers import WordTokenizer
from peers.dedup.common import Job, main, tokens

_BANDS = {0.7: (14, 9), 0.8: (9, 13)}
"""Threshold to bands and hashes in each, of 128."""
_AS_IS = TextNormConfig(*[False] * 6)


class _Tokens(WordTokenizer):
    """The tokens of all peers."""

    def word_tokenize(self, text: str) -> list[str]:
        return tokens(text)

    def sent_tokenize(self, text: str) -> list[str]:
        return [text]

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        return [(0, len(text))]


def find(job: Job) -> Iterator[int]:
    files = sorted(job.rows.iterdir())
    with tempfile.TemporaryDirectory(dir=".") as folder:
        run(job, folder, len(files))
        start = 0
        for rank, file in enumerate(files):
            path = Path(folder) / "remove" / f"{rank:06}.remove"
            found = path.read_bytes() if path.exists() else b""
            yield from (start + number for (number,) in struct.iter_unpack("<I", found))
            with file.open("rb") as lines:
                start += sum(1 for _ in lines)


def run(job: Job, folder: str, files: int) -> None:
    bands, size = _BANDS[job.threshold]
    config = MinhashConfig(n_grams=2, num_buckets=bands, hashes_per_bucket=size, norm_config=_AS_IS)
    workers, logs = len(os.sched_getaffinity(0)), f"{folder}/logs"
    steps = [
        (
            files,
            [
                JsonlReader(str(job.rows), text_key="question"),
                MinhashDedupSignature(f"{folder}/signatures", config, language=_Tokens()),
            ],
        ),
        (bands, [MinhashDedupBuckets(f"{folder}/signatures", f"{folder}/buckets", config=config)]),
        (1, [MinhashDedupCluster(f"{folder}/buckets", f"{folder}/remove", config=config)]),
    ]
    for number, (tasks, pipeline) in enumerate(steps):
        LocalPipelineExecutor(
            pipeline, tasks=tasks, workers=workers, logging_dir=f"{logs}/{number}"
        ).run()


if __name__ == "__main__":
    main(find, "datatrove")
