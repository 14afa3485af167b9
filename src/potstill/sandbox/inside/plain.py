"""Plain data as bytes, and back: how arguments and values cross the wall of a sandbox.

JSON, in which what JSON lacks is an object of one key: `{"tuple": [1, 2]}`. The reader accepts what
the writer writes and nothing else. It runs no code of what it reads, and is safe for any bytes; who
calls it bounds their number.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

_INT = 1 << 63
"""Whole numbers from here on are written in hexadecimal, which takes linear time."""
_EXPONENT = 10_000
"""Largest power of ten in a Decimal: with more, whoever makes it a whole number would wait."""
_EQUAL_HASHES = 100
"""Most elements of one hash in a set or dict: many make building it take quadratic time."""

Read = Callable[[Any], Any]


class NotPlainError(ValueError):
    """Something that is not plain data."""


def encode(value: object) -> bytes:
    """Return plain data as bytes.

    That is None, bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset, Fraction
    and Decimal, and what numpy makes of its own types. A subclass counts as its base: only the
    methods of the base are called, so that what it overrides has no effect.

    Raises:
        NotPlainError: It holds something else, or is nested too deeply.
    """
    try:
        return json.dumps(_written(value), separators=(",", ":")).encode()
    except RecursionError:
        raise NotPlainError("nested too deeply") from None


def decode(data: bytes) -> Any:
    """Return what `encode` made bytes of.

    Raises:
        NotPlainError: It did not.
    """
    try:
        return json.loads(data.decode(), object_pairs_hook=_tagged)
    except RecursionError:
        raise NotPlainError("nested too deeply") from None
    except NotPlainError:
        raise
    except ValueError as error:  # of JSON, of UTF-8, of a number
        raise NotPlainError(str(error)) from None


def _written(value: Any) -> Any:
    given: object = value
    kind = type(given)
    if kind in _AS_IS:
        return value
    for base in kind.__mro__[:-1]:
        if base in _WRITE:
            return _WRITE[base](value)
    if kind.__module__.partition(".")[0] == "numpy" and hasattr(value, "tolist"):
        return _written(value.tolist())
    return _written_number(value)


def _written_number(value: Any) -> Any:
    """Write a Fraction or a Decimal, whose modules are imported only by who uses them."""
    names: dict[str, Any] = {
        f"{base.__module__}.{base.__qualname__}": base for base in type(value).__mro__
    }
    if base := names.get("fractions.Fraction"):
        parts: list[int] = [base.numerator.__get__(value), base.denominator.__get__(value)]
        return {"fraction": [_written(part) for part in parts]}
    if base := names.get("decimal.Decimal"):
        return {"decimal": base.__str__(value)}
    raise NotPlainError(f"not plain data: {type(value).__name__}")


def _whole(value: int) -> Any:
    number = int.__pos__(value)
    return number if -_INT < number < _INT else {"int": hex(number)}


def _list(value: Iterable[Any]) -> list[Any]:
    items = list(value)
    kinds = set(map(type, items))
    if kinds <= _AS_IS or (kinds == {int} and min(items) > -_INT and max(items) < _INT):
        return items
    return [_written(item) for item in items]


def _pairs(value: Any) -> dict[str, Any]:
    return {"dict": [part for pair in dict[Any, Any].items(value) for part in map(_written, pair)]}


def _complex(value: complex) -> dict[str, list[float]]:
    number = complex.__pos__(value)
    return {"complex": [number.real, number.imag]}


_AS_IS = {type(None), bool, float, str}
_WRITE: dict[type, Callable[[Any], Any]] = {
    int: _whole,
    float: float.__pos__,
    str: str.__str__,
    list: lambda value: _list(list[Any].__iter__(value)),
    tuple: lambda value: {"tuple": _list(tuple[Any, ...].__iter__(value))},
    dict: _pairs,
    set: lambda value: {"set": _list(set[Any].__iter__(value))},
    frozenset: lambda value: {"frozenset": _list(frozenset[Any].__iter__(value))},
    bytes: lambda value: {"bytes": bytes.hex(value)},
    bytearray: lambda value: {"bytearray": bytearray.hex(value)},
    complex: _complex,
}


def _tagged(pairs: list[tuple[str, Any]]) -> Any:
    if len(pairs) != 1 or pairs[0][0] not in _READ:
        raise NotPlainError("an object that is no tag")
    tag, content = pairs[0]
    kind, read = _READ[tag]
    if type(content) is not kind:
        raise NotPlainError(f"{tag} of {type(content).__name__}")
    return read(content)


def _hashable(items: list[Any]) -> list[Any]:
    """Return the items, if a set or dict of them can be built in linear time."""
    try:
        hashes = sorted(map(hash, items))
    except TypeError as error:
        raise NotPlainError(str(error)) from None
    if any(map(int.__eq__, hashes, hashes[_EQUAL_HASHES:])):
        raise NotPlainError("too many elements with one hash")
    return items


def _read_dict(parts: list[Any]) -> dict[Any, Any]:
    if len(parts) % 2:
        raise NotPlainError("a key without a value")
    return dict(zip(_hashable(parts[::2]), parts[1::2], strict=True))


def _read_complex(parts: list[Any]) -> complex:
    if list(map(type, parts)) != [float, float]:
        raise NotPlainError("complex of other parts than two floats")
    return complex(*parts)


def _read_fraction(parts: list[Any]) -> Any:
    from fractions import Fraction

    if list(map(type, parts)) != [int, int] or parts[1] < 1:
        raise NotPlainError("fraction of other parts than two whole numbers")
    return Fraction(*parts)


def _read_decimal(text: str) -> Any:
    from decimal import Decimal, InvalidOperation

    try:
        number = Decimal(text)
    except InvalidOperation:
        raise NotPlainError("decimal that is no number") from None
    if number.is_finite() and number and abs(number.adjusted()) > _EXPONENT:
        raise NotPlainError("decimal of too large an exponent")
    return number


_READ: dict[str, tuple[type, Read]] = {
    "int": (str, lambda text: int(text, 16)),
    "tuple": (list, tuple),
    "dict": (list, _read_dict),
    "set": (list, lambda items: set(_hashable(items))),
    "frozenset": (list, lambda items: frozenset(_hashable(items))),
    "bytes": (str, bytes.fromhex),
    "bytearray": (str, bytearray.fromhex),
    "complex": (list, _read_complex),
    "fraction": (list, _read_fraction),
    "decimal": (str, _read_decimal),
}
