"""Prints every kind of adapter and every trainer's names as a table: ``python -m tests.models.adapters.table``."""

import logging
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from tests.models.adapters import formulas, layouts, lycoris, peft, text_layouts, transformer_layouts
from tests.models.adapters.case import layers

HEADINGS = ("kind", "layout", "on", "oracle", "max error", "detached bit for bit")
KIND_TOLERANCE, TOLERANCE = 1e-5, 1e-4

Row = tuple[str, ...]


def of_kinds() -> Iterator[tuple[Row, bool]]:
    """A row for each kind in each layout, and whether it is as it should be."""
    for case in (*formulas.CASES, *lycoris.CASES, *peft.CASES):
        torch.manual_seed(1)
        error, detached = 0.0, True
        for layer in layers():
            before = [value.clone() for value in layer.state_dict().values()]
            error = max(error, case.error(layer))
            after = layer.state_dict().values()
            detached &= all(map(torch.equal, before, after))
        right = error < KIND_TOLERANCE and detached
        yield (case.kind, case.layout, "a layer", case.oracle, f"{error:.1e}", yes(detached)), right


def of_layouts() -> Iterator[tuple[Row, bool]]:
    """A row for each trainer's names on each network, and whether it is as it should be."""
    both = transformer_layouts.both_layouts()
    for case in (*layouts.CASES, *transformer_layouts.CASES, *both, *text_layouts.CASES):
        with TemporaryDirectory() as root:
            tried = case.tried(Path(root))
        right = tried.error < TOLERANCE < tried.effect / 100 and tried.detached
        place = f"{case.case} ({case.stored})"
        yield ("lora", case.layout, place, case.oracle, f"{tried.error:.1e}", yes(tried.detached)), right


def yes(right: bool) -> str:
    """A word for the table."""
    return "yes" if right else "no"


def main() -> int:
    """Prints the table; gives 1 if a case fails."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    rows = [*of_kinds(), *of_layouts()]
    lines = [HEADINGS, *(cells for cells, _ in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    right = sum(right for _, right in rows)
    print(f"{right} of {len(rows)} as they should be")
    return 0 if right == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
