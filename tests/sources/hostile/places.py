"""Folders and links that a source's path may lead to; they are read with `jsonl`."""

import os
from collections.abc import Callable
from pathlib import Path

from hostile.entry import OK, Entry


def folder(**files: bytes) -> Callable[[Path], object]:
    """Return what makes a folder of files; `__` in a name stands for a slash, and `_` for a dot."""

    def make(path: Path) -> None:
        for name, data in files.items():
            file = path / name.replace("__", "/").replace("_", ".")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)

    return make


def link(target: str) -> Callable[[Path], object]:
    """Return what makes a link."""
    return lambda path: path.symlink_to(target)


def holding(name: str, make: Callable[[Path], object], **files: bytes) -> Callable[[Path], object]:
    """Return what makes a folder of files and one thing more."""

    def make_all(path: Path) -> None:
        path.mkdir()
        folder(**files)(path)
        make(path / name)

    return make_all


def not_utf8(path: Path) -> None:
    """Make a folder with a file whose name is no UTF-8."""
    path.mkdir()
    with open(os.path.join(os.fsencode(path), b"\xff.jsonl"), "wb") as file:
        file.write(OK)


def chain(path: Path) -> None:
    """Make a link that leads to a link, and so on, to more links than a system follows."""
    for i in range(50):
        path.with_name(f"{path.name}-{i}").symlink_to(f"{path.name}-{i + 1}")
    path.symlink_to(f"{path.name}-0")


def _place(
    name: str, about: str, outcome: list[str] | str, content: Callable[[Path], object]
) -> Entry:
    return Entry("jsonl", f"places/{name}", about, outcome, content)


PLACES = [
    _place(
        "folder",
        "files in order",
        ["ok", "not_json"],
        folder(a_jsonl=OK, b__c_jsonl=b"oops", d_md=b""),
    ),
    _place("no-files", "a folder of other files", "holds no file that ends in", folder(a_txt=OK)),
    _place("hidden", "a folder of hidden files", "holds no file that ends in", folder(_a_jsonl=OK)),
    _place(
        "one-empty",
        "an empty file among good ones",
        "b.jsonl is empty",
        folder(a_jsonl=OK, b_jsonl=b""),
    ),
    _place("folder.jsonl", "a folder that is called as a file", ["ok"], folder(a_jsonl=OK)),
    _place("link-to-nothing", "a link to nothing", "neither a file nor a folder", link("nowhere")),
    _place(
        "link-to-itself", "a link to itself", "neither a file nor a folder", link("link-to-itself")
    ),
    _place("many-links", "a chain of links", "neither a file nor a folder", chain),
    _place("pipe", "a pipe", "neither a file nor a folder", os.mkfifo),
    _place("device", "a link to a device without end", "neither a file", link("/dev/zero")),
    _place("circle", "a folder that links to itself", ["ok"], holding("up", link("."), a_jsonl=OK)),
    _place(
        "broken-link",
        "a folder with a link to nothing",
        "b.jsonl is no file, or a link to none",
        holding("b.jsonl", link("nowhere"), a_jsonl=OK),
    ),
    _place(
        "pipe-within", "a folder with a pipe", "b.jsonl is no file", holding("b.jsonl", os.mkfifo)
    ),
    _place(
        "link-to-a-file",
        "a folder that links to a file",
        ["ok"],
        holding("b.jsonl", link("c"), c=OK),
    ),
    _place("not-utf-8", "a name that is not UTF-8", ["ok"], not_utf8),
    _place(
        "line\nend\x1b[31m.jsonl",
        "a name that drives a terminal",
        ["ok"],
        lambda path: path.write_bytes(OK),
    ),
]
