"""The benchmarks that are known by name: where each lies, and which columns hold its items.

A revision is the commit that public evaluation code pins for the same repository; where none was
found it is `main`, and the commit is recorded when the benchmark is fetched. Licences are as the
dataset's card names them; None where it names none.
"""

from pydantic import Field

from potstill.records import Record

MAIN = "main"
"""The revision of a dataset for which no commit is known."""


class Benchmark(Record):
    """One benchmark, as it lies on the Hugging Face hub."""

    name: str
    """As recipes write it."""
    hub: str
    """The dataset's id."""
    config: str
    """Its configuration."""
    split: str
    """The split that models are evaluated on."""
    files: str
    """Glob of that split's files in the repository."""
    problem: str
    """Column of the problem."""
    reference: str | None = None
    """Column of the right answer."""
    choices: tuple[str, ...] = ()
    """Columns of the options to choose from: one with a list of them, or one for each. Then the
    schema `mcq` reads the rows."""
    revision: str = MAIN
    """Commit, branch or tag."""
    items: int = Field(ge=1)
    """How many there are at that revision."""
    language: str
    """ISO 639-1 code."""
    license: str | None
    """Its licence, by the hub's name for it."""
    gated: bool = False
    """Whether its terms must be accepted before it can be fetched."""
    source: str
    """Where its place and its columns are told, beside the dataset's card."""

    @property
    def address(self) -> str:
        """Its files, as a source's path."""
        return f"hf://datasets/{self.hub}@{self.revision}/{self.files}"


def _lighteval(task: str) -> str:
    return f"huggingface/lighteval, src/lighteval/tasks/{task}.py"


BENCHMARKS: tuple[Benchmark, ...] = (
    Benchmark(
        name="aime24",
        hub="HuggingFaceH4/aime_2024",
        config="default",
        split="train",
        files="data/train-*.parquet",
        problem="problem",
        reference="answer",
        revision="2fe88a2f1091d5048c0f36abc874fb997b3dd99a",
        items=30,
        language="en",
        license=None,
        source=_lighteval("tasks/aime"),
    ),
    Benchmark(
        name="aime25",
        hub="opencompass/AIME2025",
        config="AIME2025-I and AIME2025-II",
        split="test",
        files="aime2025-*.jsonl",
        problem="question",
        reference="answer",
        revision="a6ad95f611d72cf628a80b58bd0432ef6638f958",
        items=30,
        language="en",
        license="mit",
        source="modelscope/evalscope, docs/zh/benchmarks/aime25.md",
    ),
    Benchmark(
        name="math-500",
        hub="HuggingFaceH4/MATH-500",
        config="default",
        split="test",
        files="test.jsonl",
        problem="problem",
        reference="answer",
        revision="6e4ed1a2a79af7d8630a6b768ec859cb5af4d3be",
        items=500,
        language="en",
        license=None,
        source=_lighteval("tasks/math_500"),
    ),
    Benchmark(
        name="gpqa-diamond",
        hub="Idavidrein/gpqa",
        config="gpqa_diamond",
        split="train",
        files="gpqa_diamond.csv",
        problem="Question",
        reference="Correct Answer",
        choices=(
            "Correct Answer",
            "Incorrect Answer 1",
            "Incorrect Answer 2",
            "Incorrect Answer 3",
        ),
        revision="633f5ee89ab8ad4522a9f850766b73f62147ffdd",
        items=198,
        language="en",
        license="cc-by-4.0",
        gated=True,
        source=_lighteval("tasks/gpqa"),
    ),
    Benchmark(
        name="livecodebench",
        hub="livecodebench/code_generation_lite",
        config="release_v6",
        split="test",
        files="test*.jsonl",
        problem="question_content",
        revision="0fe84c3912ea0c4d4a78037083943e8f0c4dd505",
        items=1055,
        language="en",
        license="cc",
        source=_lighteval("tasks/lcb/main"),
    ),
    Benchmark(
        name="gsm8k",
        hub="openai/gsm8k",
        config="main",
        split="test",
        files="main/test-*.parquet",
        problem="question",
        reference="answer",
        revision="740312add88f781978c0658806c59bc2815b9866",
        items=1319,
        language="en",
        license="mit",
        source=_lighteval("tasks/gsm8k"),
    ),
    Benchmark(
        name="humaneval",
        hub="openai/openai_humaneval",
        config="openai_humaneval",
        split="test",
        files="openai_humaneval/test-*.parquet",
        problem="prompt",
        reference="canonical_solution",
        revision="7dce6050a7d6d172f3cc5c32aa97f52fa1a2e544",
        items=164,
        language="en",
        license="mit",
        source="the card alone",
    ),
    Benchmark(
        name="mbpp",
        hub="google-research-datasets/mbpp",
        config="full",
        split="test",
        files="full/test-*.parquet",
        problem="text",
        reference="code",
        revision="4bb6404fdc6cacfda99d4ac4205087b89d32030c",
        items=500,
        language="en",
        license="cc-by-4.0",
        source="modelscope/evalscope, evalscope/benchmarks/mbpp",
    ),
    Benchmark(
        name="ifeval",
        hub="google/IFEval",
        config="default",
        split="train",
        files="ifeval_input_data.jsonl",
        problem="prompt",
        revision="966cd89545d6b6acfd7638bc708b98261ca58e84",
        items=541,
        language="en",
        license="apache-2.0",
        source=_lighteval("tasks/ifeval/main"),
    ),
    Benchmark(
        name="cmath",
        hub="weitianwen/cmath",
        config="default",
        split="test",
        files="cmath_test.jsonl",
        problem="question",
        reference="golden",
        items=1098,
        language="zh",
        license="cc-by-4.0",
        source=_lighteval("multilingual/tasks/cmath"),
    ),
    Benchmark(
        name="ceval",
        hub="ceval/ceval-exam",
        config="all 52 subjects",
        split="test",
        files="*/test-*.parquet",
        problem="question",
        choices=("A", "B", "C", "D"),
        items=12342,
        language="zh",
        license="cc-by-nc-sa-4.0",
        source=_lighteval("multilingual/tasks/ceval"),
    ),
    Benchmark(
        name="mmlu",
        hub="cais/mmlu",
        config="all",
        split="test",
        files="all/test-*.parquet",
        problem="question",
        choices=("choices",),
        revision="c30699e8356da336a370243923dbaf21066bb9fe",
        items=14042,
        language="en",
        license="mit",
        source="the card alone",
    ),
    Benchmark(
        name="mmlu-pro",
        hub="TIGER-Lab/MMLU-Pro",
        config="default",
        split="test",
        files="data/test-*.parquet",
        problem="question",
        reference="answer",
        choices=("options",),
        revision="3373e0b32277875b8db2aa555a333b78a08477ea",
        items=12032,
        language="en",
        license="mit",
        source=_lighteval("tasks/mmlu_pro"),
    ),
    Benchmark(
        name="arc-challenge",
        hub="allenai/ai2_arc",
        config="ARC-Challenge",
        split="test",
        files="ARC-Challenge/test-*.parquet",
        problem="question",
        reference="answerKey",
        choices=("choices",),
        revision="210d026faf9955653af8916fad021475a3f00453",
        items=1172,
        language="en",
        license="cc-by-sa-4.0",
        source=_lighteval("tasks/arc"),
    ),
    Benchmark(
        name="bbh",
        hub="lukaemon/bbh",
        config="all 27 tasks",
        split="test",
        files="*/test-*.parquet",
        problem="input",
        reference="target",
        items=6511,
        language="en",
        license=None,
        source="the card alone",
    ),
)
"""What models of the published datasets are evaluated on, and what is checked beside it."""

NAMES: dict[str, Benchmark] = {benchmark.name: benchmark for benchmark in BENCHMARKS}
