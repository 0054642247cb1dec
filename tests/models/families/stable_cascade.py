"""Both networks of Stable Cascade against diffusers' pipelines, which add noise at every step: from equal seeds."""

from functools import partial

import torch
from tests.models.families.case import Case, Conditioning, Loading, State, Trial
from tests.models.families.components import difference, quiet
from tests.models.families.original import prefixed

from limner.models.parts.per_sample import PerSample
from limner.nodes.model_sampling import model_sampling_stable_cascade
from limner.sampling.cascade import CosineParametrization
from limner.sampling.guidance import Guidance
from limner.sampling.guiders.cfg import CfgGuider

SIGMAS = (6.0, 1.0, 0.3)
"""Where both walk. Pipelines begin at time 1, for which no noise level stands."""

TEXT, POOLED, SEEN = 24, 20, 12
CHANNELS = 16
SEED, SCALE = 7, 3.0


def first_network():
    from diffusers import StableCascadeUNet

    return StableCascadeUNet(
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        timestep_ratio_embedding_dim=8,
        conditioning_dim=32,
        block_out_channels=(64, 64),
        num_attention_heads=(1, 1),
        down_num_layers_per_block=(1, 2),
        up_num_layers_per_block=(2, 1),
        clip_text_in_channels=TEXT,
        clip_text_pooled_in_channels=POOLED,
        clip_image_in_channels=SEEN,
        switch_level=(False,),
    )


def second_network():
    from diffusers import StableCascadeUNet

    return StableCascadeUNet(
        in_channels=4,
        out_channels=4,
        timestep_ratio_embedding_dim=8,
        patch_size=2,
        conditioning_dim=32,
        block_out_channels=(16, 64),
        num_attention_heads=(-1, 1),
        down_num_layers_per_block=(1, 2),
        up_num_layers_per_block=(2, 1),
        down_blocks_repeat_mappers=(1, 1),
        up_blocks_repeat_mappers=(3, 2),
        block_types_per_layer=(
            ("SDCascadeResBlock", "SDCascadeTimestepBlock"),
            ("SDCascadeResBlock", "SDCascadeTimestepBlock", "SDCascadeAttnBlock"),
        ),
        clip_text_pooled_in_channels=POOLED,
        effnet_in_channels=CHANNELS,
        pixel_mapper_in_channels=3,
        timestep_conditioning_type=("sca",),
    )


def stage_a():
    from diffusers.pipelines.deprecated.wuerstchen.modeling_paella_vq_model import PaellaVQModel

    return PaellaVQModel(bottleneck_blocks=2, embed_dim=16, num_vq_embeddings=8)


def original(state: State, *, second: bool = False) -> State:
    """As published: query, key and value in one."""
    found = {}
    for name, tensor in state.items():
        place, _, leaf = name.rpartition(".")
        if place.endswith(".to_q"):
            inside = place.removesuffix("to_q")
            parts = [state[f"{inside}{part}.{leaf}"] for part in ("to_q", "to_k", "to_v")]
            found[f"{inside}attn.in_proj_{leaf}"] = torch.cat(parts)
        elif place.endswith(".to_out.0"):
            found[f"{place.removesuffix('to_out.0')}attn.out_proj.{leaf}"] = tensor
        elif not place.endswith((".to_k", ".to_v")):
            found[name.replace("clip_txt_pooled_mapper", "clip_mapper") if second else name] = tensor
    return found


def checkpoint(state: State, *, second: bool = False) -> Loading:
    return Loading(prefixed(original(state, second=second)), "checkpoints", "CheckpointLoaderSimple")


def texts(generator: torch.Generator) -> Conditioning:
    context, pooled = (torch.randn(1, *size, generator=generator) for size in ((6, TEXT), (POOLED,)))
    return [[context, {"pooled_output": pooled}]]


def scheduler():
    """Walks along the times of our levels."""
    from diffusers import DDPMWuerstchenScheduler

    made = DDPMWuerstchenScheduler()
    set_timesteps = made.set_timesteps
    times = [*CosineParametrization().timestep(torch.tensor(SIGMAS)).tolist(), 0.0]
    made.set_timesteps = lambda steps, device=None: set_timesteps(timesteps=times, device=device)
    return made


def ours(trial: Trial, positive: Conditioning, negative: Conditioning) -> torch.Tensor:
    """Our predictions, stepped and noised by the pipelines' scheduler."""
    stepping, generator = scheduler(), torch.Generator().manual_seed(SEED)
    stepping.set_timesteps(len(SIGMAS))
    model = model_sampling_stable_cascade(model=trial.model, shift=1.0)
    told = Trial(trial.network, model, positive, negative, trial.noise)
    guidance, x = Guidance(model, CfgGuider(positive, negative, SCALE), trial.noise), trial.noise
    for sigma, time in zip(SIGMAS, stepping.timesteps, strict=False):
        noisy = x * (sigma**2 + 1) ** 0.5
        noise = (noisy - told.predicted(guidance, noisy, sigma)) / sigma
        x = stepping.step(noise, time.reshape(1), x, generator=generator).prev_sample
    return x


def called(pipe, trial: Trial, **further) -> object:
    """What a pipeline makes of both texts."""
    wanted, unwanted = trial.positive[0], trial.negative[0]
    return quiet(pipe)(
        prompt_embeds=wanted[0],
        prompt_embeds_pooled=wanted[1]["pooled_output"][:, None],
        negative_prompt_embeds=unwanted[0],
        negative_prompt_embeds_pooled=unwanted[1]["pooled_output"][:, None],
        num_inference_steps=len(SIGMAS),
        guidance_scale=SCALE,
        latents=trial.noise,
        generator=torch.Generator().manual_seed(SEED),
        **further,
    )


class Typed(torch.nn.Module):
    """Stands for a text encoder that is not asked."""

    device, dtype = torch.device("cpu"), torch.float32


def first_oracle(trial: Trial) -> float:
    from diffusers import StableCascadePriorPipeline

    pipe = StableCascadePriorPipeline(
        tokenizer=None, text_encoder=Typed(), prior=trial.network, scheduler=scheduler(), resolution_multiple=8
    )
    theirs = called(pipe, trial, height=64, width=64, output_type="pt").image_embeddings
    return difference(ours(trial, trial.positive, trial.negative), theirs)


def second_oracle(trial: Trial) -> float:
    from diffusers import StableCascadeDecoderPipeline

    prior = torch.randn(1, CHANNELS, 3, 3, generator=torch.Generator().manual_seed(8))
    pipe = StableCascadeDecoderPipeline(
        decoder=trial.network,
        tokenizer=None,
        text_encoder=Typed(),
        scheduler=scheduler(),
        vqgan=stage_a(),
        latent_dim_scale=8 / 3,
    )
    theirs = called(pipe, trial, image_embeddings=prior, output_type="latent").images
    (context, options), negative = trial.positive[0], trial.negative
    return difference(ours(trial, [[context, {**options, "stable_cascade_prior": PerSample(prior)}]], negative), theirs)


FIRST = Case(
    name="stable cascade c",
    family="stable_cascade_c",
    network=first_network,
    layouts={"checkpoint": checkpoint, "original": lambda state: Loading(original(state)), "diffusers": Loading},
    texts=texts,
    latent=(CHANNELS, 8, 8),
    oracle=first_oracle,
)
SECOND = Case(
    name="stable cascade b",
    family="stable_cascade_b",
    network=second_network,
    layouts={
        "checkpoint": partial(checkpoint, second=True),
        "original": lambda state: Loading(original(state, second=True)),
        "diffusers": Loading,
    },
    texts=texts,
    latent=(4, 8, 8),
    oracle=second_oracle,
    autoencoder=stage_a,
)
