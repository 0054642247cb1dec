"""From a prompt to a latent: every family's text encoders, by their loader nodes, feed its network."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import pytest
from tests.models.families import auraflow, chroma, flux, flux2, hidream, lumina2, pixart, qwen_image, sd3, z_image
from tests.models.families.case import Bench, Case
from tests.models.text_files import clip, decoder, save_encoder, save_tokenizer, t5

LOADERS = {
    1: ("CLIPLoader", ("clip_name",)),
    2: ("DualCLIPLoader", ("clip_name1", "clip_name2")),
    3: ("TripleCLIPLoader", ("clip_name1", "clip_name2", "clip_name3")),
    4: ("QuadrupleCLIPLoader", ("clip_name1", "clip_name2", "clip_name3", "clip_name4")),
}
PAIR: dict[str, Callable[[], Any]] = {"clip_l": lambda: clip(64, 64), "clip_g": lambda: clip(128, 128, "gelu", 1)}
T5: dict[str, Callable[[], Any]] = {"t5xxl": lambda: t5(seed=2)}


@dataclass(frozen=True)
class Prompted:
    """A family and its text encoders.

    Attributes:
        case: The family at the size of a test.
        module: Where its network takes the width of texts from.
        purpose: What the loader is told.
        encoders: By file name, what makes each.
        names: The module's names of widths and what of the conditioning they are.
    """

    case: Case
    module: ModuleType
    purpose: str
    encoders: Mapping[str, Callable[[], Any]]
    names: Mapping[str, Callable[[Any, Mapping[str, Any]], int]] = field(
        default_factory=lambda: {"TEXT": lambda states, options: states.shape[-1]}
    )


POOLED = {
    "TEXT": lambda states, options: states.shape[-1],
    "POOLED": lambda states, options: options["pooled_output"].shape[-1],
}
LLAMA = {
    **POOLED,
    "LLAMA": lambda states, options: options["conditioning_llama3"].shape[-1],
    "LAYERS": lambda states, options: options["conditioning_llama3"].shape[1],
}
PROMPTED = [
    Prompted(sd3.LARGE_35, sd3, "sd3", {**PAIR, **T5}, POOLED),
    Prompted(flux.DEV, flux, "flux", {"clip_l": clip, **T5}, POOLED),
    Prompted(flux2.KLEIN, flux2, "flux2", {"qwen3_4b": lambda: decoder("Qwen3", layers=28)}),
    Prompted(chroma.CASE, chroma, "chroma", T5),
    Prompted(auraflow.CASE, auraflow, "auraflow", T5),
    Prompted(pixart.SIGMA, pixart, "pixart", T5),
    Prompted(hidream.CASE, hidream, "hidream", {**PAIR, **T5, "llama": lambda: decoder("Llama")}, LLAMA),
    Prompted(lumina2.CASE, lumina2, "lumina2", {"gemma2": lambda: decoder("Gemma2")}),
    Prompted(z_image.CASE, z_image, "lumina2", {"qwen3_4b": lambda: decoder("Qwen3")}),
    Prompted(qwen_image.IMAGE, qwen_image, "qwen_image", {"qwen25_7b": lambda: decoder("Qwen2")}),
]


@pytest.mark.parametrize("prompted", PROMPTED, ids=lambda prompted: prompted.case.name)
def test_a_prompt_becomes_a_latent(prompted, tmp_path, monkeypatch):
    shelf = Bench(prompted.case, tmp_path)
    folder = tmp_path / "models" / "text_encoders"
    for name, make in prompted.encoders.items():
        save_encoder(make(), folder / f"{name}.safetensors")
        save_tokenizer(folder, name)
    node, sockets = LOADERS[len(prompted.encoders)]
    named = {socket: f"{name}.safetensors" for socket, name in zip(sockets, prompted.encoders, strict=True)}
    kind = {"type": prompted.purpose} if len(sockets) < 3 else {}
    encoder = shelf.call(node, **named, **kind, library=shelf.library)
    conditioning = shelf.call("CLIPTextEncode", text="a red apple on a table", clip=encoder)
    for name, width in prompted.names.items():
        monkeypatch.setattr(prompted.module, name, width(*conditioning[0]))
    bench = Bench(replace(prompted.case, texts=lambda generator: conditioning), tmp_path)
    latent = bench.sample(bench.load(next(reversed(prompted.case.layouts))))
    assert latent.isfinite().all()
    assert latent.std() > 0
