"""Arrow's values as JSON's."""

from __future__ import annotations

import base64
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from pydantic import JsonValue

from potstill.sources.decode import BadRow
from potstill.sources.pieces import HEAD, LIMIT

if TYPE_CHECKING:
    import pyarrow as pa


class RepeatedName(Exception):
    """Two columns, or two fields of a struct, have one name."""


def json_schema(schema: pa.Schema) -> pa.Schema:
    """Return the schema to cast to where JSON has no such type: dates, times, decimals as text.

    Raises:
        RepeatedName: A row can't be an object, which has a key once.
    """
    import pyarrow as pa

    _check_names(schema.names)
    kinds = [_retyped(kind, _text_type) for kind in schema.types]
    return pa.schema(list(zip(schema.names, kinds, strict=True)))


def json_rows(batch: pa.RecordBatch) -> Iterator[tuple[dict[str, JsonValue], BadRow | None]]:
    """Yield the rows of a batch, each with what is wrong with it.

    Binary values are base64, or the text that they nearly are in a row that is not UTF-8.
    """
    if sum(_sizes(batch).values()) <= LIMIT:
        try:
            rows = batch.to_pylist()
        except UnicodeDecodeError:
            pass
        else:
            yield from ((_object(row, _base64), None) for row in rows)
            return
    if batch.num_rows > 1:
        for i in range(batch.num_rows):
            yield from json_rows(batch.slice(i, 1))
    else:
        yield _bad_row(batch)


def _bad_row(batch: pa.RecordBatch) -> tuple[dict[str, JsonValue], BadRow]:
    import pyarrow as pa

    kinds = [_retyped(kind, _bytes_type) for kind in batch.schema.types]
    batch = batch.cast(pa.schema(list(zip(batch.schema.names, kinds, strict=True))))
    sizes = _sizes(batch)
    length = sum(sizes.values())
    if length <= LIMIT:
        return _object(batch.to_pylist()[0], _escaped), BadRow("invalid_utf8")
    largest = max(sizes, key=lambda name: sizes[name])
    row = {name: _head(cast(Any, batch[name])[0], size) for name, size in sizes.items()}
    return row, BadRow("too_large", length=length, column=largest, limit=LIMIT)


def _sizes(batch: pa.RecordBatch) -> dict[str, int]:
    return {name: _size(batch[name]) for name in batch.schema.names}


def _size(array: Any) -> int:
    """Return the bytes of an array, at least two for each value: as JSON, a digit and a comma."""
    from pyarrow import types

    if types.is_struct(array.type):
        parts = array.flatten()
    elif types.is_map(array.type):
        start, end = array.offsets[0].as_py(), array.offsets[-1].as_py()
        parts = [part.slice(start, end - start) for part in (array.keys, array.items)]
    elif types.is_nested(array.type):
        parts = [array.flatten()]
    else:
        return max(array.nbytes, 2 * len(array))
    return 2 * len(array) + sum(map(_size, parts))


def _head(value: Any, size: int) -> JsonValue:
    """Return a value of a row that is too large; of long text the start, else the type."""
    import pyarrow as pa

    if isinstance(value, pa.BinaryScalar) and value.is_valid:
        return _escaped(cast(Any, value).as_buffer()[:HEAD].to_pybytes())
    return _plain(value.as_py(), _escaped) if size <= HEAD else str(value.type)


def _text_type(leaf: pa.DataType) -> pa.DataType:
    from pyarrow import string, types

    if types.is_null(leaf):  # pyarrow cuts lists of nulls short when it casts them to the same
        return string()
    temporal = types.is_temporal(leaf) and not types.is_interval(leaf)
    return string() if temporal or types.is_decimal(leaf) else leaf


def _bytes_type(leaf: pa.DataType) -> pa.DataType:
    from pyarrow import binary, large_binary, types

    if types.is_large_string(leaf):
        return large_binary()
    return binary() if types.is_string(leaf) or types.is_string_view(leaf) else leaf


def _retyped(kind: Any, leaf: Callable[[pa.DataType], pa.DataType]) -> pa.DataType:
    """Return a type with `leaf` applied to each type within it that holds no other."""
    import pyarrow as pa
    from pyarrow import types

    if types.is_dictionary(kind):
        return _retyped(kind.value_type, leaf)
    if types.is_struct(kind):
        fields = cast(Any, kind).fields
        _check_names([field.name for field in fields])
        return pa.struct([(field.name, _retyped(field.type, leaf)) for field in fields])
    if types.is_map(kind):
        return pa.map_(_retyped(kind.key_type, leaf), _retyped(kind.item_type, leaf))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return pa.list_(_retyped(kind.value_type, leaf))
    return leaf(kind)


def _check_names(names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        raise RepeatedName(Counter(names).most_common(1)[0][0])


def _object(row: dict[str, object], show: Callable[[bytes], str]) -> dict[str, JsonValue]:
    return {name: _plain(value, show) for name, value in row.items()}


def _plain(value: object, show: Callable[[bytes], str]) -> JsonValue:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case bytes():
            return show(value)
        case dict():
            return _object(cast(dict[str, object], value), show)
        case list() | tuple():
            return [_plain(item, show) for item in cast(Sequence[object], value)]
        case _:
            return str(value)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _escaped(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")
