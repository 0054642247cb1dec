"""Arithmetic and texts with gaps, written by the user; nothing of it is ever run as Python."""

import ast
import math
import operator
import string
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from limner.graph.declare import Text, node
from limner.graph.errors import NumericsError
from limner.nodes.growing import given, repeated
from limner.nodes.strings import bounded

LONGEST = 4096
"""Letters of an expression."""
LARGEST_POWER = 1024
LARGEST = 1e300
WIDEST = 10_000
"""Letters that one gap may be padded to."""

LETTERS = tuple(string.ascii_lowercase)

OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}

SIGNS: Mapping[type, Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: getattr(math, name) for name in ("ceil", "floor", "sqrt", "exp", "log", "log2", "log10")},
    **{name: getattr(math, name) for name in ("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "trunc", "hypot")},
    "abs": abs,
    "min": min,
    "max": max,
    "round": round,
    "int": int,
    "float": float,
    "bool": bool,
}

CONSTANTS: Mapping[str, Any] = {"pi": math.pi, "e": math.e}


class _Evaluation:
    """The value of an expression's tree."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._names = {**CONSTANTS, **values}
        self._handlers: Mapping[type, Callable[[Any], Any]] = {
            ast.Expression: lambda part: self.of(part.body),
            ast.Constant: self._constant,
            ast.Name: self._name,
            ast.BinOp: self._binop,
            ast.UnaryOp: lambda part: self._known(SIGNS, part.op)(self.of(part.operand)),
            ast.Compare: self._compare,
            ast.BoolOp: self._boolop,
            ast.IfExp: lambda part: self.of(part.body if self.of(part.test) else part.orelse),
            ast.Call: self._call,
        }

    def of(self, part: ast.AST) -> Any:
        """The value of a part.

        Raises:
            NumericsError: if it is nothing that is allowed.
        """
        handler = self._handlers.get(type(part))
        if handler is None:
            raise NumericsError(f"{ast.unparse(part)!r} is not allowed: use numbers, names, operators and functions.")
        value = handler(part)
        if isinstance(value, complex) or (isinstance(value, int | float) and not abs(value) <= LARGEST):
            raise NumericsError(f"{ast.unparse(part)!r} gives {type(value).__name__} that is no number of use here.")
        return value

    def _constant(self, part: ast.Constant) -> Any:
        if isinstance(part.value, int | float):
            return part.value
        raise NumericsError(f"{part.value!r} is no number.")

    def _name(self, part: ast.Name) -> Any:
        if part.id not in self._names:
            raise NumericsError(f"There is no value {part.id!r}. Linked: {', '.join(self._names)}.")
        return self._names[part.id]

    def _binop(self, part: ast.BinOp) -> Any:
        first, second = self.of(part.left), self.of(part.right)
        if isinstance(part.op, ast.Pow):
            if abs(second) > LARGEST_POWER or abs(first) > LARGEST_POWER:
                raise NumericsError(f"Powers go up to {LARGEST_POWER} to the {LARGEST_POWER}.")
            return float(first) ** float(second) if isinstance(first, float) or second > 64 else first**second
        return self._known(OPERATORS, part.op)(first, second)

    def _compare(self, part: ast.Compare) -> bool:
        first = self.of(part.left)
        for sign, other in zip(part.ops, part.comparators, strict=True):
            second = self.of(other)
            if not self._known(OPERATORS, sign)(first, second):
                return False
            first = second
        return True

    def _boolop(self, part: ast.BoolOp) -> Any:
        stops = isinstance(part.op, ast.Or)
        value: Any = None
        for one in part.values:
            value = self.of(one)
            if bool(value) is stops:
                break
        return value

    def _call(self, part: ast.Call) -> Any:
        name = part.func.id if isinstance(part.func, ast.Name) else ""
        if name not in FUNCTIONS or part.keywords:
            raise NumericsError(f"{ast.unparse(part)!r} is not allowed. Functions: {', '.join(sorted(FUNCTIONS))}.")
        return FUNCTIONS[name](*map(self.of, part.args))

    def _known(self, table: Mapping[type, Any], sign: ast.AST) -> Any:
        if type(sign) not in table:
            raise NumericsError(f"The operator {type(sign).__name__} is not allowed.")
        return table[type(sign)]


def evaluate(expression: str, values: Mapping[str, Any]) -> Any:
    """The value of an arithmetic expression in Python's notation.

    Args:
        expression: For instance ``ceil(a / 8) * 8 if a > b else b``.
        values: Numbers by name.

    Raises:
        NumericsError: if it cannot be read, holds something else than arithmetic, or has no value.
    """
    wrong = [f"{name} ({type(value).__name__})" for name, value in values.items() if not isinstance(value, int | float)]
    if wrong:
        raise NumericsError(f"Expressions compute with numbers, which these are not: {', '.join(wrong)}.")
    if len(expression) > LONGEST:
        raise NumericsError(f"An expression may have {LONGEST} letters; this one has {len(expression)}.")
    try:
        return _Evaluation(values).of(ast.parse(expression.strip(), mode="eval"))
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise NumericsError(f"{expression[:80]!r} is no arithmetic expression: {error}.") from error
    except (ArithmeticError, ValueError, TypeError) as error:
        raise NumericsError(f"{expression[:80]!r} has no value: {error}.") from error


@node(
    name="ComfyMathExpression",
    title="Math Expression",
    category="utils/math",
    outputs=("FLOAT", "INT", "BOOL"),
    inputs=repeated("values", "FLOAT,INT,BOOLEAN", "value", LETTERS, 1),
)
def math_expression(
    *, expression: Annotated[str, Text(multiline=True)] = "a + b", **values: Any
) -> tuple[float, int, bool]:
    """Computes with the linked numbers, which are called a, b, c ...; for instance ``ceil(a / 8) * 8``.

    Newer than ComfyUI 0.3.64. The whole number is the result without its fraction.
    """
    result = evaluate(expression, given(values, "values"))
    return float(result), int(result), bool(result)


class _Gaps(string.Formatter):
    """Fills gaps that name a value and say how it is written, but not ones that look inside values."""

    def get_field(self, field_name: str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        """The value of a gap."""
        if field_name not in kwargs:
            raise NumericsError(f"There is no value {field_name!r}. Linked: {', '.join(kwargs) or 'none'}.")
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> Any:
        """The text of a value."""
        numbers = "".join(letter if letter.isdigit() else " " for letter in format_spec).split()
        if any(len(number) > 5 or int(number) > WIDEST for number in numbers):
            raise NumericsError(f"{format_spec!r} asks for more than {WIDEST} letters.")
        return super().format_field(value, format_spec)


@node(
    name="StringFormat",
    title="Format Text",
    category="utils/string",
    inputs=repeated("values", "*", "value", LETTERS, 0),
)
def string_format(*, f_string: Annotated[str, Text(multiline=True)], **values: Any) -> str:
    """A text whose gaps are filled with the linked values: ``{a} of {b:.2f}``; ``{{`` stands for a brace.

    Newer than ComfyUI 0.3.64.
    """
    linked = given(values, "values")
    try:
        text = _Gaps().vformat(f_string, (), linked)
    except (ValueError, TypeError, IndexError, AttributeError) as error:
        raise NumericsError(
            f"The text cannot be filled: {error}. A brace that stands for itself is doubled."
        ) from error
    bounded(len(text))
    return text
