"""A change of some rows is those rows of the whole change, whatever its kind."""

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.models.adapters.registry import load_kinds, read_adapter
from limner.models.adapters.rows import rows_of
from limner.models.load.model_file import ModelFile
from limner.models.memory.changes import changed

OUT, IN = 12, 8
ROWS = torch.tensor([3, 4, 5, 9])


def parts(**shapes):
    generator = torch.Generator().manual_seed(1)
    return {f"lora_unet_x.{name}": torch.randn(shape, generator=generator) for name, shape in shapes.items()}


LORA = {"lora_up.weight": (OUT, 2), "lora_down.weight": (2, IN)}
KINDS = {
    "lora": parts(**LORA),
    "loha": parts(hada_w1_a=(OUT, 2), hada_w1_b=(2, IN), hada_w2_a=(OUT, 2), hada_w2_b=(2, IN)),
    "lokr": parts(lokr_w1=(3, 2), lokr_w2=(4, 4)),
    "full": parts(diff=(OUT, IN)),
    "dora": parts(**LORA, dora_scale=(OUT, 1)),
    "glora": parts(
        **{"a1.weight": (IN, 2), "a2.weight": (2, IN), "b1.weight": (OUT, 2), "b2.weight": (2, IN)},
    ),
    "ia3": parts(weight=(OUT, 1)),
}


def change(kind):
    tensors = KINDS[kind]
    if kind == "ia3":
        tensors = {**tensors, "lora_unet_x.on_input": torch.tensor(0.0)}
    [found] = read_adapter(kind, ModelFile.of(tensors), load_kinds()).changes.values()
    return found


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_rows(kind):
    weight = torch.randn(OUT, IN, generator=torch.Generator().manual_seed(2))
    whole = change(kind)
    wanted = changed(weight, [(whole, 0.7)])
    found = changed(weight[ROWS], [(rows_of(whole, ROWS, OUT), 0.7)])
    torch.testing.assert_close(found, wanted[ROWS])
    assert not torch.equal(wanted, weight)


def test_what_mixes_rows_says_so():
    tensors = {"lora_unet_x.oft_blocks": torch.zeros(2, 6, 6), "lora_unet_x.alpha": torch.tensor(0.0)}
    [turned] = read_adapter("oft", ModelFile.of(tensors), load_kinds()).changes.values()
    with pytest.raises(NumericsError, match="mixes the rows"):
        rows_of(turned, ROWS, OUT)
