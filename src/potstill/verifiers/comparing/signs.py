r"""The values that an expression with `\pm` stands for."""

from collections.abc import Iterator, Mapping
from itertools import product

from potstill.verifiers.comparing.trees import children, holds, rebuild
from potstill.verifiers.expressions.nodes import Items, Negative, Node, PlusMinus, SetOf, Sum

_MOST = 4


def spread(node: Node) -> Node:
    r"""Return `node` with every value that `\pm` in it gives written out, as items.

    Signs are chosen one by one: `\pm 1 \pm 2` are four values. Only where there is a `\mp` too they
    go together: `\pm 1 \mp 2` are two.
    """
    if not holds(node, PlusMinus):
        return node
    if isinstance(node, Items):
        return Items(tuple(v for item in node.items for v in _variants(item)), node.joined)
    if isinstance(node, SetOf):
        return SetOf(tuple(v for item in node.items for v in _variants(item)))
    return Items(_variants(node), "or")


def ambiguous(node: Node) -> bool:
    r"""Return whether it isn't clear if the signs in `node` are chosen one by one."""
    inside = _parts(node) if isinstance(node, Items | SetOf) else [node]
    signs = ([*_signs(item)] for item in inside)
    return any(len(found) > 1 and not any(s.minus_first for s in found) for found in signs)


def _parts(node: Items | SetOf) -> list[Node]:
    return [*node.items]


def _signs(node: Node) -> Iterator[PlusMinus]:
    if isinstance(node, PlusMinus):
        yield node
    for child in children(node):
        yield from _signs(child)


def _variants(node: Node) -> tuple[Node, ...]:
    signs = [*dict.fromkeys(_signs(node))]
    if len(signs) > _MOST:
        return (node,)
    linked = any(sign.minus_first for sign in signs)
    choices = (
        [[up] * len(signs) for up in (True, False)]
        if linked
        else product((True, False), repeat=len(signs))
    )
    return tuple(
        dict.fromkeys(_chosen(node, dict(zip(signs, ups, strict=True))) for ups in choices)
    )


def _chosen(node: Node, up: Mapping[PlusMinus, bool]) -> Node:
    inside = rebuild(node, lambda child: _chosen(child, up))
    if not isinstance(node, PlusMinus) or not isinstance(inside, PlusMinus):
        return inside
    right = inside.right if up[node] != node.minus_first else Negative(inside.right)
    return right if inside.left is None else Sum((inside.left, right))
