"""Prompts from file or textbox: one drawing a line, each with settings of its own."""

import shlex
from collections.abc import Sequence
from typing import Any

from limner.dialects.a1111.errors import invalid
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.options import CHECKPOINT
from limner.dialects.a1111.request import Asked
from limner.dialects.a1111.script import ARGUMENTS, MOST_DRAWINGS, Argument, Cell, Grid, Script, Spread

FIELDS = (
    "prompt",
    "negative_prompt",
    "styles",
    "seed",
    "subseed_strength",
    "subseed",
    "seed_resize_from_h",
    "seed_resize_from_w",
    "sampler_name",
    "sampler_index",
    "scheduler",
    "batch_size",
    "n_iter",
    "steps",
    "cfg_scale",
    "width",
    "height",
    "restore_faces",
    "tiling",
    "denoising_strength",
    "do_not_save_samples",
    "do_not_save_grid",
)
"""What a line may set,"""

UNUSED = ("outpath_samples", "outpath_grids", "prompt_for_display")
"""and what it may, but nothing comes of it."""

LINES = 3
"""Place of the text among the arguments."""


def spread(asked: Asked, told: Sequence[Any], known: Known) -> Spread:
    """Every line is a prompt, or has options: ``--prompt "a cat" --seed 3 --sd_model base``."""
    running, same, position, text, combined = told
    lines = [line for line in (line.strip() for line in str(text).splitlines()) if line]
    if not 0 < len(lines) <= MOST_DRAWINGS:
        raise invalid(f"{len(lines)} lines were sent; 1 to {MOST_DRAWINGS} are drawn.", ARGUMENTS, LINES)
    cells: list[Cell] = []
    seed = asked.seed
    for line in lines:
        fields, options = _read(line)
        own = asked["prompt"]
        if own and "prompt" in fields:
            pair = (own, fields["prompt"]) if position == "start" else (fields["prompt"], own)
            fields["prompt"] = " ".join(pair)
        chosen = seed if running or same else asked["seed"]
        cell = asked.changed(**{"seed": chosen, **fields})
        cells.append(Cell(asked=cell, options=options))
        seed += cell.count if running else 0
    grid = Grid(columns=("",) * len(cells)) if combined and len(cells) > 1 else None
    return Spread(cells=tuple(cells), grid=grid, settings={"Script": "Prompts from file or textbox"})


def _read(line: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields and options that a line sets."""
    if "--" not in line:
        return {"prompt": line}, {}
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise invalid(f"The line {line!r:.100} cannot be read ({error}).", ARGUMENTS, LINES) from error
    fields: dict[str, Any] = {}
    options: dict[str, Any] = {}
    rest = iter(words)
    for word in rest:
        name = word.removeprefix("--")
        value = next(rest, None)
        if not word.startswith("--") or value is None:
            raise invalid(f"The line {line!r:.100} has {word!r:.40} without a name or a value.", ARGUMENTS, LINES)
        if name == "sd_model":
            options[CHECKPOINT] = value
        elif name in FIELDS:
            fields[name] = value.split(",") if name == "styles" else value
        elif name not in UNUSED:
            known = ", ".join(("sd_model", *FIELDS))
            raise invalid(f"A line may not set {name!r:.40}; it may set {known}.", ARGUMENTS, LINES)
    return fields, options


SCRIPT = Script(
    name="prompts from file or textbox",
    spread=spread,
    arguments=(
        Argument(label="Iterate seed every line", value=False),
        Argument(label="Use same random seed for all lines", value=False),
        Argument(label="Insert prompts at the", value="start", choices=("start", "end")),
        Argument(label="List of prompt inputs", value=""),
        Argument(label="Make a combined image", value=False),
    ),
)
