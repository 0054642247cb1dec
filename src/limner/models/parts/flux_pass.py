"""How the transformers of Flux.1 and Chroma are called: patches, places, further channels, reference pictures."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, pixel_unshuffle

from limner.models.concat import concat_input
from limner.models.family import InputRequest, Pass
from limner.models.parts.patch_tokens import SIDE, grid_places, padded, to_picture, to_tokens
from limner.models.parts.references import reference_inputs
from limner.models.parts.style_bias import joint_mask, style_inputs
from limner.models.parts.text_tokens import pooled_text, shown_text
from limner.sampling.denoiser import LatentFormat

GUIDANCE = 3.5
"""Where nothing is said, as the network was published."""

NO_GUIDANCE = float("nan")
"""Stands for a network that is to be told nothing; see ``silent_about_nothing``."""

EXACT = frozenset({"guidance", "reference_places"})

MASK_SIDE = 8
"""Pixels along a latent element: a mask of that finer grid is 64 channels."""

LATENT_FORMAT = LatentFormat(
    channels=16,
    scale=0.3611,
    shift=0.1159,
)
"""Of Flux's autoencoder, which several families share."""


def flux_inputs(request: InputRequest) -> dict[str, Tensor]:
    """Inputs of Flux.1.

    Shapes: ``context`` [1 t d], ``pooled`` [1 p]; ``guidance`` [1] where the network knows it; ``concat`` [1 c h w]
    where it sees more than a latent; ``reference`` [1 n c] and ``reference_places`` [1 n 3] for reference pictures;
    ``style_bias`` [1 t+1 t] for styles of other strengths than 1.
    """
    facts = request.facts
    found = {"context": shown_text(request), "pooled": pooled_text(request, int(str(facts["pooled_projection_dim"])))}
    if facts.get("guidance_embeds"):
        found["guidance"] = told_guidance(request, GUIDANCE)
    return {**found, **_concatenated(request), **reference_inputs(request), **style_inputs(request)}


def told_guidance(request: InputRequest, default: float) -> Tensor:
    """The entry's guidance, or that no guidance is to be told. Shapes: returns [1]."""
    told = request.entry.get("guidance", default)
    return torch.tensor([NO_GUIDANCE if told is None else float(told)])


def chroma_inputs(request: InputRequest) -> dict[str, Tensor]:
    """Inputs of Chroma. Shapes: ``context`` [1 t d]."""
    return {"context": shown_text(request)}


def _concatenated(request: InputRequest) -> dict[str, Tensor]:
    """What networks with further input channels see: a picture, and for inpainting a mask as fine as pixels."""
    channels = request.latent_format.channels
    surplus = int(str(request.facts["in_channels"])) // SIDE**2 - channels
    if surplus <= 0:
        return {}
    picture = concat_input(request.entry, request.latent, channels, request.latent_format)
    if surplus == channels:
        return {"concat": picture}
    return {"concat": torch.cat([picture, _fine_mask(request).to(picture.device)], dim=1)}


def _fine_mask(request: InputRequest) -> Tensor:
    """The entry's mask, every pixel of a latent element a channel; 1 where there is none. Shapes: [1 64 h w]."""
    mask = request.entry.get("concat_mask", request.entry.get("denoise_mask"))
    height, width = (side * MASK_SIDE for side in request.latent.shape[-2:])
    if mask is None:
        fine = torch.ones(1, 1, height, width)
    else:
        fine = mask.reshape(-1, 1, *mask.shape[-2:])[:1].float()
        if fine.shape[-2:] != (height, width):
            fine = interpolate(fine, size=(height, width), mode="bilinear")
    return pixel_unshuffle(fine, MASK_SIDE)


def picture_tokens(call: Pass) -> tuple[Tensor, Tensor]:
    """The picture's patches, those of reference pictures behind them, and the places of both.

    Shapes: returns [n t c], [t 3].
    """
    shown = torch.cat([call.x, call.inputs["concat"]], dim=1) if "concat" in call.inputs else call.x
    whole = padded(shown)
    tokens = to_tokens(whole)
    places = grid_places(whole.shape[-2] // SIDE, whole.shape[-1] // SIDE).to(call.x.device)
    if "reference" not in call.inputs:
        return tokens, places
    further = call.inputs["reference_places"][0].to(places)
    return torch.cat([tokens, call.inputs["reference"]], dim=1), torch.cat([places, further])


def flux_forward(network: Any, call: Pass) -> Tensor:
    """One pass through diffusers' FluxTransformer2DModel or ChromaTransformer2DModel."""
    tokens, places = picture_tokens(call)
    context = call.inputs["context"]
    named = {"pooled": "pooled_projections", "guidance": "guidance"}
    bias = call.inputs.get("style_bias")
    told = {} if bias is None else {"joint_attention_kwargs": {"attention_mask": joint_mask(bias, tokens.shape[1])}}
    sides = {"double": "controlnet_block_samples", "single": "controlnet_single_block_samples"}
    output = network(
        hidden_states=tokens,
        encoder_hidden_states=context,
        timestep=call.timestep,
        img_ids=places,
        txt_ids=places.new_zeros(context.shape[1], places.shape[1]),
        return_dict=False,
        **told,
        **{named[name]: value for name, value in call.inputs.items() if name in named},
        **{sides[side]: list(values) for side, values in call.control.items() if values},
    )[0]
    height, width = call.x.shape[-2:]
    own = -(-height // SIDE) * -(-width // SIDE)
    return to_picture(output[:, :own], height, width)


def silent_about_nothing(network: nn.Module, embedder: str = "time_text_embed.guidance_embedder") -> nn.Module:
    """A network whose embedder of the guidance adds nothing for what is no number: so it is told nothing."""

    def silent(module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
        return torch.nan_to_num(output, nan=0.0)

    network.get_submodule(embedder).register_forward_hook(silent)
    return network
