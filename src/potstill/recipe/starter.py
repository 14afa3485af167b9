"""A first recipe with a comment on each line, from a few answers."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, get_args

from potstill.records import Reasoning

Check = Literal["math", "choice", "nothing"]
"""How an answer is checked: by which verifier, if any."""
CHECKS: tuple[Check, ...] = get_args(Check)
REASONING: tuple[Reasoning, ...] = get_args(Reasoning)

PACKAGED = "smollm2-135m"
"""The model that comes as a wheel. It has no thinking mode, and is too small for instructions."""

SAMPLE_ROWS = (
    ("What is 17 + 26?", "43"),
    ("Mia has 8 stickers. Her brother gives her 5 more. How many stickers does Mia have?", "13"),
    ("A box holds 6 eggs. How many eggs do 7 boxes hold?", "42"),
    ("what is 17 +  26?", "43"),
    ("Tom reads 12 pages a day. How many pages does he read in 5 days?", "60"),
    ("A ribbon of 45 cm is cut into 9 equal pieces. How long is each piece, in cm?", "5"),
    ("Solve for x: x + 9 = 21.", "12"),
    ("There are 30 birds on a roof, and 11 fly away. How many birds are left?", "19"),
)
"""Problems to try the line with, and their answers; one comes twice."""
SAMPLE_MAP = {"problem": "question", "reference_answer": "answer"}

_INSTRUCTIONS = {
    "math": "Please reason step by step, and put your final answer within \\boxed{}.",
    "choice": "Choose the right option by its letter, and put the letter within \\boxed{}.",
}
_PLAIN = re.compile(r"[A-Za-z/][\w./-]*")

Line = tuple[str, str]
"""YAML, and the comment on it."""


class File(NamedTuple):
    """A file or folder of problems."""

    path: str
    """As the recipe names it."""
    use: str
    """The plug-in that reads it."""
    map: Mapping[str, str]
    """A problem's fields to the columns that hold them."""
    schema: str | None = None
    """The published shape of its rows."""


class Teacher(NamedTuple):
    """Whom to ask."""

    address: str
    """Of an OpenAI-compatible endpoint; or a local model."""
    model: str = ""
    """The model's name at the endpoint."""
    key_env: str = ""
    """The environment variable with the key; empty for none."""
    reasoning: Reasoning = "on"
    """Whether it thinks."""

    @property
    def remote(self) -> bool:
        """Whether the model is asked at an endpoint."""
        return self.address.startswith(("http://", "https://"))


class Answers(NamedTuple):
    """What a recipe is made of."""

    name: str
    problems: File
    benchmark: File | None
    teacher: Teacher
    verify: Check


def sample_rows() -> str:
    """Return the sample problems as JSON Lines."""
    rows = (
        json.dumps({"question": question, "answer": answer}) for question, answer in SAMPLE_ROWS
    )
    return "".join(f"{row}\n" for row in rows)


def starter(answers: Answers) -> str:
    """Return a recipe as YAML, with a comment on each line."""
    lines = [
        *_sources(answers),
        *_cleaning(answers.benchmark),
        *_distil(answers),
        *_selection(answers.verify),
    ]
    yaml = (f"{text:<44} # {comment}" if comment else text for text, comment in lines)
    return "".join(f"{line}\n" for line in yaml)


def _sources(answers: Answers) -> Iterator[Line]:
    yield "# Written by `potstill init`. `potstill explain` tells what else may stand here.", ""
    yield f"name: {_quoted(answers.name)}", "the run's folder, below runs/"
    yield "", ""
    yield "sources:", "where problems come from; add as many as you like"
    yield f"  - use: {answers.problems.use}", "how the file is read"
    yield f"    path: {_quoted(answers.problems.path)}", "a file or a folder"
    if answers.problems.schema:
        yield f"    schema: {answers.problems.schema}", "the shape of its rows"
    mapped = {f: c for f, c in answers.problems.map.items() if f != c}
    if mapped:
        yield "    map:", "a problem's field: the file's column"
        for field, column in mapped.items():
            yield f"      {field}: {_quoted(column)}", _FIELDS[field]
    yield "", ""


_FIELDS = {
    "problem": "the text to ask",
    "messages": "a conversation, the last turn of which is the user's",
    "reference_answer": "the right answer, which verification needs",
    "category": "the kind of problem, for conditions",
    "language": "its language, for conditions",
    "response": "a response that comes with it",
}


def _cleaning(benchmark: File | None) -> Iterator[Line]:
    yield "dedup:", "repeated problems are dropped; the first stays"
    yield "  - {use: exact}", "equal but for case, width and white space"
    yield "  - {use: minhash, threshold: 0.8}", "nearly equal: Jaccard similarity of word pairs"
    yield "", ""
    if benchmark is None:
        yield "# Problems of benchmarks that `potstill benchmarks` shows at hand are dropped.", ""
        yield "# Those of a file of yours, too:", ""
        yield "# decontaminate:", ""
        yield "#   - use: ngram", ""
        yield "#     against: [all, {path: benchmark.jsonl, map: {problem: question}}]", ""
    else:
        yield "decontaminate:", "problems that hold an item of a benchmark are dropped"
        yield "  - use: ngram", "by stretches of words in common"
        yield "    against:", "the benchmarks"
        yield f"      - use: {benchmark.use}", "how the file is read"
        yield f"        path: {_quoted(benchmark.path)}", "a file or a folder"
        if benchmark.schema:
            yield f"        schema: {benchmark.schema}", "the shape of its rows"
        for field in ("problem", "messages"):
            if (column := benchmark.map.get(field, field)) != field:
                yield (
                    f"        map: {{{field}: {_quoted(column)}}}",
                    "the column with an item's text",
                )
        yield "      - all", "those that `potstill benchmarks` shows at hand"
    yield "", ""


def _distil(answers: Answers) -> Iterator[Line]:
    teacher = answers.teacher
    yield "distil:", "what is asked, and whom"
    yield "  samples: 1", "responses to each problem"
    yield f'  reasoning: "{teacher.reasoning}"', "whether the teacher thinks: on, off or prompted"
    if answers.verify in _INSTRUCTIONS and teacher.address != PACKAGED:
        yield "  prompt: |-", "what is asked; {problem} is the problem's text"
        yield f"    {{problem}}\n    {_INSTRUCTIONS[answers.verify]}", ""
    yield "  teachers:", "all of them are asked"
    if teacher.remote:
        yield f"    - base_url: {_quoted(teacher.address)}", "an OpenAI-compatible endpoint"
        yield f"      model: {_quoted(teacher.model)}", "the model's name there"
        yield "      max_in_flight: 64", "most calls at one time"
        if teacher.key_env:
            yield (
                f"      key_env: {teacher.key_env}",
                "the variable that holds the key, not the key",
            )
    else:
        yield f"    - local: {_quoted(teacher.address)}", "a model that runs on this machine"
    temperature, tokens = (0.2, 160) if teacher.address == PACKAGED else (0.6, 4096)
    yield "      sampling:", "how it writes"
    yield f"        temperature: {temperature}", "0 is the likeliest token each time"
    yield f"        max_tokens: {tokens}", "longest answer, with the thinking"
    yield "", ""


def _selection(verify: Check) -> Iterator[Line]:
    when = "outcome = 'pass'"
    if verify == "nothing":
        when = "ending = 'ok'"
        yield "# verify: [{use: math}]", "needs the right answers, as reference_answer"
    else:
        yield "verify:", "each response is tagged: pass, fail or undecided"
        yield f"  - {{use: {verify}}}", "compares its final answer with the right one"
    yield "", ""
    yield "filter:", "responses that no one should train on are dropped"
    yield "  - {use: format}", "cut, without an answer, or with stray tags"
    yield "  - {use: repetition}", "the same words again and again"
    yield "", ""
    yield "export:", "the datasets to write"
    yield f'  - {{use: messages, when: "{when}"}}', "which responses, and in what form"


def _quoted(text: str) -> str:
    """Return text as YAML, in quotes unless it is a plain word or path."""
    if _PLAIN.fullmatch(text) and text.lower() not in ("true", "false", "null", "on", "off"):
        return text
    return json.dumps(text, ensure_ascii=False)
