"""A tiny UNet with attention at every level, and what it is given."""

import pytest
import torch
from diffusers import UNet2DConditionModel

from limner.models import unet_walk
from limner.models.patches.patch import Hooks


@pytest.fixture(scope="session")
def network():
    torch.manual_seed(0)
    return UNet2DConditionModel(
        block_out_channels=(16, 32, 64),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        attention_head_dim=(2, 2, 4),
        cross_attention_dim=12,
        norm_num_groups=4,
    ).eval()


@pytest.fixture(scope="session")
def given():
    generator = torch.Generator().manual_seed(1)
    return {
        "x": torch.randn(2, 4, 16, 24, generator=generator),
        "timestep": torch.tensor([30.0, 700.0]),
        "context": torch.randn(2, 7, 12, generator=generator),
    }


@pytest.fixture
def run(network, given):
    """A pass with patches; gives the output and what was reported."""

    def passed(*patches, **options):
        hooks = Hooks()
        for patch in patches:
            patch.into(hooks, network)
        reports = {}
        told = {**hooks.options(), "reports": reports, **options}
        with torch.no_grad():
            output = unet_walk.forward(network, **given, vector=None, control=None, options=told)
        return output, reports

    return passed


@pytest.fixture
def plain(network, given):
    """The network's own output."""
    with torch.no_grad():
        return network(given["x"], given["timestep"], encoder_hidden_states=given["context"], return_dict=False)[0]
