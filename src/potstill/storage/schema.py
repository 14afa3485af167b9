"""The Arrow schema of a record, derived from its annotations."""

from __future__ import annotations

import types
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pyarrow as pa

from potstill.records import JsonObject, JsonObjects, Record

PLAIN: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
}


@cache
def arrow_schema(record: type[Record]) -> pa.Schema:
    """Return the table schema for rows of `record`.

    `JsonObject` and `JsonObjects` are columns of JSON text, a nested record a struct, a tuple a
    list.
    """
    return pa.schema(_fields(record))


def _fields(record: type[Record]) -> list[pa.Field[Any]]:
    return [
        pa.field(field.serialization_alias or name, _arrow_type(field.rebuild_annotation()))
        for name, field in record.model_fields.items()
    ]


def _arrow_type(hint: Any) -> pa.DataType:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in PLAIN:
        return PLAIN[hint]
    if origin is Literal:
        return pa.string()
    if hint in (JsonObject, JsonObjects):
        return pa.string()
    if origin is Annotated:
        return _arrow_type(arguments[0])
    if origin in (Union, types.UnionType):
        return _arrow_type(next(a for a in arguments if a is not types.NoneType))
    if origin is tuple:
        return pa.list_(_arrow_type(arguments[0]))
    if isinstance(hint, type) and issubclass(hint, Record):
        return pa.struct(_fields(hint))
    raise TypeError(f"a record can't hold {hint!r}: it has no Arrow type")
