"""Walks over the nodes of an answer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from functools import lru_cache
from typing import cast, get_args

from potstill.verifiers.expressions.nodes import (
    Bound,
    Call,
    Constant,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quantity,
    Quotient,
    Sum,
    Symbol,
)

_KINDS = cast(tuple[type[Node], ...], get_args(Node))
_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in _KINDS}
_CIRCULAR = ("sin", "cos", "tan", "cot", "sec", "csc")
_SCALARS = (Number, Constant, Symbol, Sum, Product, Quotient, Power, Negative, Call, Bound)
KNOWN = frozenset(
    {f"{before}{name}" for before in ("", "arc") for name in _CIRCULAR}
    | {f"{before}{name}h" for before in ("", "ar") for name in _CIRCULAR}
    | {"exp", "ln", "log", "sqrt", "abs", "floor", "ceil", "factorial", "double_factorial"}
    | {"binomial", "permutation", "gcd", "lcm", "max", "min", "mod", "re", "im", "conj", "arg"}
    | {"det", "transpose"}
)
"""Functions that mean the same in every problem."""


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below `node`, from left to right."""
    for name in _FIELDS[type(node)]:
        yield from _nodes(getattr(node, name))


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return `node` with every node directly below it changed."""
    changed: dict[str, object] = {}
    for name in _FIELDS[type(node)]:
        old: object = getattr(node, name)
        if (new := _changed(old, change)) is not old:
            changed[name] = new
    return replace(node, **changed) if changed else node


@lru_cache(maxsize=1024)
def symbols(node: Node) -> frozenset[str]:
    """Return the names of the variables that are free in `node`."""
    if isinstance(node, Symbol):
        return frozenset((node.name,))
    below: frozenset[str] = frozenset[str]().union(*map(symbols, children(node)))
    if isinstance(node, Bound) and node.kind != "derivative":
        return below - {node.variable}
    return below


def substitute(node: Node, values: Mapping[str, Node]) -> Node:
    """Return `node` with other nodes in the place of some variables."""
    if isinstance(node, Symbol):
        return values.get(node.name, node)
    if symbols(node).isdisjoint(values):
        return node
    return rebuild(node, lambda child: substitute(child, values))


def holds(node: Node, kinds: type[Node] | tuple[type[Node], ...]) -> bool:
    """Return whether a node of some kind is anywhere in `node`, itself included."""
    return isinstance(node, kinds) or any(holds(child, kinds) for child in children(node))


@lru_cache(maxsize=1024)
def calls(node: Node) -> frozenset[str]:
    """Return the names of the functions that are called anywhere in `node`."""
    below: frozenset[str] = frozenset[str]().union(*map(calls, children(node)))
    return below | {node.name} if isinstance(node, Call) else below


def unknown_calls(node: Node) -> frozenset[str]:
    """Return the names of functions in `node` that only its problem defines."""
    return calls(node) - KNOWN


@lru_cache(maxsize=1024)
def is_scalar(node: Node) -> bool:
    """Return whether `node` is one number or one expression, without units and signs to choose."""
    match node:
        case Call("det", (Matrix(rows),)):
            return all(is_scalar(cell) for row in rows for cell in row)
        case Call(_, arguments):
            return all(is_scalar(x.value if isinstance(x, Quantity) else x) for x in arguments)
        case _:
            return isinstance(node, _SCALARS) and all(map(is_scalar, children(node)))


def as_natural(node: Node) -> Node:
    """Return `node` with every logarithm that has no base as the natural one."""
    match rebuild(node, as_natural):
        case Call("log", (of,)):
            return Call("ln", (of,))
        case inside:
            return inside


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, tuple):
        for item in cast(tuple[object, ...], value):
            yield from _nodes(item)
    elif isinstance(value, _KINDS):
        yield value


def _changed(value: object, change: Callable[[Node], Node]) -> object:
    if isinstance(value, tuple):
        old = cast(tuple[object, ...], value)
        new = tuple(_changed(item, change) for item in old)
        return old if all(one is other for one, other in zip(old, new, strict=True)) else new
    return change(value) if isinstance(value, _KINDS) else value
