"""Text encoders in GGUF files, under the names and in the order that transformers' networks expect.

Beyond names, two things differ. In files of the llama architecture the rows of queries and keys are ordered for a
rotation of neighbours, while transformers rotates halves; the rows are put back, packed as they are. Files of Gemma
keep its norms' weights with one added; it is taken off.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor

from limner.models.load import gguf_names_keys as keys
from limner.models.load.content import Content, Derived, DerivedContent


def with_text_names(content: Content) -> Content:
    """A text encoder's tensors under transformers' names; any other content as it is."""
    architecture = content.metadata.get("general.architecture", "")
    if architecture in keys.T5:
        names = {name: _t5_name(name, content) for name in content.tensors}
    elif architecture in keys.DECODERS:
        names = {name: _decoder_name(name, architecture) for name in content.tensors}
    else:
        return content
    derived = {
        new: Derived((old,), content.tensors[old], _change(old, architecture, content.metadata))
        for old, new in names.items()
        if new
    }
    return DerivedContent(content, derived)


def _t5_name(name: str, content: Content) -> str | None:
    """The name of an encoder's tensor in transformers; None for the decoder's, which nothing needs."""
    found = re.fullmatch(r"enc\.blk\.(\d+)\.(\w+)\.weight", name)
    if not found:
        return keys.T5_WHOLE.get(name)
    gated = f"enc.blk.{found[1]}.ffn_gate.weight" in content.tensors
    table = keys.T5_BLOCK if gated else {**keys.T5_BLOCK, **keys.T5_UNGATED}
    return f"encoder.block.{found[1]}.{table[found[2]]}.weight" if found[2] in table else None


def _decoder_name(name: str, architecture: str) -> str | None:
    """The name of a tensor in transformers; None for what its networks compute themselves (rotation tables)."""
    found = re.fullmatch(r"blk\.(\d+)\.(\w+)\.(weight|bias)", name)
    if not found:
        return keys.DECODER_WHOLE.get(name)
    table = {**keys.DECODER_BLOCK, **(keys.GEMMA_BLOCK if architecture in keys.GEMMA else {})}
    return f"model.layers.{found[1]}.{table[found[2]]}.{found[3]}" if found[2] in table else None


def _change(name: str, architecture: str, metadata: Mapping[str, str]) -> Callable[[Tensor], Tensor] | None:
    """What has to be done to a tensor; None: nothing."""
    if architecture.startswith("gemma") and name.endswith("norm.weight"):
        return _less_one
    if architecture not in keys.TURNED:
        return None
    kind = {"attn_q": "head_count", "attn_k": "head_count_kv"}.get(name.split(".")[-2])
    heads = metadata.get(f"{architecture}.attention.{kind}") or metadata.get(f"{architecture}.attention.head_count", "")
    return partial(_turned_back, heads=int(heads)) if kind and heads.isdigit() and int(heads) else None


def _less_one(weight: Tensor) -> Tensor:
    return weight - 1


def _turned_back(weight: Tensor, heads: int) -> Tensor:
    """Rows of pairs of neighbours back to rows of two halves, a head at a time. Shapes: returns like weight."""
    if len(weight) % (2 * heads):
        return weight
    places = torch.arange(len(weight)).reshape(heads, -1, 2).transpose(1, 2).flatten()
    return weight[places]
