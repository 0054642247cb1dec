"""Stable unCLIP 2.1 against diffusers' pipeline: the network, its vectors of pictures, noise on them."""

import dataclasses
from functools import partial
from types import SimpleNamespace

import torch
from tests.models.families.case import Case, Conditioning, Loading, State, Trial, randomised
from tests.models.families.components import difference, kl_autoencoder, quiet, texts
from tests.models.families.original import prefixed
from tests.models.families.stable_diffusion import PIXELS, SHAPES, SIDE, original, scheduler

from limner.models.parts.unclip import PICTURES, SEED_OFFSET

CONTEXT = 1024
AUGMENTATION, LEVEL = 0.3, 300
"""As a share, and as the pipeline says it."""


def network(width: int):
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=64,
        cross_attention_dim=CONTEXT,
        layers_per_block=2,
        norm_num_groups=16,
        class_embed_type="projection",
        projection_class_embeddings_input_dim=2 * width,
        **SHAPES["sd21"],
    )


def statistics(width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and deviation of vectors."""
    generator = torch.Generator().manual_seed(31)
    return torch.randn(1, width, generator=generator), 0.5 + torch.rand(1, width, generator=generator)


def autoencoder():
    return kl_autoencoder(4, quantised=True)


def image_encoder(width: int):
    """A tiny vision encoder."""
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    sizes = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 3, "num_attention_heads": 1}
    return CLIPVisionModelWithProjection(
        CLIPVisionConfig(**sizes, image_size=28, patch_size=14, projection_dim=width, hidden_act="gelu")
    )


def checkpoint(width: int, state: State) -> Loading:
    """In the original layout, with an autoencoder and what belongs to pictures."""
    labels = {name: tensor for name, tensor in state.items() if name.startswith("class_embedding.")}
    rest = {name: tensor for name, tensor in state.items() if name not in labels}
    ends = {"linear_1": "label_emb.0.0", "linear_2": "label_emb.0.2"}
    told = {f"{ends[name.split('.')[1]]}.{name.split('.')[2]}": tensor for name, tensor in labels.items()}
    mean, deviation = statistics(width)
    tensors = {
        **prefixed({**original("sd21", rest), **told}),
        **prefixed(randomised(autoencoder()).state_dict(), "first_stage_model."),
        "noise_augmentor.data_mean": mean,
        "noise_augmentor.data_std": deviation,
    }
    return Loading(tensors, "checkpoints", "CheckpointLoaderSimple")


def folder(width: int, state: State) -> Loading:
    """Names as a folder of diffusers has them."""
    mean, deviation = statistics(width)
    tensors = {
        **prefixed(state, "unet."),
        **prefixed(randomised(autoencoder()).state_dict(), "vae."),
        "image_normalizer.mean": mean,
        "image_normalizer.std": deviation,
    }
    return Loading(tensors, "checkpoints", "CheckpointLoaderSimple")


def seen(width: int, generator: torch.Generator) -> Conditioning:
    """Text and a picture at random."""
    conditioning = texts(CONTEXT)(generator)
    output = SimpleNamespace(image_embeds=torch.randn(1, width, generator=generator))
    picture = {"clip_vision_output": output, "strength": 1.0, "noise_augmentation": AUGMENTATION}
    conditioning[0][1][PICTURES] = [picture]
    return conditioning


def guided(trial: Trial, *, width: int, prediction: str = "v_prediction") -> float:
    """Our walk and the pipeline's; what is not wanted sees no picture."""
    from diffusers import DDPMScheduler, StableUnCLIPImg2ImgPipeline
    from diffusers.pipelines.stable_diffusion.stable_unclip_image_normalizer import StableUnCLIPImageNormalizer

    normalizer = StableUnCLIPImageNormalizer(width)
    mean, deviation = statistics(width)
    normalizer.load_state_dict({"mean": mean, "std": deviation})
    pipe = StableUnCLIPImg2ImgPipeline(
        feature_extractor=None,
        image_encoder=image_encoder(width),
        image_normalizer=normalizer,
        image_noising_scheduler=DDPMScheduler(beta_schedule="squaredcos_cap_v2"),
        tokenizer=None,
        text_encoder=None,
        unet=trial.network,
        scheduler=scheduler(prediction_type=prediction),
        vae=autoencoder(),
    )
    (context, options), (other, _) = trial.positive[0], trial.negative[0]
    pipe.scheduler.set_timesteps(3)
    noise = trial.noise * pipe.scheduler.init_noise_sigma
    theirs = quiet(pipe)(
        image_embeds=options[PICTURES][0]["clip_vision_output"].image_embeds,
        noise_level=LEVEL,
        prompt_embeds=context,
        negative_prompt_embeds=other,
        latents=noise,
        generator=torch.Generator().manual_seed(SEED_OFFSET),
        num_inference_steps=3,
        guidance_scale=3.0,
        output_type="latent",
        height=PIXELS,
        width=PIXELS,
    ).images
    unseen = dataclasses.replace(trial, negative=[[other, {}]])
    return difference(unseen.walk(pipe.scheduler.sigmas, 3.0, noise), theirs)


def case(name: str, width: int) -> Case:
    return Case(
        name=name,
        family="sd2_unclip",
        network=partial(network, width),
        layouts={"checkpoint": partial(checkpoint, width), "diffusers": partial(folder, width)},
        texts=partial(seen, width),
        latent=(4, SIDE, SIDE),
        oracle=partial(guided, width=width),
        autoencoder=autoencoder,
    )


UNCLIP_H = case("sd2 unclip h", 1024)
UNCLIP_L = case("sd2 unclip l", 768)
