import json
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from ruamel.yaml import YAML

from potstill.cli import scripts, serve
from potstill.models import scripted
from potstill.models.script import FAULTS, QUIRKS, Script
from potstill.models.script.script import Style
from potstill.models.script.stats import Stats

Run = Callable[..., tuple[int, str, str]]
Served = Callable[..., Script]


@pytest.fixture
def served(potstill: Run, monkeypatch: pytest.MonkeyPatch) -> Served:
    """Type a command that serves: the script that is served."""
    found: list[Script] = []
    monkeypatch.setattr(scripted, "run_server", lambda port, script: found.append(script))

    def serve(*arguments: str) -> Script:
        code, _, err = potstill("serve-scripted", *arguments)
        assert code == 0, err
        return found[-1]

    return serve


def test_nothing_given_is_the_default_script(served: Served) -> None:
    assert served() == Script()


def test_every_value_of_a_script_has_an_option(served: Served) -> None:
    values = {
        "accuracy": 0.5,
        "style": "blocks",
        "words": 9,
        "answer_words": 8,
        "missing_traces": 0.1,
        "tool_calls": 0.2,
        "cached": 0.3,
        "model": "m",
        "key": "k",
        "latency": 1.5,
        "latency_spread": 0.4,
        "chunk": 2,
        "chunk_unit": "characters",
        "chunk_s": 0.6,
        "keepalive_s": 0.7,
        "batch_s": 0.9,
        "time_scale": 0.01,
        "overloaded": 0.8,
        "retry_after": 2.0,
        "rpm": 10,
        "tpm": 20,
        "minute_s": 30.0,
        "max_in_flight": 40,
        "slots": 50,
    }
    typed = [word for name, value in values.items() for word in (f"--{name}", f"{value}")]
    typed = [word.replace("_", "-") if word.startswith("--") else word for word in typed]
    typed += ["--fault", "empty", "0.1", "--fault", "refused", "0.2", "--quirk", "crlf", "1"]
    expected = Script(
        **values, switchable=True, faults={"empty": 0.1, "refused": 0.2}, quirks={"crlf": 1}
    )
    assert served(*typed, "--switchable") == expected
    assert set(values) | {"switchable", "faults", "quirks", "answers"} == set(Script.model_fields)


def test_options_win_over_the_file_and_its_answers_lie_beside_it(
    served: Served, tmp_path: Path
) -> None:
    folder = tmp_path / "sub"
    folder.mkdir()
    (folder / "answers.json").write_text(json.dumps({"q": "1"}))
    (folder / "script.yaml").write_text(
        "latency: 2\nstyle: none\nanswers: answers.json\nfaults: {empty: 0.1, network: 0.1}\n"
    )
    script = served("--script", "sub/script.yaml", "--latency", "1", "--fault", "empty", "0.3")
    assert script == Script(
        latency=1, style="none", answers={"q": "1"}, faults={"empty": 0.3, "network": 0.1}
    )


def test_a_script_can_be_json_and_hold_its_answers(served: Served, tmp_path: Path) -> None:
    given = {"rpm": 5, "answers": {"q": "1"}, "quirks": {"crlf": 0.5}}
    (tmp_path / "script.json").write_text(json.dumps(given))
    assert served("--script", "script.json") == Script.model_validate(given)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["--latency", "nan"], "--latency: latency must be a finite number, not nan"),
        (["--latency", "-1"], "--latency: latency must be at least 0.0, not -1.0"),
        (["--rpm", "0"], "--rpm: rpm must be at least 1, not 0"),
        (["--fault", "empty", "inf"], "--fault empty: faults.empty must be a finite number"),
        (["--fault", "empty", "1.5"], "--fault empty: faults.empty must be at most 1.0, not 1.5"),
        (["--quirk", "clrf", "1"], "--quirk clrf: there is no such quirk (did you mean 'crlf'?): "),
        (["--time-scale", "0"], "--time-scale: time_scale must be more than 0.0, not 0.0"),
        (["--script", "none.yaml"], "none.yaml can't be read: No such file or directory"),
        (["--answers", "none.json"], "none.json can't be read: No such file or directory"),
        (["--fault", "empty", ".6", "--fault", "refused", ".6"], "faults add up to more than 1: "),
    ],
)
def test_a_wrong_value_is_one_sentence(potstill: Run, typed: list[str], sentence: str) -> None:
    code, _, err = potstill("serve-scripted", *typed)
    assert code == 2
    assert sentence in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "script.yaml:1: the script is empty: it needs keys such as latency"),
        ("- 1", "script.yaml:1: the script is a list, not a mapping"),
        ("latency: soon", "script.yaml:1: latency must be a number, not 'soon'"),
        ("\nlatncy: 1", "script.yaml:2: the script has no key 'latncy' (did you mean 'latency'?)"),
        ("faults:\n  emty: 1", "script.yaml:2: faults.emty: there is no such fault (did you mean"),
        ("style: &a [*a]", "script.yaml:1: "),
        ("{", "script.yaml:"),
        ("a: é".encode("latin-1"), "script.yaml:1: the script is not UTF-8 text"),
        ("words: 1\n" + "#" * 200_000, "script.yaml has more than 200,000 bytes"),
    ],
)
def test_a_wrong_script_is_told_with_its_place(
    potstill: Run, tmp_path: Path, text: str | bytes, sentence: str
) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / "script.yaml").write_bytes(data)
    code, _, err = potstill("serve-scripted", "--script", "script.yaml")
    assert code == 2
    assert sentence in err
    assert "Traceback" not in err


def test_answers_that_are_too_many_are_refused_before_they_are_held(
    potstill: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scripts, "MAX_ANSWERS_BYTES", 1000)
    (tmp_path / "answers.json").write_bytes(b'{"q": "' + b"1" * 1000 + b'"}')
    code, _, err = potstill("serve-scripted", "--answers", "answers.json")
    assert code == 2
    assert "answers.json has more than 1,000 bytes, which is the most it may have" in err


def test_help_names_every_style_fault_and_quirk_and_has_sections(potstill: Run) -> None:
    code, out, _ = potstill("serve-scripted", "--help")
    assert code == 0
    assert get_args(Style) == serve.STYLES
    assert all(name in out for name in (*FAULTS, *QUIRKS))
    assert all(f"\n{title}:\n" in out for title in ("Options", *serve.SECTIONS.values()))
    assert out.index("--help") < out.index("What it says:")


def test_the_page_names_every_value_and_count_and_its_script_is_one() -> None:
    page = (Path(__file__).parents[2] / "docs" / "scripted.md").read_text(encoding="utf-8")
    names = (*Script.model_fields, *FAULTS, *QUIRKS, *get_args(Style), *Stats().as_json())
    assert [name for name in names if f"`{name}`" not in page] == []
    example = page.split("```yaml\n")[1].split("```")[0]
    script = Script.model_validate(YAML(typ="safe").load(example))
    assert sum(script.faults.values()) == pytest.approx(0.24)
