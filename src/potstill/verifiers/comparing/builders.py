"""Set builders, with their conditions side by side."""

from potstill.verifiers.expressions.nodes import Builder, Items, Node, Relation


def unfolded(node: Builder) -> tuple[Node, tuple[Node, ...]]:
    r"""Return what a builder collects, and its conditions one by one.

    In `\{x \in \mathbb{Z} \mid x > 2, x < 5\}` that is `x`, and three conditions.
    """
    conditions = tuple(part for condition in node.conditions for part in _parts(condition))
    match node.element:
        case Relation((element, _), ("in",)):
            return element, (node.element, *conditions)
        case element:
            return element, conditions


def _parts(condition: Node) -> tuple[Node, ...]:
    if isinstance(condition, Items) and condition.joined != "or":
        return condition.items
    return (condition,)
