"""What a docstring in Google's style says, part by part."""

import inspect
import re
import textwrap
from typing import NamedTuple

_SECTION = re.compile(r"(Args|Returns|Yields|Raises|Example):")
_ARGUMENT = re.compile(r"(\w+)(?: \([^)]*\))?: ?(.*)")


class Docstring(NamedTuple):
    """The parts of a docstring; those that it lacks are empty."""

    summary: str
    """The first paragraph, on one line."""
    description: str
    """The further paragraphs before the first section, each on one line, a blank line between."""
    arguments: dict[str, str]
    """Name of a parameter to its text in `Args`, on one line."""
    example: str
    """The lines of `Example`, indented as they stand."""


def parse(docstring: str | None) -> Docstring:
    """Return the parts of a docstring, or empty ones for None."""
    sections: dict[str, list[str]] = {"": []}
    lines = sections[""]
    for line in inspect.cleandoc(docstring or "").splitlines():
        if heading := _SECTION.fullmatch(line):
            lines = sections.setdefault(heading[1], [])
        else:
            lines.append(line)
    summary, _, description = unwrap("\n".join(sections[""])).partition("\n\n")
    return Docstring(
        summary,
        description,
        _arguments(sections.get("Args", [])),
        _dedented(sections.get("Example", [])),
    )


def unwrap(text: str) -> str:
    """Return paragraphs on one line each, a blank line between."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _arguments(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in _dedented(lines).splitlines():
        if entry := _ARGUMENT.fullmatch(line):
            name, text = entry.groups()
            found[name] = text
        elif name:
            found[name] = f"{found[name]} {line.strip()}".strip()
    return found


def _dedented(lines: list[str]) -> str:
    return textwrap.dedent("\n".join(lines)).strip("\n")
