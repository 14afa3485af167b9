"""`potstill init`: four questions, and a recipe that runs."""

from __future__ import annotations

import re
import shlex
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from potstill.cli.questions import Questions, one_of
from potstill.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from potstill.recipe.starter import Answers, Check, File, Teacher
    from potstill.records import Reasoning

SAMPLE = "sample-problems.jsonl"
"""Where the sample problems are written, beside the recipe."""


@click.command("init")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="recipe.yaml")
@click.option("--problems", metavar="PATH", help="File or folder of problems [a sample].")
@click.option(
    "--map",
    "mapped",
    metavar="FIELD=COLUMN,...",
    help="Which columns of it hold what [as their names suggest].",
)
@click.option("--benchmark", metavar="PATH", help="Drop problems of this benchmark [none].")
@click.option(
    "--benchmark-map",
    metavar="FIELD=COLUMN",
    help="Which column of it holds an item [as their names suggest].",
)
@click.option("--teacher", metavar="URL|MODEL", help="Endpoint or local model [smollm2-135m].")
@click.option("--model", help="Name of the model at the endpoint.")
@click.option("--key-env", metavar="NAME", help="Environment variable with its key [none].")
@click.option(
    "--reasoning", type=click.Choice(["on", "off", "prompted"]), help="Whether it thinks."
)
@click.option(
    "--verify",
    type=click.Choice(["math", "choice", "nothing"]),
    help="How answers are checked [as the first rows suggest].",
)
@click.option("--yes", is_flag=True, help="Ask nothing: take what is given, else the defaults.")
@click.option("--force", is_flag=True, help="Replace FILE where it exists.")
def init_command(file: Path, yes: bool, force: bool, **given: str | None) -> None:
    """Ask four questions and write FILE, a recipe that runs.

    Where the problems are, which benchmark must not be among them, which teacher to ask, and how to
    check its answers. Each line of the recipe has a comment. Enter takes a default; four times
    Enter gives a recipe for sample problems and the packaged model. Keys are never asked for: a
    recipe holds the name of the environment variable with the key.

    \b
    Examples:
      potstill init
      potstill init my.yaml --problems problems.jsonl --verify math
      potstill init my.yaml --yes --teacher http://127.0.0.1:8000/v1 --model my-model
    """  # noqa: D301
    ask = not yes and sys.stdin.isatty()
    if not ask and not yes:
        raise InputError(
            "init asks questions, and there is no terminal to ask on: add --yes, and an option "
            "for each answer that is not the default (potstill init --help)"
        )
    try:
        _may_write(file, ask=ask, force=force)
        answers = _answers(Questions(given, ask=ask), file)
    except (KeyboardInterrupt, click.Abort):
        raise InputError("stopped; nothing was written") from None
    _write(file, answers)
    _warn_of_missing_model(answers.teacher)
    name = shlex.quote(str(file))
    click.echo(f"wrote {name}; next:\n  potstill plan {name}\n  potstill run {name} --preview 5")


def _may_write(file: Path, *, ask: bool, force: bool) -> None:
    if not file.parent.is_dir():
        raise InputError(f"there is no folder {file.parent} to write {file.name} in")
    if force or not file.exists():
        return
    if not (ask and click.confirm(f"{file} exists. Replace it?")):
        raise InputError(f"{file} exists, and was left as it is: name another, or add --force")


def _answers(questions: Questions, file: Path) -> Answers:
    from potstill.cli.columns import choose
    from potstill.recipe import guess
    from potstill.recipe.starter import Answers

    problems, references = _problems(questions, file.parent)
    benchmark = questions.get(
        "benchmark",
        "2/4 Which benchmark must not be among them? A file or a folder (Enter: none)",
        lambda text: _benchmark(text, file.parent) if text else None,
    )
    if benchmark:
        benchmark = choose(questions, "benchmark_map", benchmark, file.parent)[0]
    teacher = _teacher(questions, file.parent)
    verify = questions.get(
        "verify",
        "4/4 How is an answer checked? math, choice or nothing",
        partial(_check, references),
        guess.verifier(references) or "nothing",
    )
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", file.stem).strip("-")[:100] or "recipe"
    return Answers(name, problems, benchmark, teacher, verify)


def _problems(questions: Questions, folder: Path) -> tuple[File, Sequence[str | None]]:
    """Return where the problems are, and the right answers to the first of them."""
    from potstill.cli.columns import choose, look
    from potstill.recipe.starter import SAMPLE_MAP, SAMPLE_ROWS, File

    found = questions.get(
        "problems",
        "1/4 Where are your problems? A file or a folder (Enter: a few sample problems)",
        lambda text: look(text, folder) if text else None,
    )
    if found is None and not (folder / SAMPLE).exists():
        return File(SAMPLE, "jsonl", SAMPLE_MAP), [answer for _, answer in SAMPLE_ROWS]
    return choose(questions, "mapped", found or look(str(folder / SAMPLE), folder), folder)


def _benchmark(path: str, folder: Path) -> File:
    from potstill.cli.columns import look

    found = look(path, folder)
    items = {name: found.map[name] for name in ("problem", "messages") if name in found.map}
    return found._replace(map=items)


def _check(references: Sequence[str | None], text: str) -> Check:
    from potstill.recipe.starter import CHECKS

    check = one_of(CHECKS)(text)
    if check != "nothing" and not any(references):
        raise InputError(
            f"no right answer is known, so that {check} could verify nothing: choose nothing, or "
            "name their column with --map problem=COLUMN,reference_answer=COLUMN"
        )
    return check


def _teacher(questions: Questions, folder: Path) -> Teacher:
    from potstill.recipe.starter import PACKAGED, REASONING, Teacher

    address = questions.get(
        "teacher",
        "3/4 Which teacher? The http address of an endpoint, or a local model",
        lambda text: _address(text, folder),
        PACKAGED,
    )
    if address == PACKAGED:
        return Teacher(address, reasoning="off")
    teacher = Teacher(address)
    if teacher.remote:
        teacher = teacher._replace(
            model=questions.get("model", "    The model's name there", _not_empty),
            key_env=questions.get(
                "key_env",
                "    The environment variable that holds its key (Enter: none)",
                lambda text: _checked("key_env", text) if text else "",
            ),
        )
    reasoning: Reasoning = questions.get(
        "reasoning",
        "    Does it think before it answers? on, off or prompted",
        one_of(REASONING),
        "on",
    )
    return teacher._replace(reasoning=reasoning)


def _address(text: str, folder: Path) -> str:
    from potstill.cli.columns import named
    from potstill.recipe.teachers import is_file

    if text.startswith("http"):
        return _checked("base_url", text)
    path = Path(text).expanduser()
    if not is_file(text):
        return _checked("local", text)
    if not path.is_file():
        raise InputError(f"there is no model file {path}")
    return named(str(path), folder)


def _checked(field: str, text: str) -> str:
    """Return a teacher's field if it is legal; the text of an error never shows a key."""
    from pydantic import ValidationError

    from potstill.recipe import TeacherSpec

    given = {"base_url": "http://localhost", "model": "m"} if field == "key_env" else {"model": "m"}
    try:
        TeacherSpec.model_validate({**given, field: text})
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise InputError(f"{field} {reason}") from None
    return text


def _not_empty(text: str) -> str:
    if not text:
        raise InputError("an endpoint is asked for a model by name: add --model NAME")
    return text


def _write(file: Path, answers: Answers) -> None:
    """Write the recipe, and the sample problems that it names; what exists stays as it is."""
    from potstill.recipe import load_recipe
    from potstill.recipe.starter import sample_rows, starter
    from potstill.storage.files import explained, partial, publish, write_text

    sample = file.parent / SAMPLE
    if answers.problems.path == SAMPLE and not sample.exists():
        write_text(sample, sample_rows())
        click.echo(f"wrote {sample}")
    draft = partial(file)
    try:
        with explained(file):
            draft.write_text(starter(answers), encoding="utf-8")
        load_recipe(draft)
        publish(file)
    finally:
        draft.unlink(missing_ok=True)


def _warn_of_missing_model(teacher: Teacher) -> None:
    from potstill.models.local import BUNDLED, resolve

    try:
        if teacher.address in BUNDLED:
            resolve(teacher.address)
    except InputError as error:
        click.echo(f"note: before it can run: {error}", err=True)
