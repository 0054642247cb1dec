"""HunyuanVideo beside its cases: real sizes, key maps, GGUF, adapters in any naming, relatives, memory."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers.loaders.single_file_utils import convert_hunyuan_video_transformer_to_diffusers
from tests.models.adapters.layouts import KOHYA, PEFT, RANK, answer, low_rank, written
from tests.models.families.case import Bench, Trial, randomised
from tests.models.families.hunyuan_video import TEXT_TO_VIDEO, autoencoder, guided
from tests.models.families.original import original
from tests.unit.models.load.gguf_writing import write_gguf

from limner.graph.progress import SilentProgress
from limner.models.load.layout import Layout
from limner.models.memory.offload import Offload
from limner.models.memory.working_memory import WorkEstimate
from limner.models.parts.hunyuan_keys import LIKE_FLUX, PUBLISHED
from limner.models.registry import load_families
from limner.sampling.loop import DenoisingLoop
from limner.sampling.registry import SamplingRegistry

TOLERANCE = 1e-4
LATER = {rule: name for name, rule in LIKE_FLUX.items()}
"""What the layout with Flux's names calls a module, by what it becomes."""

CHANGED = (
    *("double_blocks.0.img_attn_qkv", "double_blocks.1.txt_attn_qkv", "double_blocks.1.txt_attn_proj"),
    *("double_blocks.0.img_mlp.fc1", "double_blocks.0.txt_mlp.fc2", "double_blocks.1.img_mod.linear"),
    *("single_blocks.0.linear1", "single_blocks.1.linear2", "single_blocks.1.modulation.linear"),
    *("txt_in.individual_token_refiner.blocks.0.self_attn_qkv", "txt_in.individual_token_refiner.blocks.0.mlp.fc1"),
    *("txt_in.c_embedder.linear_1", "time_in.mlp.2", "vector_in.in_layer", "final_layer.adaLN_modulation.1"),
)
"""Layers of an adapter, in the names of publication."""


@pytest.fixture(scope="module")
def real() -> Layout:
    with gzip.open(Path(__file__).parent / "data" / "video_layouts.json.gz") as file:
        stored = json.load(file)["hunyuan_video"]
    return Layout({name: tuple(shape) for name, shape in stored.items()})


@pytest.fixture
def bench(tmp_path):
    return Bench(TEXT_TO_VIDEO, tmp_path)


def later(module: str) -> str:
    """A module of the published layout in that with Flux's names."""
    number = next((part for part in module.split(".") if part.isdigit()), "")
    pattern = module if module in PUBLISHED else module.replace(f".{number}", ".{}", 1)
    return LATER[PUBLISHED[pattern]].format(number)


def shapes(state) -> Layout:
    return Layout({name: tuple(tensor.shape) for name, tensor in state.items()})


def test_the_real_size_is_of_one_family_and_fills_its_network(real):
    families = load_families()
    assert [family.name for family in families.values() if family.recognise(real)] == ["hunyuan_video"]
    blueprint = families["hunyuan_video"].network(real)
    with torch.device("meta"):
        network = blueprint.build()
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    assert {name: source.shape or real.shape(source.names[0]) for name, source in blueprint.keys.items()} == wanted
    assert {name for source in blueprint.keys.values() for name in source.names} == set(real.shapes)
    assert sum(tensor.numel() for tensor in network.state_dict().values()) == pytest.approx(12.8e9, rel=0.01)


def test_the_published_key_map_is_that_of_diffusers(real):
    blueprint = load_families()["hunyuan_video"].network(real)
    rows = {name: (source.shape or real.shape(source.names[0]))[0] for name, source in blueprint.keys.items()}
    first = {name: count for name, count in rows.items() if not any(f".{number}." in name for number in range(2, 50))}
    state = {name: torch.arange(count) + 100_000.0 * place for place, (name, count) in enumerate(first.items())}
    converted = convert_hunyuan_video_transformer_to_diffusers(original(PUBLISHED, state))
    assert converted.keys() == state.keys()
    assert all(torch.equal(converted[name], tensor) for name, tensor in state.items())


def test_a_relative_with_more_is_not_taken_for_it(bench):
    state = dict(bench.network.state_dict())
    recognise = load_families()["hunyuan_video"].recognise
    assert recognise(shapes(state))
    assert not recognise(shapes({**state, "clean_x_embedder.proj.weight": torch.zeros(1)}))


def test_gguf(bench):
    state = original(PUBLISHED, bench.network.state_dict())
    convolution = state["img_in.proj.weight"]
    path = bench.root / "models" / "diffusion_models" / "tiny.gguf"
    path.parent.mkdir(parents=True)
    # GGUF knows four sides at most: what has five is written flat.
    flat = {**state, "img_in.proj.weight": convolution.flatten(2)}
    fields = {"comfy.gguf.orig_shape.img_in.proj.weight": list(convolution.shape)}
    write_gguf(path, {name: tensor.numpy() for name, tensor in flat.items()}, "hyvid", "F32", fields)
    model = bench.call("UNETLoader", unet_name=path.name, weight_dtype="default", library=bench.library)
    assert bench.error(model) < TOLERANCE


@pytest.mark.parametrize("stored", ["published", "like flux", "checkpoint", "diffusers"])
def test_adapters_in_any_naming(bench, stored):
    state = original(PUBLISHED, bench.network.state_dict())
    changes = {layer: low_rank(state[f"{layer}.weight"], place) for place, layer in enumerate(CHANGED)}
    merged = dict(state)
    for layer, (down, up) in changes.items():
        merged[f"{layer}.weight"] = (state[f"{layer}.weight"].double() + up.double() @ down.double() / RANK).float()
    plain = bench.load(stored)
    before, wanted = answer(bench, plain), answer(bench, loaded(bench, "merged", merged))
    assert float((wanted - before).abs().max()) > 100 * TOLERANCE
    kohya = {"lora_unet_" + layer.replace(".", "_"): change for layer, change in changes.items()}
    peft = {layer: (down / RANK, up) for layer, (down, up) in changes.items()}
    for name, tensors in {
        "musubi": written(kohya, KOHYA),
        "published": written({f"transformer.{layer}": change for layer, change in peft.items()}, PEFT),
        "later": written({f"diffusion_model.{later(layer)}": change for layer, change in peft.items()}, PEFT),
        "bare": written(peft, PEFT),
    }.items():
        file = bench.write("loras", name, tensors)
        changed = bench.call("LoraLoaderModelOnly", model=plain, lora_name=file, library=bench.library)
        assert float((answer(bench, changed) - wanted).abs().max()) < TOLERANCE, name
    assert torch.equal(answer(bench, plain), before)


@pytest.mark.parametrize("stored", ["published", "checkpoint", "diffusers"])
def test_adapters_in_names_of_diffusers(bench, stored):
    state = dict(bench.network.state_dict())
    names = ("attn.to_q", "attn.to_v", "attn.to_out.0", "attn.add_k_proj", "ff.net.2", "norm1.linear", "proj_mlp")
    layers = [name.removesuffix(".weight") for name in state if name.removesuffix(".weight").endswith(names)]
    changes = {layer: low_rank(state[f"{layer}.weight"], place) for place, layer in enumerate(layers)}
    file = bench.write("loras", "tiny", written({f"transformer.{layer}": c for layer, c in changes.items()}, PEFT))
    plain = bench.load(stored)
    changed = bench.call("LoraLoaderModelOnly", model=plain, lora_name=file, library=bench.library)
    for layer, (down, up) in changes.items():
        state[f"{layer}.weight"] = (state[f"{layer}.weight"].double() + up.double() @ down.double()).float()
    wanted = answer(bench, loaded(bench, "merged", state))
    assert float((wanted - answer(bench, plain)).abs().max()) > 100 * TOLERANCE
    assert float((answer(bench, changed) - wanted).abs().max()) < TOLERANCE


def loaded(bench, name, state):
    file = bench.write("diffusion_models", name, state)
    return bench.call("UNETLoader", unet_name=file, weight_dtype="default", library=bench.library)


def trial(bench, **options):
    noise = torch.randn(1, *bench.case.latent, generator=torch.Generator().manual_seed(3))
    return guided(Trial(bench.network, bench.load("diffusers"), bench.texts(1), bench.texts(2), noise), **options)


def test_a_first_picture_a_picture_beside_and_guidance_count(bench):
    walks = [
        trial(bench, **options).walk([0.9, 0.5], 1.0)
        for options in (
            {},
            {"guidance": None},
            {"guidance": 8.0},
            {"guiding_frame_index": 0},
            {"ref_latent": torch.ones(1, 16, 1, 4, 3)},
            {"ref_latent": torch.ones(1, 16, 4, 3)},
        )
    ]
    assert all(walk.shape == walks[0].shape for walk in walks)
    assert torch.equal(walks[4], walks[5])
    differences = [float((one - other).abs().max()) for i, one in enumerate(walks[:5]) for other in walks[:i]]
    assert min(differences) > 100 * TOLERANCE


def test_odd_sides_are_cut_off_again(bench):
    noise = torch.randn(1, 16, 2, 5, 3, generator=torch.Generator().manual_seed(3))
    assert trial(bench).walk([0.9, 0.5], 1.0, noise).shape == noise.shape


def test_its_work_can_be_foreseen(bench):
    estimate = WorkEstimate(bench.load("diffusers").network.blueprint.build, torch.float32)
    width, few, many = 64, 9 * 16 * 16, 9 * 32 * 32
    taken = [
        estimate.bytes(
            "", [torch.empty(sides, device="meta") for sides in (video, (1,), (1, 6, 24), (1, 20), (1,))], {}
        )
        for video in ((1, 16, 9, 32, 32), (1, 16, 9, 64, 64))
    ]
    assert taken[0] > few * width * 4
    assert taken[1] == pytest.approx(taken[0] * many / few, rel=0.05)


def sampled(bench, model, conditioning, latent):
    loop = DenoisingLoop()
    try:
        return bench.call(
            "KSampler",
            model=model,
            seed=5,
            steps=3,
            cfg=1.0,
            sampler_name="euler",
            scheduler="simple",
            positive=conditioning,
            negative=conditioning,
            latent_image=latent,
            denoise=1.0,
            registry=SamplingRegistry.discovered(),
            loop=loop,
            progress=SilentProgress(),
        )["samples"]
    finally:
        loop.close()


def test_a_first_picture_stays_through_the_sampler(bench):
    pixels = torch.rand(1, 32, 32, 3, generator=torch.Generator().manual_seed(1))
    state = randomised(autoencoder()).state_dict()
    vae = bench.call("VAELoader", vae_name=bench.write("vae", "tiny", state), library=bench.library)
    given = {"vae": vae, "width": 32, "height": 32, "length": 9, "batch_size": 1, "start_image": pixels}
    told, latent = bench.call("HunyuanImageToVideo", positive=bench.texts(1), guidance_type="v2 (replace)", **given)
    model = bench.load("published")
    samples = sampled(bench, model, told, latent)
    torch.testing.assert_close(samples[:, :, :1], latent["samples"][:, :, :1], rtol=1e-4, atol=1e-4)
    assert samples[:, :, 1:].std() > 0.1
    plain = sampled(bench, model, bench.texts(1), latent)
    assert (samples - plain)[:, :, 1:].abs().max() > 100 * TOLERANCE


def test_block_by_block_is_the_same(bench):
    model = bench.load("published")
    network = replace(model.network, offload=Offload(0))
    away = model.with_network(network)
    assert torch.equal(answer(bench, model), answer(bench, away))
