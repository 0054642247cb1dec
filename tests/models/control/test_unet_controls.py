"""ControlNets and T2I-Adapters of UNets against diffusers' own converter and its pipelines' calls."""

import gzip
import json
from pathlib import Path

import diffusers
import pytest
import torch
from diffusers.loaders.single_file_utils import convert_controlnet_checkpoint
from safetensors.torch import save_file

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.control.control import AppliedControl, covering
from limner.models.control.registry import open_control_net
from limner.models.library import ModelLibrary
from limner.sampling.conditioning import CONTROL
from limner.storage.folders import Folders

UNET = "model.diffusion_model."
LAYOUTS = Path(__file__).parents[1] / "layouts.json.gz"
NARROW = {320: 32, 640: 64, 960: 96, 1280: 128, 1920: 192, 2560: 256, 5120: 512, 10240: 1024, 768: 64}
HINT = (4, 4, 6, 6, 8, 8, 12, 32)
"""Channels of the hint block; the last ones are the network's."""
SIGMA = 2.0


def random_like(shape, generator):
    fan_in = max(1, int(torch.tensor(shape[1:]).prod())) if len(shape) > 1 else 1
    return torch.randn(shape, generator=generator) / fan_in**0.5


def tiny_unet():
    """Tensors of Stable Diffusion 1's UNet with narrow sides."""
    with gzip.open(LAYOUTS) as file:
        table = json.load(file)["sd15"]
    generator = torch.Generator().manual_seed(0)
    shapes = {
        name: [NARROW.get(side, side) for side in shape] for name, shape in table.items() if name.startswith(UNET)
    }
    return {name: random_like(shape, generator) for name, shape in shapes.items()}


def original_control_net(generator):
    """Tensors of a tiny ControlNet in the original layout."""
    state, blocks = {}, set()
    for name, value in tiny_unet().items():
        inside = name.removeprefix(UNET)
        if inside.startswith(("time_embed", "input_blocks", "middle_block")):
            state[inside] = random_like(value.shape, generator)
            if inside.startswith("input_blocks"):
                blocks.add(int(inside.split(".")[1]))
    widths = [32, 32, 32, 32, 64, 64, 64, 128, 128, 128, 128, 128]
    assert len(widths) == len(blocks)
    for number, width in enumerate(widths):
        state[f"zero_convs.{number}.0.weight"] = random_like((width, width, 1, 1), generator)
        state[f"zero_convs.{number}.0.bias"] = random_like((width,), generator)
    state["middle_block_out.0.weight"] = random_like((128, 128, 1, 1), generator)
    state["middle_block_out.0.bias"] = random_like((128,), generator)
    before = 3
    for number, width in enumerate(HINT):
        state[f"input_hint_block.{2 * number}.weight"] = random_like((width, before, 3, 3), generator)
        state[f"input_hint_block.{2 * number}.bias"] = random_like((width,), generator)
        before = width
    return {f"control_model.{name}": value for name, value in state.items()}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("control")
    models = root / "models"
    for kind in ("diffusion_models", "controlnet"):
        (models / kind).mkdir(parents=True)
    generator = torch.Generator().manual_seed(3)
    save_file(tiny_unet(), models / "diffusion_models" / "tiny.safetensors")
    save_file(original_control_net(generator), models / "controlnet" / "original.safetensors")
    torch.manual_seed(5)
    for name, kind, channels in (
        ("full", "full_adapter", [32, 64, 128, 128]),
        ("light", "light_adapter", [32, 64, 128]),
    ):
        adapter = diffusers.T2IAdapter(channels=channels, num_res_blocks=2, adapter_type=kind)
        adapter.save_pretrained(root / name)
        state = {key.removeprefix("adapter."): value for key, value in adapter.state_dict().items()}
        save_file(state, models / "controlnet" / f"{name}.safetensors")
        save_file(as_published(state, kind), models / "controlnet" / f"{name}_original.safetensors")
    return root, Folders.under(root, model_roots=(models,))


def as_published(state, kind):
    """A T2I-Adapter's tensors in its authors' names."""
    renamed = {}
    for name, value in state.items():
        parts = name.split(".")
        if kind == "light_adapter" and parts[2] == "resnets":
            parts[2] = "body"
        elif kind == "full_adapter" and parts[0] == "body":
            level = int(parts[1])
            place = int(parts[3]) if parts[2] == "resnets" else 0
            parts = ["body", str(2 * level + place), *(parts[4:] if parts[2] == "resnets" else parts[2:])]
        renamed[".".join(parts)] = value
    return renamed


@pytest.fixture
def library(folders):
    return ModelLibrary(folders[1])


def asked(library, control, batch=2):
    """Our prediction under a control, with what the network was shown."""
    generator = torch.Generator().manual_seed(11)
    model = library.diffusion_model("tiny.safetensors")
    x = torch.randn(batch, 4, 8, 8, generator=generator)
    context = torch.randn(1, 77, 64, generator=generator)
    options = {} if control is None else {CONTROL: control}
    rows = [model.inputs({CONTROL: control.row(n)} if control else {}, context, x) for n in range(batch)]
    inputs = {name: torch.cat([row[name] for row in rows]) for name in rows[0]}
    timestep = torch.full((batch,), 500.0)
    output = model.for_entry(options, SIGMA).predict(x, timestep, inputs)
    return model, output, (x, timestep, context.expand(batch, -1, -1))


def pictures(batch=2):
    return torch.rand(batch, 3, 64, 64, generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize("strength", [1.0, 0.4])
def test_control_net_in_the_original_layout(library, folders, strength):
    net = open_control_net(library, "original.safetensors")
    model, output, shown = asked(library, AppliedControl(net, pictures(), strength))
    state = original_control_net(torch.Generator().manual_seed(3))
    oracle = diffusers.ControlNetModel(
        block_out_channels=(32, 64, 128, 128),
        cross_attention_dim=64,
        attention_head_dim=8,
        norm_num_groups=8,
        conditioning_embedding_out_channels=(4, 6, 8, 12),
    ).eval()
    oracle.load_state_dict(convert_controlnet_checkpoint(state, dict(oracle.config)))
    with torch.no_grad(), model.network.lease() as unet:
        down, middle = oracle(*shown, controlnet_cond=pictures(), conditioning_scale=strength, return_dict=False)
        wanted = unet(*shown, down_block_additional_residuals=down, mid_block_additional_residual=middle).sample
        plain = unet(*shown).sample
    assert (output - wanted).abs().max() < 1e-4
    assert (output - plain).abs().max() > 1e-2


@pytest.mark.parametrize("name", ["full", "light", "full_original", "light_original"])
def test_t2i_adapter(library, folders, name):
    net = open_control_net(library, f"{name}.safetensors")
    model, output, shown = asked(library, AppliedControl(net, pictures(), 0.7))
    adapter = diffusers.T2IAdapter.from_pretrained(folders[0] / name.removesuffix("_original"))
    with torch.no_grad(), model.network.lease() as unet:
        features = [feature * 0.7 for feature in adapter(pictures())]
        wanted = unet(*shown, down_intrablock_additional_residuals=features).sample
        plain = unet(*shown).sample
    assert (output - wanted).abs().max() < 1e-4
    assert (output - plain).abs().max() > 1e-3


def test_controls_add_up_and_each_sample_has_its_picture(library):
    first = AppliedControl(open_control_net(library, "original.safetensors"), pictures(), 0.5)
    both = AppliedControl(open_control_net(library, "full.safetensors"), pictures(1), 0.5, previous=first)
    assert both.rows == 2
    _, together, _ = asked(library, both)
    alone = [asked(library, both.row(number))[1][number] for number in range(2)]
    assert torch.allclose(together, torch.stack(alone), atol=1e-5)
    _, without, _ = asked(library, first)
    assert (together - without).abs().max() > 1e-3


def test_a_control_counts_in_its_part_of_the_walk(library):
    net = open_control_net(library, "original.safetensors")
    model, late, _ = asked(library, AppliedControl(net, pictures(), start=0.9))
    _, never, _ = asked(library, None)
    assert torch.equal(late, never)
    assert model.for_entry({CONTROL: AppliedControl(net, pictures(), end=0.9)}, SIGMA).key != model.key


def test_pictures_are_cut_to_the_middle():
    picture = torch.arange(8.0).expand(1, 1, 4, 8)
    assert torch.equal(covering(picture, 4, 4)[0, 0, 0], torch.tensor([2.0, 3.0, 4.0, 5.0]))
    assert covering(picture, 8, 16).shape == (1, 1, 8, 16)


def test_what_does_not_fit_is_said(library, folders):
    save_file({"a": torch.ones(1)}, folders[0] / "models" / "controlnet" / "other.safetensors")
    with pytest.raises(ModelFileError, match="no control network of a known kind"):
        open_control_net(library, "other.safetensors")
    net = open_control_net(library, "original.safetensors")
    wrong = AppliedControl(
        net.__class__(net.kind.__class__(**{**vars(net.kind), "steers": ("flux",)}), net.network), pictures()
    )
    with pytest.raises(NumericsError, match="steers flux, but the model is sd1"):
        asked(library, wrong)
