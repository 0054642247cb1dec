"""Prints every family at the size of a test as a table: ``python -m tests.models.families.table``."""

import os
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from tests.models.families.case import Bench, Case, load_cases

from limner.models.load.layout import Layout
from limner.models.registry import load_families

TOLERANCE = 1e-4
HEADINGS = ("case", "family", "recognised from", "load", "sample", "decode", "max error", "seconds")


@dataclass
class Row:
    """What a case gave."""

    case: Case
    recognised: str = ""
    loaded: str = "no"
    sampled: str = "no"
    decoded: str = "-"
    error: float = float("nan")
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether everything is as it should be."""
        right = set(self.recognised.split(", ")) == set(self.case.layouts)
        return right and "no" not in (self.loaded, self.sampled, self.decoded) and self.error < TOLERANCE

    @property
    def cells(self) -> tuple[str, ...]:
        """Its texts under the headings."""
        told = (self.loaded, self.sampled, self.decoded, f"{self.error:.1e}", f"{self.seconds:.1f}")
        return (self.case.name, self.case.family, self.recognised, *told)


def tried(case: Case, root: Path) -> Row:
    """Does everything with a case that its test does."""
    row, begun = Row(case), time.perf_counter()
    bench = Bench(case, root)
    known = load_families().values()
    right = []
    for name, layout in case.layouts.items():
        state = layout(bench.network.state_dict()).state
        shapes = Layout({key: tuple(tensor.shape) for key, tensor in state.items()})
        if [family.name for family in known if family.recognise(shapes)] == [case.family]:
            right.append(name)
    row.recognised = ", ".join(right)
    models = [bench.load(name) for name in case.layouts]
    row.loaded = "yes"
    latent = bench.sample(models[0])
    row.sampled = "yes" if bool(latent.isfinite().all()) else "no"
    pictures = bench.decode(latent)
    if pictures is not None:
        row.decoded = "yes" if bool(pictures.isfinite().all()) else "no"
    row.error = max(bench.error(model) for model in models)
    row.seconds = time.perf_counter() - begun
    return row


def main() -> int:
    """Prints the table; gives 1 if a case fails."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(min(2, os.cpu_count() or 1))
    rows = []
    for case in load_cases().values():
        with TemporaryDirectory() as root:
            rows.append(tried(case, Path(root)))
    lines = [HEADINGS, *(row.cells for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    failed = [row.case.name for row in rows if not row.passed]
    print(
        f"{len(rows) - len(failed)} of {len(rows)} as they should be"
        + (f"; not: {', '.join(failed)}" if failed else "")
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
