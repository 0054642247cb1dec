"""Stable Video Diffusion against diffusers' pipeline: a few frames, guidance that grows from the first to the last."""

from types import SimpleNamespace

import torch
from tests.models.families.case import Case, Conditioning, Loading, State, Trial, randomised
from tests.models.families.components import certain, difference, quiet
from tests.models.families.original import prefixed

from limner.nodes.guidance import video_linear_cfg_guidance

SIDE, PIXELS, FRAMES = 8, 64, 3
CONTEXT = 40
MOTION, FPS, NOISE = 90, 7, 0.02
LEAST, MOST = 1.0, 3.0


def network():
    from diffusers import UNetSpatioTemporalConditionModel

    return UNetSpatioTemporalConditionModel(
        sample_size=SIDE,
        block_out_channels=(64, 64, 128),
        down_block_types=(*("CrossAttnDownBlockSpatioTemporal",) * 2, "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", *("CrossAttnUpBlockSpatioTemporal",) * 2),
        num_attention_heads=(1, 1, 2),
        layers_per_block=2,
        cross_attention_dim=CONTEXT,
        num_frames=FRAMES,
    )


def autoencoder():
    from diffusers import AutoencoderKLTemporalDecoder

    return AutoencoderKLTemporalDecoder(
        block_out_channels=(32,) * 4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        layers_per_block=1,
        latent_channels=4,
    )


RESIDUAL = {
    "norm1.": "in_layers.0.",
    "conv1.": "in_layers.2.",
    "time_emb_proj.": "emb_layers.1.",
    "norm2.": "out_layers.0.",
    "conv2.": "out_layers.3.",
    "conv_shortcut.": "skip_connection.",
}
ENDS = {
    "time_embedding.linear_1.": "time_embed.0.",
    "time_embedding.linear_2.": "time_embed.2.",
    "add_embedding.linear_1.": "label_emb.0.0.",
    "add_embedding.linear_2.": "label_emb.0.2.",
    "conv_in.": "input_blocks.0.0.",
    "conv_norm_out.": "out.0.",
    "conv_out.": "out.2.",
}
LAYERS = 2


def original(state: State) -> State:
    """As published: blocks numbered in a row, what works along time beside what works in a picture."""
    return {_original(name): tensor for name, tensor in state.items()}


def _original(name: str) -> str:
    for new, old in ENDS.items():
        if name.startswith(new):
            return old + name.removeprefix(new)
    side, rest = name.split("_block", 1)
    if side == "mid":
        _, kind, number, inside = rest.split(".", 3)
        return f"middle_block.{1 if kind == 'attentions' else 2 * int(number)}.{_inside(kind, inside)}"
    level, kind, number, inside = rest.removeprefix("s.").split(".", 3)
    if side == "down":
        block = 1 + int(level) * (LAYERS + 1) + (LAYERS if kind == "downsamplers" else int(number))
        place = f"input_blocks.{block}."
        return place + {"downsamplers": "0.op."}.get(kind, "") + _member(kind, inside)
    block = int(level) * (LAYERS + 1) + (LAYERS if kind == "upsamplers" else int(number))
    crossed = int(level) > 0
    return f"output_blocks.{block}." + (f"{1 + crossed}." if kind == "upsamplers" else "") + _member(kind, inside)


def _member(kind: str, inside: str) -> str:
    if kind == "downsamplers":
        return inside.removeprefix("conv.")
    if kind == "upsamplers":
        return inside
    return f"{1 if kind == 'attentions' else 0}." + _inside(kind, inside)


def _inside(kind: str, inside: str) -> str:
    if kind == "attentions":
        for new, old in (
            ("temporal_transformer_blocks.", "time_stack."),
            ("time_pos_embed.linear_1.", "time_pos_embed.0."),
            ("time_pos_embed.linear_2.", "time_pos_embed.2."),
        ):
            inside = inside.replace(new, old)
        return inside
    if inside.startswith("time_mixer."):
        return inside
    part, _, rest = inside.partition(".")
    new = next(new for new in RESIDUAL if rest.startswith(new))
    return ("time_stack." if part == "temporal_res_block" else "") + RESIDUAL[new] + rest.removeprefix(new)


def original_autoencoder(state: State, levels: int = 4) -> State:
    """As published: without the encoder's last layer, attention as 1x1 convolutions, the way up from its end."""
    found = {}
    for name, tensor in state.items():
        if name.startswith("quant_conv."):
            continue
        moved, kept = _original_place(name, levels), tensor
        if ".attn_1." in moved and moved.endswith(("q.weight", "k.weight", "v.weight", "proj_out.weight")):
            kept = tensor[:, :, None, None]
        found[moved] = kept
    return found


def _original_place(name: str, levels: int) -> str:
    for new, old in (
        ("decoder.time_conv_out.", "decoder.conv_out.time_mix_conv."),
        ("conv_norm_out.", "norm_out."),
        ("mid_block.attentions.0.group_norm.", "mid.attn_1.norm."),
        ("mid_block.attentions.0.to_out.0.", "mid.attn_1.proj_out."),
        ("mid_block.attentions.0.to_", "mid.attn_1."),
        ("mid_block.resnets.0.", "mid.block_1."),
        ("mid_block.resnets.1.", "mid.block_2."),
        (".spatial_res_block.", "."),
        (".time_mixer.", "."),
        ("conv_shortcut", "nin_shortcut"),
    ):
        name = name.replace(new, old)
    if ".temporal_res_block." in name:
        place, rest = name.split(".temporal_res_block.")
        new = next(new for new in RESIDUAL if rest.startswith(new))
        name = f"{place}.time_stack.{RESIDUAL[new]}{rest.removeprefix(new)}"
    if "_blocks." not in name:
        return name
    side, rest = name.split("_blocks.")
    level, kind, number, inside = rest.split(".", 3)
    if side.endswith("up"):
        level = str(levels - 1 - int(level))
    return f"{side}.{level}." + (f"block.{number}." if kind == "resnets" else f"{kind[:-3]}e.") + inside


def checkpoint(state: State) -> Loading:
    """With the autoencoder, as published."""
    vae = prefixed(original_autoencoder(randomised(autoencoder()).state_dict()), "first_stage_model.")
    return Loading({**prefixed(original(state)), **vae}, "checkpoints", "CheckpointLoaderSimple")


def texts(generator: torch.Generator) -> Conditioning:
    """What CLIP sees, and the picture as a latent."""
    told = {"motion_bucket_id": MOTION, "fps": FPS, "augmentation_level": NOISE}
    shown = torch.randn(1, 4, SIDE, SIDE, generator=generator)
    return [[torch.randn(1, 1, CONTEXT, generator=generator), {**told, "concat_latent_image": shown}]]


class Seeing(torch.nn.Module):
    """Sees what it is told to have seen."""

    device, dtype = torch.device("cpu"), torch.float32

    def __init__(self, seen: torch.Tensor) -> None:
        super().__init__()
        self.seen = torch.nn.Parameter(seen)

    def forward(self, picture: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(image_embeds=self.seen)


def oracle(trial: Trial) -> float:
    """Frames of one video, of which the negative one has neither a picture nor what was seen in it."""
    import diffusers

    noise = torch.randn(FRAMES, 4, SIDE, SIDE, generator=torch.Generator().manual_seed(3))
    vae = certain(randomised(autoencoder()))
    generator = torch.Generator().manual_seed(4)
    picture = torch.rand(1, 3, PIXELS, PIXELS, generator=generator)
    drawn = torch.randn(picture.shape, generator=generator.manual_seed(6))
    shown = vae.encode(picture * 2 - 1 + NOISE * drawn).latent_dist.mode()
    (positive, wanted), (negative, unwanted) = trial.positive[0], trial.negative[0]
    wanted["concat_latent_image"], unwanted["concat_latent_image"] = shown, torch.zeros_like(shown)
    trial.negative[0][0] = torch.zeros_like(negative)
    scheduler = diffusers.EulerDiscreteScheduler(
        prediction_type="v_prediction",
        use_karras_sigmas=True,
        sigma_min=0.002,
        sigma_max=700.0,
        timestep_type="continuous",
        timestep_spacing="leading",
        steps_offset=1,
    )
    pipe = diffusers.StableVideoDiffusionPipeline(
        vae=vae, image_encoder=Seeing(positive[:, 0]), unet=trial.network, scheduler=scheduler, feature_extractor=keep
    )
    theirs = quiet(pipe)(
        image=picture,
        height=PIXELS,
        width=PIXELS,
        num_frames=FRAMES,
        num_inference_steps=3,
        min_guidance_scale=LEAST,
        max_guidance_scale=MOST,
        fps=FPS,
        motion_bucket_id=MOTION,
        noise_aug_strength=NOISE,
        generator=generator.manual_seed(6),
        latents=noise[None],
        output_type="latent",
    ).frames
    growing = Trial(
        trial.network,
        video_linear_cfg_guidance(model=trial.model, min_cfg=LEAST),
        trial.positive,
        trial.negative,
        noise * scheduler.init_noise_sigma,
    )
    return difference(growing.walk(scheduler.sigmas, MOST), theirs[0])


def keep(images: torch.Tensor, **options: object) -> SimpleNamespace:
    """A feature extractor that leaves pictures as they are."""
    return SimpleNamespace(pixel_values=images)


SVD = Case(
    name="stable video diffusion",
    family="svd",
    network=network,
    layouts={
        "checkpoint": checkpoint,
        "original": lambda state: Loading(original(state)),
        "diffusers": Loading,
    },
    texts=texts,
    latent=(4, SIDE, SIDE),
    oracle=oracle,
    autoencoder=autoencoder,
)
