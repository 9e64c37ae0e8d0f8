"""Arithmetic of computed fields: `job.words * job.rate`, parsed once, never executed as Python."""

import ast
import operator
from collections.abc import Callable
from decimal import Decimal, DecimalException
from functools import lru_cache

Path = tuple[str, ...]
Lookup = Callable[[Path], Decimal | None]
OPERATORS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Malformed(ValueError):
    """A formula that is no plain arithmetic."""


@lru_cache(maxsize=1024)
def parse(text: str) -> ast.expr:
    """Reads a formula; only numbers, fields, `+ - * /` and brackets are arithmetic here."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise Malformed(f"`{text}` is no arithmetic") from error


def evaluate(text: str, lookup: Lookup) -> Decimal | None:
    """Calculates a formula; empty when something that it needs is empty or a divisor is zero."""
    try:
        return calculate(parse(text), lookup)
    except DecimalException:
        return None


def calculate(node: ast.expr, lookup: Lookup) -> Decimal | None:
    """Calculates one node and everything below it."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return Decimal(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = calculate(node.operand, lookup)
        return -inner if inner is not None and isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        left, right = calculate(node.left, lookup), calculate(node.right, lookup)
        if left is None or right is None:
            return None
        return OPERATORS[type(node.op)](left, right)
    return lookup(path(node))


def path(node: ast.expr) -> Path:
    """Turns `job.words` into its parts."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        return (*path(node.value), node.attr)
    raise Malformed(f"`{ast.unparse(node)}` is no number and no field")
