"""Text of models and datasets, made safe for a terminal."""

import unicodedata


def printable(line: str) -> str:
    """Return a line with every character escaped that could drive a terminal.

    These are control characters, and invisible ones that turn the direction of writing or hide.
    """
    if line.isprintable():
        return line
    return "".join(c if _is_shown(c) else _escaped(c) for c in line.expandtabs(4))


def _is_shown(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == "Zs"


def _escaped(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"
