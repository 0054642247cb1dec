"""ControlNets of Qwen-Image against diffusers' pipelines, through the ordinary loader nodes."""

import diffusers
import pytest
import torch
from tests.models.families import qwen_image
from tests.models.families.case import Bench, Trial, randomised
from tests.models.families.components import certain, difference, flow_scheduler, quiet

from limner.models.control.control import HintRequest
from limner.models.parts.patch_tokens import to_picture, to_tokens
from limner.sampling.conditioning import CONTROL

SIDE, PIXELS = qwen_image.SIDE, qwen_image.PIXELS


def control_network(extra=0):
    return randomised(
        diffusers.QwenImageControlNetModel(
            num_layers=1,
            attention_head_dim=32,
            num_attention_heads=2,
            joint_attention_dim=qwen_image.TEXT,
            axes_dims_rope=(4, 14, 14),
            extra_condition_channels=extra,
        ),
        seed=8,
    )


def picture(seed=7):
    return torch.rand(1, 3, PIXELS, PIXELS, generator=torch.Generator().manual_seed(seed))


def hole():
    mask = torch.zeros(1, 1, PIXELS, PIXELS)
    mask[..., 16:40] = 1
    return mask


class Steered:
    """A tiny model under a control network, loaded by nodes, and the pipeline of the same networks."""

    def __init__(self, root, extra=0):
        self.bench = Bench(qwen_image.IMAGE, root)
        self.control = control_network(extra)
        self.vae = certain(randomised(qwen_image.autoencoder()))
        self.model = self.bench.load("checkpoint")
        library = self.bench.library
        name = self.bench.write("controlnet", "control", self.control.state_dict())
        self.net = self.bench.call("ControlNetLoader", control_net_name=name, library=library)
        vae_name = self.bench.write("vae", "tiny", self.vae.state_dict())
        self.autoencoder = self.bench.call("VAELoader", vae_name=vae_name, library=library)

    def trial(self, node, noise=None, **inputs):
        texts = {"positive": self.bench.texts(1), "negative": self.bench.texts(2)}
        image = picture().movedim(1, -1)
        given = {"control_net": self.net, "vae": self.autoencoder, "image": image, "strength": 0.8, **inputs}
        positive, negative = self.bench.call(node, **texts, **given)
        drawn = torch.randn(1, 16, SIDE, SIDE, generator=torch.Generator().manual_seed(5))
        return Trial(self.bench.network, self.model, positive, negative, drawn if noise is None else noise)

    def pipeline(self, name, trial, **call):
        """Sigmas of the pipeline, and the latent that it gives."""
        pipe = getattr(diffusers, name)(
            scheduler=flow_scheduler(use_dynamic_shifting=True),
            vae=self.vae,
            text_encoder=None,
            tokenizer=None,
            transformer=self.bench.network,
            controlnet=self.control,
        )
        context, options = trial.positive[0]
        with torch.no_grad():
            latent = quiet(pipe)(
                prompt_embeds=context,
                prompt_embeds_mask=options["attention_mask"].long(),
                latents=to_tokens(trial.noise),
                num_inference_steps=3,
                true_cfg_scale=1.0,
                controlnet_conditioning_scale=0.8,
                height=PIXELS,
                width=PIXELS,
                output_type="latent",
                **call,
            ).images
        return pipe.scheduler.sigmas, to_picture(latent, SIDE, SIDE)


@pytest.mark.parametrize("node", ["ControlNetApplyAdvanced", "ControlNetApplySD3"])
def test_a_picture(tmp_path, node):
    steered = Steered(tmp_path)
    trial = steered.trial(node, start_percent=0.0, end_percent=1.0)
    sigmas, theirs = steered.pipeline("QwenImageControlNetPipeline", trial, control_image=picture() * 2 - 1)
    with torch.no_grad():
        assert difference(trial.walk(sigmas, 1.0), theirs) < 1e-4
        frame = trial.walk(sigmas, 1.0, trial.noise.unsqueeze(2))  # as the latent of a video of one frame
        assert difference(frame[:, :, 0], theirs) < 1e-4
        plain = Trial(trial.network, trial.model, steered.bench.texts(1), steered.bench.texts(2), trial.noise)
        assert difference(plain.walk(sigmas, 1.0), theirs) > 1e-2


def test_a_hole(tmp_path):
    steered = Steered(tmp_path, extra=4)
    trial = steered.trial("ControlNetInpaintingAliMamaApply", mask=hole()[:, 0], start_percent=0.0, end_percent=1.0)
    pictures = {"control_image": picture() * 2 - 1, "control_mask": hole()}
    sigmas, theirs = steered.pipeline("QwenImageControlNetInpaintPipeline", trial, **pictures)
    with torch.no_grad():
        assert difference(trial.walk(sigmas, 1.0), theirs) < 1e-4


def test_a_part_of_the_walk(tmp_path):
    steered = Steered(tmp_path)
    trial = steered.trial("ControlNetApplyAdvanced", start_percent=0.0, end_percent=0.3)
    # The pipeline counts steps, we look at the noise that is left: the first step of three is meant.
    call = {"control_image": picture() * 2 - 1, "control_guidance_end": 0.4}
    sigmas, theirs = steered.pipeline("QwenImageControlNetPipeline", trial, **call)
    last = trial.model.parametrization.percent_to_sigma(0.3)
    assert [last <= float(sigma) for sigma in sigmas[:3]] == [True, False, False]
    with torch.no_grad():
        assert difference(trial.walk(sigmas, 1.0), theirs) < 1e-4


def test_references_get_no_residuals(tmp_path):
    steered = Steered(tmp_path)
    trial = steered.trial("ControlNetApplyAdvanced", start_percent=0.0, end_percent=1.0)
    reference = torch.randn(1, 16, SIDE, SIDE + 4, generator=torch.Generator().manual_seed(9))
    context, options = trial.positive[0]
    options["reference_latents"] = [trial.model.latent_format.to_stored(reference)]
    latent, tokens = options[CONTROL].hint(trial.noise, trial.model.latent_format), to_tokens(trial.noise)
    text = {"encoder_hidden_states": context[:, : qwen_image.WANTED], "timestep": torch.tensor([0.6])}
    own = (1, SIDE // 2, SIDE // 2)
    with torch.no_grad():
        blocks = steered.control(
            hidden_states=tokens,
            controlnet_cond=to_tokens(latent),
            conditioning_scale=0.8,
            img_shapes=[[own]],
            return_dict=False,
            **text,
        )
        theirs = trial.network(
            hidden_states=torch.cat([tokens, to_tokens(reference)], dim=1),
            img_shapes=[[own, (1, SIDE // 2, SIDE // 2 + 2)]],
            controlnet_block_samples=[torch.cat([blocks[0], torch.zeros(1, 24, 64)], dim=1)],
            return_dict=False,
            **text,
        )[0][:, : tokens.shape[1]]
        expected = trial.noise + to_picture(theirs, SIDE, SIDE) * (0.3 - 0.6)
        assert difference(trial.walk([0.6, 0.3], 1.0), expected) < 1e-4


def test_the_latent_of_a_picture_has_no_frames(tmp_path):
    steered = Steered(tmp_path)
    request = HintRequest(
        picture(), torch.zeros(1, 16, 1, SIDE, SIDE), steered.model.latent_format, steered.autoencoder
    )
    assert steered.net.kind.name == "qwen_image"
    assert request.encoded().shape == (1, 16, SIDE, SIDE)
