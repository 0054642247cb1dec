"""Cosmos Predict 2 against diffusers' pipelines: pictures from text, videos that go on from a picture."""

from functools import partial
from itertools import pairwise
from types import SimpleNamespace

import torch
from tests.models.families.case import Case, Loading, State, Trial, randomised
from tests.models.families.components import certain, difference, flow_scheduler, quiet, texts
from tests.models.families.original import original, prefixed
from tests.models.families.wan import FRAMES, LENGTH, PIXELS, SIDE, TEXT, autoencoder, encoding, filled, picture, pixels
from torch import Tensor, nn

from limner.models.families.cosmos_predict2 import COSMOS_PREDICT2
from limner.models.parts.cosmos_keys import COSMOS
from limner.nodes.videos_cosmos import cosmos_predict2_image_to_video_latent
from limner.sampling.guidance import Guidance
from limner.sampling.guiders.cfg import CfgGuider

SCALE = 1.5
LARGEST = 80.0
"""The level of noise at which walks begin."""


class Padded(nn.Module):
    """The network with the channel that says where a picture was filled up, which its own way there resizes."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network, self.dtype, self.device = network, network.dtype, network.device
        self.config = SimpleNamespace(in_channels=network.config.in_channels - 1)

    def forward(self, hidden_states: Tensor, *, padding_mask: Tensor, condition_mask: Tensor | None = None, **options):
        filled_up = torch.zeros_like(hidden_states[:, :1])
        if padding_mask.any():
            raise AssertionError("nothing is filled up")
        shown = [hidden_states, filled_up] if condition_mask is None else [hidden_states, condition_mask, filled_up]
        return self.network(torch.cat(shown, dim=1), **options)


class Agreeable(nn.Module):
    """Stands for guardrails, which no registry has."""

    device, dtype = torch.device("cpu"), torch.float32


def network(channels: int):
    from diffusers import CosmosTransformer3DModel

    moving = channels > 17
    return CosmosTransformer3DModel(
        in_channels=channels,
        num_attention_heads=2,
        attention_head_dim=24,
        num_layers=2,
        mlp_ratio=2.0,
        text_embed_dim=TEXT,
        adaln_lora_dim=8,
        rope_scale=(1.0, 3.0, 3.0) if moving else (1.0, 4.0, 4.0),
        concat_padding_mask=False,
        extra_pos_embed_type=None,
    )


def compared(name: str, trial: Trial, vae: nn.Module, field: str, **call) -> tuple[Tensor, Tensor]:
    """The levels of a pipeline, and what it makes of the noise."""
    import diffusers

    pipe = getattr(diffusers, name)(
        tokenizer=None,
        text_encoder=None,
        vae=vae,
        scheduler=flow_scheduler(use_karras_sigmas=True),
        transformer=Padded(trial.network),
        safety_checker=Agreeable(),
    )
    made = quiet(pipe)(
        prompt_embeds=filled(trial.positive[0][0]),
        negative_prompt_embeds=filled(trial.negative[0][0]),
        latents=trial.noise,
        num_inference_steps=3,
        guidance_scale=SCALE,
        height=PIXELS,
        width=PIXELS,
        output_type="latent",
        **call,
    )
    return pipe.scheduler.sigmas, getattr(made, field)


def drawn(trial: Trial) -> float:
    """A picture, which to the network is a video of one frame."""
    sigmas, theirs = compared("Cosmos2TextToImagePipeline", trial, autoencoder(), "images")
    # diffusers counts guidance from 0.
    return difference(trial.walk(sigmas, 1 + SCALE, trial.noise * LARGEST), theirs.unsqueeze(2))


def continued(trial: Trial) -> float:
    """A first picture in the latent itself, without noise."""
    vae = certain(randomised(autoencoder()))
    latent = cosmos_predict2_image_to_video_latent(
        vae=encoding(vae), width=PIXELS, height=PIXELS, length=FRAMES, start_image=pixels(picture())
    )
    clean, free = COSMOS_PREDICT2.latent_format.to_model(latent["samples"]), latent["noise_mask"]
    call = {"image": picture(), "num_frames": FRAMES}
    sigmas, theirs = compared("Cosmos2VideoToWorldPipeline", trial, vae, "frames", **call)
    guidance = Guidance(trial.model, CfgGuider(trial.positive, trial.negative, 1 + SCALE), clean, free.expand_as(clean))
    x = trial.noise * LARGEST
    for sigma, following in pairwise(float(sigma) for sigma in sigmas):
        x = x + (x - trial.predicted(guidance, x, sigma)) / sigma * (following - sigma)
    return difference(x[:, :, 1:], theirs[:, :, 1:])


def published(state: State) -> State:
    """The original layout, with what the network does not need."""
    return prefixed(
        original(COSMOS, state) | {"pos_embedder.seq": torch.arange(8.0), "accum_iteration": torch.ones(1)}, "net."
    )


def case(name: str, channels: int, latent: tuple[int, ...], run) -> Case:
    return Case(
        name=name,
        family="cosmos_predict2",
        network=partial(network, channels),
        layouts={
            "original": lambda state: Loading(published(state)),
            "checkpoint": lambda state: Loading(prefixed(original(COSMOS, state))),
            "diffusers": Loading,
        },
        texts=texts(TEXT),
        latent=latent,
        oracle=run,
        autoencoder=autoencoder,
    )


PICTURES = case("cosmos predict 2 t2i", 17, (16, 1, SIDE, SIDE), drawn)
VIDEOS = case("cosmos predict 2 v2w", 18, (16, LENGTH, SIDE, SIDE), continued)
