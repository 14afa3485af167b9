"""A run in a real notebook kernel shows its bars in the cell, and nowhere else."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.slow


def outputs(folder: Path, code: str) -> list[dict]:
    """What a cell shows at its end."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}}).execute()
    return notebook.cells[0].outputs


def test_a_notebook_shows_bars_by_itself(project: Path) -> None:
    cell, *_ = outputs(project, "import potstill\nrun = potstill.run('recipe.yaml')")
    text = cell["data"]["text/plain"]
    assert "text/html" in cell["data"]
    for stage in ("gather", "dedup", "distil", "verify", "export"):
        assert re.search(rf"^{stage}: .* in, .* kept", text, re.M), text
    assert "first prompt to scripted:" in text
    assert "80 requests in" in text


def test_a_notebook_that_wants_no_bars_has_none(project: Path) -> None:
    code = "import potstill\nrun = potstill.run('recipe.yaml', progress=False)"
    assert [each for each in outputs(project, code) if each["output_type"] == "display_data"] == []
