"""Files whose weights have four bits a number, as bitsandbytes writes them: nf4 and fp4.

Beside ``X.weight``, which is bytes, stand ``X.weight.absmax`` (a scale a block), ``X.weight.quant_map`` (what the
sixteen codes mean) and ``X.weight.quant_state.bitsandbytes__nf4``, a JSON text in bytes that gives the shape. The
scales may be quantised themselves; then ``nested_absmax`` and ``nested_quant_map`` say how.
Source: Dettmers et al. 2023 (QLoRA).
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import ModelFileError
from limner.models.load.content import Content, Derived
from limner.models.load.header import TensorInfo
from limner.models.load.quantised.encoding import Codebook
from limner.models.load.quantised.tensor import QuantisedTensor

ABSMAX = ".absmax"
STATES: Mapping[str, str] = {
    ".quant_state.bitsandbytes__nf4": "nf4",
    ".quant_state.bitsandbytes__fp4": "fp4",
}
NESTED = (".nested_absmax", ".nested_quant_map")


def four_bits(content: Content, file: str) -> dict[str, Derived]:
    """Weights of four bits, by name.

    Raises:
        ModelFileError: if what should describe one makes no sense.
    """
    states = {
        stored.removesuffix(suffix): (stored, kind)
        for stored in content.tensors
        for suffix, kind in STATES.items()
        if stored.endswith(suffix) and content.tensors[stored].bytes < 1 << 16
    }
    if not states:
        return {}
    texts = content.read([stored for stored, _ in states.values()]).tensors
    return {
        name: _derived(content, file, name, kind, _state(file, name, texts[stored]))
        for name, (stored, kind) in states.items()
    }


def _state(file: str, name: str, text: Tensor) -> dict[str, Any]:
    """The description of a weight, as far as it is needed."""
    try:
        state = json.loads(bytes(text.flatten().tolist()))
        shape, block = [int(side) for side in state["shape"]], int(state["blocksize"])
        nested, offset = int(state.get("nested_blocksize", 0)), float(state.get("nested_offset", 0))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelFileError(f"{file}: the description of {name} makes no sense. Download it again.") from error
    return {"shape": tuple(shape), "block": block, "nested": nested, "offset": offset}


def _derived(content: Content, file: str, name: str, kind: str, state: Mapping[str, Any]) -> Derived:
    shape, block = state["shape"], state["block"]
    nested = NESTED if state["nested"] > 0 else ()
    suffix = next(suffix for suffix, known in STATES.items() if known == kind)
    names = (name, *(name + end for end in (ABSMAX, ".quant_map", *nested, suffix)))
    missing = [part for part in names if part not in content.tensors]
    count = math.prod(shape)
    blocks = -(-count // block) if block > 0 else 0
    wanted = [-(-count // 2), blocks, 16, *((-(-blocks // state["nested"]), 256) if nested else ())]
    kinds = ("uint8", "uint8" if nested else "float", *("float",) * (1 + len(nested)))
    fits = not missing and min(shape, default=0) > 0 and blocks > 0
    for part, size, dtype in zip(names[:-1], wanted, kinds, strict=True) if fits else ():
        info = content.tensors[part]
        fits = fits and math.prod(info.shape) == size and info.dtype.startswith(dtype)
    if not fits:
        raise ModelFileError(f"{file}: {name} and what describes it do not fit together. Download it again.")
    taken = sum(content.tensors[part].bytes for part in names)
    info = TensorInfo(shape, kind, content.tensors[name].begin, taken)
    return Derived(names, info, _join(kind, state))


def _join(kind: str, state: Mapping[str, Any]) -> Callable[..., Tensor]:
    """Makes one weight of its parts."""

    def join(codes: Tensor, absmax: Tensor, table: Tensor, *more: Tensor) -> Tensor:
        scales = _scales(absmax, more, state) if state["nested"] > 0 else absmax.float()
        shape, block = state["shape"], state["block"]
        encoding = Codebook(kind, tuple(table.float().flatten().tolist()))
        columns = math.prod(shape[1:])
        if columns % block == 0 and columns % 2 == 0:
            rows = codes.reshape(shape[0], -1), scales.reshape(shape[0], -1)
            return QuantisedTensor(encoding, *rows, shape, torch.float32)
        # Blocks that reach over the ends of rows: such a weight is kept as numbers.
        values = encoding.decode(codes.reshape(1, -1), None, codes.numel() * 2, torch.float32).flatten()
        values = values[: math.prod(shape)]
        return (values * scales.flatten().repeat_interleave(block)[: len(values)]).reshape(shape)

    return join


def _scales(absmax: Tensor, nested: tuple[Tensor, ...], state: Mapping[str, Any]) -> Tensor:
    """Scales that were quantised themselves, by a table of 256."""
    outer, table = nested[0].float().flatten(), nested[1].float().flatten()
    codes = absmax.flatten()
    return table[codes.int()] * outer.repeat_interleave(state["nested"])[: len(codes)] + state["offset"]
