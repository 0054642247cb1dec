"""Networks whose numbers leave the range of float16 compute in bfloat16, unless somebody chose."""

from dataclasses import replace

import pytest
import torch

from limner.models.families.flux import FLUX
from limner.models.library import network_type
from limner.models.memory.placement import PartKind, Placement


@pytest.mark.parametrize(
    ("device", "chosen", "expected"),
    [("cuda", None, torch.bfloat16), ("cuda", torch.float16, None), ("cpu", None, None)],
)
def test_wide_networks(device, chosen, expected):
    dtypes = {} if chosen is None else {PartKind.NETWORK: chosen}
    placement = Placement(torch.device(device), dtypes=dtypes)
    assert network_type(placement, FLUX) is expected
    assert network_type(placement, replace(FLUX, wide=False)) is None
