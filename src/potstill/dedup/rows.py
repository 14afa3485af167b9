"""Row ids of a whole set, in little memory."""

from array import array


class RowIds:
    """Row ids by their number; 12 bytes each where they are `source:file:line`."""

    def __init__(self) -> None:
        """Start with none."""
        self._heads: list[str] = []
        self._numbers: dict[str, int] = {}
        self._head = array("I")
        self._line = array("q")

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._head)

    def add(self, row_id: str) -> None:
        """Take the next row's id."""
        head, _, line = row_id.rpartition(":")
        if not (line.isdecimal() and len(line) < 19 and str(int(line)) == line):
            head, line = row_id, "-1"
        if head not in self._numbers:
            self._numbers[head] = len(self._heads)
            self._heads.append(head)
        self._head.append(self._numbers[head])
        self._line.append(int(line))

    def __getitem__(self, row: int) -> str:
        """Return a row's id."""
        head, line = self._heads[self._head[row]], self._line[row]
        return head if line < 0 else f"{head}:{line}"
