"""Stable Zero123 against diffusers' network, called as the paper says: pictures beside the latent, poses as text."""

import dataclasses
from functools import partial

import torch
from tests.models.families.case import Case, Conditioning, Loading, State, Trial, randomised
from tests.models.families.components import difference, kl_autoencoder
from tests.models.families.original import prefixed
from tests.models.families.stable_diffusion import CONTEXT, SIDE, network, original, scheduler

WIDTH, VIEW = CONTEXT["sd15"], 4
SCALE = 3.0


def layer() -> dict[str, torch.Tensor]:
    """The projection of vectors with poses."""
    return dict(randomised(torch.nn.Linear(WIDTH + VIEW, WIDTH), 17).state_dict())


def autoencoder():
    return kl_autoencoder(4, quantised=True)


def checkpoint(state: State) -> Loading:
    tensors = {
        **prefixed(original("sd15", state)),
        **prefixed(randomised(autoencoder()).state_dict(), "first_stage_model."),
        **prefixed(layer(), "cc_projection."),
    }
    return Loading(tensors, "checkpoints", "CheckpointLoaderSimple")


def folder(state: State) -> Loading:
    """Names as a folder of diffusers has them."""
    tensors = {**prefixed(state, "unet."), **prefixed(layer(), "cc_projection.projection.")}
    return Loading(tensors, "checkpoints", "CheckpointLoaderSimple")


def views(generator: torch.Generator) -> Conditioning:
    """A vector with a pose, and a picture beside the latent."""
    told = {"concat_latent_image": torch.randn(1, 4, SIDE, SIDE, generator=generator)}
    return [[torch.randn(1, 1, WIDTH + VIEW, generator=generator), told]]


def guided(trial: Trial) -> float:
    """Two steps of Euler, away from what the network says of nothing."""
    context, told = trial.positive[0]
    nothing, empty = torch.zeros(1, 1, WIDTH), torch.zeros(1, 4, SIDE, SIDE)
    weights = layer()
    posed = context @ weights["weight"].T + weights["bias"]
    steps = scheduler()
    steps.set_timesteps(3)
    x = trial.noise * steps.init_noise_sigma
    start = x
    for index in range(2):
        sigma, following = steps.sigmas[index], steps.sigmas[index + 1]
        shown = x / (sigma**2 + 1) ** 0.5
        pairs = ((posed, told["concat_latent_image"]), (nothing, empty))
        wanted, unwanted = (
            trial.network(torch.cat([shown, beside], dim=1), steps.timesteps[index], text, return_dict=False)[0]
            for text, beside in pairs
        )
        x = x + (unwanted + SCALE * (wanted - unwanted)) * (following - sigma)
    ours = dataclasses.replace(trial, negative=[[nothing, {"concat_latent_image": empty}]])
    return difference(ours.walk(steps.sigmas[:3], SCALE, start), x)


ZERO123 = Case(
    name="zero123",
    family="zero123",
    network=partial(network, "sd15", 8),
    layouts={"checkpoint": checkpoint, "diffusers": folder},
    texts=views,
    latent=(4, SIDE, SIDE),
    oracle=guided,
    autoencoder=autoencoder,
)
