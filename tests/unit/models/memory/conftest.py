"""Two tiny networks of the real classes, in files of half precision, so that every block has to be converted."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.model_file import ModelFile
from limner.models.memory.ledger import ResidencyLedger
from limner.models.memory.working_memory import WorkEstimate
from limner.models.network import Network


def tiny_transformer():
    from diffusers import FluxTransformer2DModel

    return FluxTransformer2DModel(
        in_channels=16,
        num_layers=2,
        num_single_layers=3,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        axes_dims_rope=(4, 4, 8),
    )


def transformer_inputs(tokens=16):
    generator = torch.Generator().manual_seed(0)
    return {
        "hidden_states": torch.randn(2, tokens, 16, generator=generator),
        "encoder_hidden_states": torch.randn(2, 8, 32, generator=generator),
        "pooled_projections": torch.randn(2, 32, generator=generator),
        "timestep": torch.tensor([0.3, 0.7]),
        "img_ids": torch.zeros(tokens, 3),
        "txt_ids": torch.zeros(8, 3),
        "return_dict": False,
    }


def tiny_unet():
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        block_out_channels=(32, 64),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=8,
    )


def unet_inputs(side=8):
    generator = torch.Generator().manual_seed(0)
    return {
        "sample": torch.randn(2, 4, side, side, generator=generator),
        "timestep": torch.tensor([3, 700]),
        "encoder_hidden_states": torch.randn(2, 8, 32, generator=generator),
        "return_dict": False,
    }


CASES = {"unet": (tiny_unet, unet_inputs), "transformer": (tiny_transformer, transformer_inputs)}


@dataclass(frozen=True)
class Case:
    """A network's file, its blueprint, and what it is called with."""

    file: ModelFile
    blueprint: Blueprint
    inputs: Mapping[str, Any]

    def network(self, capacity=None, dtype=torch.float32, **options):
        """The network on a device of its own."""
        ledger = ResidencyLedger("cpu", capacity)
        return Network("tiny", self.file, self.blueprint, dtype, torch.device("cpu"), ledger, **options)

    @cached_property
    def least(self):
        """Fewest bytes with which it works."""
        return self.network()._places.least

    @cached_property
    def whole(self):
        """All its bytes."""
        return self.network()._places.bytes

    @cached_property
    def work(self):
        """Bytes that an evaluation takes beside them."""
        return WorkEstimate(self.blueprint.build, torch.float32).bytes("", (), self.inputs)

    def run(self, network, **changes):
        """One evaluation."""
        with torch.no_grad(), network.lease("denoising") as module:
            return module(**{**self.inputs, **changes})[0]


@pytest.fixture(scope="session", params=CASES)
def case(request, tmp_path_factory):
    """A case."""
    build, inputs = CASES[request.param]
    torch.manual_seed(0)
    state = {name: tensor.half() for name, tensor in build().state_dict().items()}
    path = tmp_path_factory.mktemp(request.param) / "network.safetensors"
    save_file(state, path)
    return Case(ModelFile.open(path), Blueprint({name: Source((name,)) for name in state}, build), inputs())
