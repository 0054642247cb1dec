"""Changes of some rows of a weight: networks may keep in parts what a file kept as one."""

from dataclasses import dataclass

from torch import Tensor

from limner.graph.errors import NumericsError
from limner.models.adapters.adapter import Change, Rewrite, RowWise


@dataclass(frozen=True)
class Rows:
    """Some rows of a change.

    Attributes:
        change: Of the whole weight.
        rows: Which, [n] int64.
        count: Rows of the whole weight.
    """

    change: Change
    rows: Tensor
    count: int

    def amount(self, shape: tuple[int, ...]) -> Tensor:
        """What is added to these rows. Shapes: returns ``shape``.

        Raises:
            NumericsError: if the change does not fit the whole weight.
        """
        return self.change.amount((self.count, *shape[1:]))[self.rows]


def rows_of(change: Change | Rewrite, rows: Tensor, count: int) -> Change | Rewrite:
    """A change of some rows of a weight.

    Args:
        change: Of the whole weight.
        rows: Which, [n] int64.
        count: Rows of the whole weight.

    Raises:
        NumericsError: if the change mixes rows.
    """
    if isinstance(change, RowWise):
        return change.of_rows(rows)
    if isinstance(change, Rewrite):
        raise NumericsError(f"{type(change).__name__} mixes the rows of a weight that is kept in parts here.")
    return Rows(change, rows, count)
