"""Answers to a command's questions: from its options, from a person, or by default."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import click

from potstill.errors import InputError

T = TypeVar("T")


class Questions:
    """Asks for what no option has answered, where there is somebody to ask."""

    def __init__(self, given: Mapping[str, str | None], *, ask: bool) -> None:
        """Keep the answers that options gave, and whether a person may be asked for others."""
        self._given = given
        self._ask = ask

    def asks(self, name: str) -> bool:
        """Return whether a person will be asked for this answer."""
        return self._ask and self._given[name] is None

    def get(self, name: str, text: str, check: Callable[[str], T], default: str = "") -> T:
        """Return the checked answer; a person who gives an illegal one is asked again."""
        answer = self._given[name]
        if self.asks(name):
            return click.prompt(
                text, default=default, show_default=bool(default), value_proc=_asking_again(check)
            )
        return check(default if answer is None else answer)


def _asking_again(check: Callable[[str], T]) -> Callable[[str], T]:
    def checked(text: str) -> T:
        try:
            return check(text.strip())
        except InputError as error:
            raise click.UsageError(str(error)) from None

    return checked


def one_of(legal: Sequence[T]) -> Callable[[str], T]:
    """Return the check that an answer is one of a few."""

    def check(text: str) -> T:
        for each in legal:
            if each == text:
                return each
        raise InputError(f"{text!r} is none of {', '.join(map(str, legal))}")

    return check
