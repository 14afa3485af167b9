"""Arrow's values as JSON's."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from pydantic import JsonValue

from potstill.records import to_json
from potstill.sources.decode import BadRow
from potstill.sources.pieces import LIMIT

if TYPE_CHECKING:
    import pyarrow as pa


def json_schema(schema: pa.Schema) -> pa.Schema:
    """Return the schema to cast to where JSON has no such type: dates, times, decimals as text."""
    import pyarrow as pa

    kinds = [_retyped(kind, _text_type) for kind in schema.types]
    return pa.schema(list(zip(schema.names, kinds, strict=True)))


def json_rows(batch: pa.RecordBatch) -> Iterator[tuple[dict[str, JsonValue], BadRow | None]]:
    """Yield the rows of a batch, each with what is wrong with it.

    Binary values are base64, or the text that they nearly are in a row that is not UTF-8.
    """
    if batch.nbytes <= LIMIT:
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
    schema = pa.schema(list(zip(batch.schema.names, kinds, strict=True)))
    row = _object(batch.cast(schema).to_pylist()[0], _escaped)
    if batch.nbytes <= LIMIT:
        return row, BadRow("invalid_utf8")
    text = to_json(row)
    sha256 = hashlib.sha256(text.encode("ascii")).hexdigest()
    return row, BadRow("too_large", length=len(text), sha256=sha256, limit=LIMIT)


def _text_type(leaf: pa.DataType) -> pa.DataType:
    from pyarrow import string, types

    temporal = types.is_temporal(leaf) and not types.is_interval(leaf)
    return string() if temporal or types.is_decimal(leaf) else leaf


def _bytes_type(leaf: pa.DataType) -> pa.DataType:
    from pyarrow import binary, types

    text = types.is_string(leaf) or types.is_large_string(leaf) or types.is_string_view(leaf)
    return binary() if text else leaf


def _retyped(kind: Any, leaf: Callable[[pa.DataType], pa.DataType]) -> pa.DataType:
    """Return a type with `leaf` applied to each type within it that holds no other."""
    import pyarrow as pa
    from pyarrow import types

    if types.is_dictionary(kind):
        return _retyped(kind.value_type, leaf)
    if types.is_struct(kind):
        fields = cast(Any, kind).fields
        return pa.struct([(field.name, _retyped(field.type, leaf)) for field in fields])
    if types.is_map(kind):
        return pa.map_(_retyped(kind.key_type, leaf), _retyped(kind.item_type, leaf))
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return pa.list_(_retyped(kind.value_type, leaf))
    return leaf(kind)


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
