"""A recipe as plain values, each with the place where it was written, and `--set`."""

from typing import NamedTuple

from pydantic import JsonValue

from potstill.errors import Mistake, RecipeError
from potstill.recipe.sentences import Loc, dotted, printable, show
from potstill.recipe.yaml import MAX_DEPTH, Broken, Items, Leaf, Node, parse


class Place(NamedTuple):
    """Where a value was written."""

    order: tuple[int, int]
    """Sorts places: (0, line) in the file, then (1, n) for the n-th `--set`."""
    text: str
    """`file:line` or `--set KEY`."""


class Document:
    """A recipe as plain values, where each was written, and the mistakes found so far."""

    def __init__(
        self,
        text: str,
        file: str,
        *,
        kind: str = "recipe",
        needs: str = "name, sources, distil and export",
    ) -> None:
        """Read the text of `file`.

        Args:
            text: Its text.
            file: Its name, for the places.
            kind: What it holds, for the sentence about an empty one.
            needs: The keys that such a file has, for the same.

        Raises:
            RecipeError: The text is not YAML, or no mapping.
        """
        self._file = file
        self._places: dict[Loc, Place] = {(): self._line(1)}
        self._mistakes: list[tuple[Place, str]] = []
        self._sets = 0
        try:
            self.value = self._value(parse(text), (), None)
            if not isinstance(self.value, dict):
                found = "empty" if self.value is None else f"{show(self.value)}, not a mapping"
                raise Broken(f"the {kind} is {found}: it needs {needs}")
        except Broken as error:
            raise RecipeError([Mistake(self._line(error.line).text, str(error))]) from None

    def place(self, loc: Loc) -> Place:
        """Return where the value at `loc` was written, or the nearest value that holds it."""
        while loc not in self._places:
            loc = loc[:-1]
        return self._places[loc]

    def is_set(self, loc: Loc) -> bool:
        """Return whether the value at `loc` came from the command line."""
        return self.place(loc).order[0] == 1

    def add(self, loc: Loc, text: str) -> None:
        """Note a mistake at `loc`."""
        self._mistakes.append((self.place(loc), text))

    @property
    def mistakes(self) -> list[Mistake]:
        """Every mistake noted so far, once each, in order of place."""
        return [Mistake(place.text, text) for place, text in sorted(set(self._mistakes))]

    def set(self, assignment: str, *, under: str = "") -> None:
        """Change one value by `KEY=VALUE`: keys and indexes joined by dots, and YAML.

        What is missing on the way is made: a list for index 0, else a mapping. The index after a
        list's last appends.

        Args:
            assignment: The change.
            under: What stands before the key, such as `dedup.0.`.
        """
        key, equals, text = assignment.partition("=")
        place = self._next(f"--set {printable(key)}")
        try:
            if not key or not equals:
                raise Broken("must be KEY=VALUE, such as distil.samples=2")
            self._change(under + key, parse(text), place)
        except Broken as error:
            self._mistakes.append((place, str(error)))

    def put(self, key: str, value: JsonValue, shown: str) -> None:
        """Change one value; a mistake about it is told of `shown`, such as `--use`."""
        place = self._next(shown)
        try:
            self._change(key, Leaf(value, 1), place)
        except Broken as error:
            self._mistakes.append((place, str(error)))

    def _next(self, shown: str) -> Place:
        self._sets += 1
        return Place((1, self._sets), shown)

    def _change(self, key: str, node: Node, place: Place) -> None:
        keys = key.split(".")
        if len(keys) > MAX_DEPTH:
            raise Broken("must be KEY=VALUE, such as distil.samples=2")
        self.value = self._put(self.value, keys, (), node, place)

    def _put(
        self, old: JsonValue, keys: list[str], loc: Loc, node: Node, place: Place
    ) -> JsonValue:
        """Return `old` with the value of `node` at `keys`."""
        if not keys:
            self._places = {k: at for k, at in self._places.items() if k[: len(loc)] != loc}
            self._places[loc] = place
            return self._value(node, loc, place)
        key, *rest = keys
        if old is None:
            old = [] if key == "0" else {}
            self._places[loc] = place
        if isinstance(old, dict):
            return {**old, key: self._put(old.get(key), rest, (*loc, key), node, place)}
        if not isinstance(old, list):
            raise Broken(f"{dotted(loc)} is {show(old)}, which has no key {show(key)}")
        if key not in map(str, range(len(old) + 1)):
            raise Broken(f"{dotted(loc)} is a list: {show(key)} is no index from 0 to {len(old)}")
        i = int(key)
        new = self._put(old[i] if i < len(old) else None, rest, (*loc, i), node, place)
        return [*old[:i], new, *old[i + 1 :]]

    def _line(self, line: int) -> Place:
        return Place((0, line), f"{self._file}:{line}")

    def _value(self, node: Node, loc: Loc, place: Place | None) -> JsonValue:
        """Return a node's value and note where its parts are: at `place`, or at their lines."""
        if isinstance(node, Leaf):
            return node.value
        if isinstance(node, Items):
            for i, item in enumerate(node.items):
                self._places[*loc, i] = place or self._line(item.line)
            return [self._value(item, (*loc, i), place) for i, item in enumerate(node.items)]
        found: dict[str, JsonValue] = {}
        for key, line, value in node.pairs:
            here, at = (*loc, key), place or self._line(line)
            if key in found:
                first = self._places[here].text
                self._mistakes.append((at, f"{dotted(here)} was given before, at {first}"))
            self._places[here] = at
            found[key] = self._value(value, here, place)
        return found
