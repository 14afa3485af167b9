"""`potstill init`: four questions, and a recipe that runs."""

from __future__ import annotations

import os
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from potstill.cli.questions import Questions, one_of
from potstill.errors import InputError

if TYPE_CHECKING:
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
    help="Which columns of it hold what [as the first rows suggest].",
)
@click.option("--benchmark", metavar="PATH", help="Drop problems of this benchmark [none].")
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
    _may_write(file, ask=ask, force=force)
    questions = Questions(given, ask=ask)
    answers = _answers(questions, file)
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
    from potstill.recipe.starter import CHECKS, Answers

    problems, suggested = _problems(questions, file.parent)
    benchmark = questions.get(
        "benchmark",
        "2/4 Which benchmark must not be among them? A file or a folder (Enter: none)",
        lambda text: _file(Path(text), file.parent) if text else None,
    )
    teacher = _teacher(questions, file.parent)
    verify: Check = questions.get(
        "verify", "4/4 How is an answer checked? math, choice or nothing", one_of(CHECKS), suggested
    )
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", file.stem).strip("-")[:100] or "recipe"
    return Answers(name, problems, benchmark, teacher, verify)


def _problems(questions: Questions, folder: Path) -> tuple[File, Check]:
    """Return where the problems are, and what may check the answers to them."""
    from potstill.recipe import guess
    from potstill.recipe.sentences import printable
    from potstill.recipe.starter import File

    found = questions.get(
        "problems",
        "1/4 Where are your problems? A file or a folder (Enter: a few sample problems)",
        lambda text: _file(Path(text), folder) if text else None,
    )
    if found is None and not (folder / SAMPLE).exists():
        return File(SAMPLE, "jsonl", {"problem": "question", "reference_answer": "answer"}), "math"
    found = found or _file(folder / SAMPLE, folder)
    path = folder / found.path

    def check(text: str) -> tuple[File, Check]:
        mapped = _pairs(text) if text else found.map
        return found._replace(map=mapped), guess.verifier(path, mapped) or "nothing"

    shown = printable(", ".join(f"{field}={column}" for field, column in found.map.items()))
    return questions.get("mapped", f"    Its columns: {shown} (Enter: right)", check)


def _file(path: Path, folder: Path) -> File:
    """Return a file as a recipe in `folder` names it, with the columns that it seems to have."""
    from potstill.recipe import guess
    from potstill.recipe.starter import File

    path = path.expanduser()
    return File(_named(path, folder), guess.source_of(path), guess.columns(path))


def _named(path: Path, folder: Path) -> str:
    """Return a path as a recipe in `folder` names it: without the folder, if it lies there."""
    path, folder = Path(os.path.abspath(path)), Path(os.path.abspath(folder))
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def _pairs(text: str) -> dict[str, str]:
    pairs = [each.partition("=") for each in text.split(",")]
    if not all(field.strip() and column.strip() for field, _, column in pairs):
        raise InputError(f"the columns {text!r} must be of the form FIELD=COLUMN,FIELD=COLUMN")
    return {field.strip(): column.strip() for field, _, column in pairs}


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
    from potstill.recipe.distil import is_file

    if text.startswith("http"):
        return _checked("base_url", text)
    path = Path(text).expanduser()
    if not is_file(text):
        return _checked("local", text)
    if not path.is_file():
        raise InputError(f"there is no model file {path}")
    return _named(path, folder)


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
