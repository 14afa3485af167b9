"""Every block of docs/python.md runs, in order, and prints what the page says."""

import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from potstill.recipe.columns import COLUMNS, TABLES
from potstill.report.flat import TEXTS

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (Path(__file__).parent.parent / "docs" / "python.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", PAGE, re.M | re.S)


def test_every_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("datasets")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    printed = ""
    for language, file, text in BLOCKS:
        if file:
            Path(file).write_text(text, encoding="utf-8")
        elif language == "python":
            out = StringIO()
            with redirect_stdout(out):
                exec(compile(text, "docs/python.md", "exec"), names)
            printed = out.getvalue()
        else:
            assert printed == text


def test_the_page_on_mathematics() -> None:
    page = (DOCS / "math-verification.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    (said,) = re.findall(r"^```text\n(.*?)^```$", page, re.M | re.S)
    out = StringIO()
    with redirect_stdout(out):
        exec(compile(code, "docs/math-verification.md", "exec"), {})
    assert out.getvalue() == said


def test_every_kind_of_block_is_known() -> None:
    kinds = {language for language, file, _ in BLOCKS if not file}
    assert kinds == {"python", "text"}


def test_the_page_names_every_column() -> None:
    for table, texts in TEXTS.items():
        for name in (*(TABLES[table].keys() - COLUMNS.keys()), *texts):
            assert f"`{name}`" in PAGE, name
