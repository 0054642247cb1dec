"""HiDream I1: mixtures of experts over text and picture; every layer reads its own layer of Llama's states.

Source: Cai et al. 2025, "HiDream-I1"; the network is diffusers' HiDreamImageTransformer2DModel, which predicts picture
minus noise, so its sign is turned here.
"""

from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import NumericsError
from limner.models.family import Family, InputRequest, Pass
from limner.models.load.blueprint import Blueprint
from limner.models.load.layout import Layout
from limner.models.load.renaming import named
from limner.models.parts.flux_pass import LATENT_FORMAT
from limner.models.parts.patch_tokens import SIDE, padded
from limner.models.parts.text_tokens import pooled_text
from limner.models.parts.transformer import as_stored, find_prefix, transformer_blueprint
from limner.sampling.flow import FlowParametrization

MARKS = (
    "caption_projection.0.linear.weight",
    "double_stream_blocks.0.block.adaLN_modulation.1.weight",
    "p_embedder.pooled_embedder.linear_1.weight",
)

HEAD = 128
"""Width of a head; no shape states it."""

USED_EXPERTS = 2
"""Experts a token goes to; no shape states it."""

LAST_LAYER = 31
"""Of Llama: layers of the network beyond it read it again."""

SHIFT = 3.0


def _prefix(layout: Layout) -> str | None:
    return find_prefix(layout, *MARKS)


def _configuration(shapes: Layout) -> dict[str, Any]:
    """Arguments of diffusers' HiDreamImageTransformer2DModel from shapes."""
    width, patch = shapes.shape("x_embedder.proj.weight")
    double, single = shapes.count("double_stream_blocks.{}."), shapes.count("single_stream_blocks.{}.")
    t5 = shapes.shape(f"caption_projection.{double + single}.linear.weight")[1]
    return {
        "patch_size": SIDE,
        "in_channels": patch // SIDE**2,
        "out_channels": shapes.shape("final_layer.linear.weight")[0] // SIDE**2,
        "num_layers": double,
        "num_single_layers": single,
        "attention_head_dim": HEAD,
        "num_attention_heads": width // HEAD,
        "caption_channels": [t5, shapes.shape("caption_projection.0.linear.weight")[1]],
        "text_emb_dim": shapes.shape("p_embedder.pooled_embedder.linear_1.weight")[1],
        "num_routed_experts": shapes.shape("double_stream_blocks.0.block.ff_i.gate.weight")[0],
        "num_activated_experts": USED_EXPERTS,
        "axes_dims_rope": (HEAD // 2, HEAD // 4, HEAD // 4),
        "max_resolution": (128, 128),
        "llama_layers": [min(layer, LAST_LAYER) for layer in range(double + single)],
    }


def _network(layout: Layout) -> Blueprint:
    prefix = str(_prefix(layout))
    sources = as_stored(layout, prefix)
    return transformer_blueprint(
        "HiDreamImageTransformer2DModel", _configuration(named(sources, layout)), sources, prefix
    )


def _inputs(request: InputRequest) -> dict[str, Tensor]:
    """Shapes: ``context`` [1 t d] of T5, ``llama`` [1 l t d], ``pooled`` [1 p].

    Raises:
        NumericsError: if the entry has no states of Llama.
    """
    llama = request.entry.get("conditioning_llama3")
    if llama is None:
        raise NumericsError(
            "HiDream reads the states of Llama, but this text has none: encode it with the text encoders of HiDream "
            "(QuadrupleCLIPLoader, or DualCLIPLoader of type hidream)."
        )
    pooled = pooled_text(request, int(str(request.facts["text_emb_dim"])))
    return {"context": request.context, "llama": llama[:1], "pooled": pooled}


def _forward(network: Any, call: Pass) -> Tensor:
    """One pass through diffusers' HiDreamImageTransformer2DModel."""
    height, width = call.x.shape[-2:]
    output = network(
        hidden_states=padded(call.x),
        timesteps=call.timestep,
        encoder_hidden_states_t5=call.inputs["context"],
        encoder_hidden_states_llama3=list(torch.unbind(call.inputs["llama"], dim=1)),
        pooled_embeds=call.inputs["pooled"],
        return_dict=False,
    )[0]
    return -output[..., :height, :width]


HIDREAM = Family(
    name="hidream",
    doc="HiDream I1: transformer of experts with Llama, T5 and CLIP text, rectified flow, 1024 px.",
    recognise=lambda layout: _prefix(layout) is not None,
    network=_network,
    parametrization=lambda layout: FlowParametrization(SHIFT),
    latent_format=LATENT_FORMAT,
    native_size=1024,
    inputs=_inputs,
    forward=_forward,
    wide=True,
)
