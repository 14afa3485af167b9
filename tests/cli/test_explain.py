"""`potstill explain` and `potstill schema`, as they are printed."""

import json
import socket
from collections.abc import Callable

import pytest

from potstill.recipe.schema import recipe_schema
from potstill.report.explain import explain, topics

Run = Callable[..., tuple[int, str, str]]


def test_an_option_has_its_type_default_and_meaning(potstill: Run) -> None:
    code, out, _ = potstill("explain", "minhash")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "dedup/minhash"
    option = lines.index("  threshold: number > 0 and <= 1, default 0.8")
    assert (
        lines[option + 1].strip() == "Jaccard similarity from which two turns are nearly the same."
    )
    assert "  same_numbers: true or false, default true" in lines
    assert "    - {use: minhash, threshold: 0.7, where: \"language = 'en'\"}" in lines
    assert lines[-1].endswith("potstill explain dedup")


def test_a_section_says_where_to_read_on(potstill: Run) -> None:
    _, out, _ = potstill("explain", "teacher")
    assert "  sampling: mapping, see distil.teachers.sampling" in out.splitlines()
    _, out, _ = potstill("explain", "verify")
    assert "  verifiers/math" in out.splitlines()
    assert "  use: name of a plug-in, required" in out.splitlines()


def test_without_a_topic_every_topic_is_named(potstill: Run) -> None:
    code, out, _ = potstill("explain")
    assert code == 0
    named = out.partition("topics")[2].replace(",", " ").split()
    assert named == topics()


def test_a_page_as_json_is_the_same_page(potstill: Run) -> None:
    _, out, _ = potstill("explain", "length", "--json")
    assert json.loads(out) == explain("length").model_dump(mode="json")


@pytest.mark.parametrize("width", [40, 80, 300])
def test_lines_fit_the_terminal(potstill: Run, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    _, out, _ = potstill("explain", "ngram")
    text, _, example = out.partition("\nexample\n")
    assert max(len(line) for line in text.splitlines() if line.startswith("   ")) <= min(width, 100)
    assert "        - {path: benchmark.jsonl, map: {problem: question}}" in example


def test_the_schema_is_printed_as_json(potstill: Run) -> None:
    code, out, _ = potstill("schema")
    assert code == 0
    assert json.loads(out) == recipe_schema()


@pytest.mark.parametrize("fault", ["foo", "rate_limitd"])
def test_an_unknown_fault_is_one_sentence(potstill: Run, fault: str) -> None:
    code, _, err = potstill("serve-scripted", "--fault", fault, "0.1")
    assert code == 2
    assert err.startswith(f"potstill: --fault {fault}: there is no such fault")
    assert err.endswith(", bad_request, over_context\n")
    assert ("did you mean 'rate_limited'" in err) == (fault != "foo")


def test_a_port_that_is_taken_is_one_sentence(potstill: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        code, _, err = potstill("serve-scripted", "--port", port)
    assert code == 2
    assert f"--port {port}: " in err
    assert "address already in use" in err
