"""Controls of Qwen-Image behind each block, against their formula in float64 on diffusers' network."""

import pytest
import torch
from tests.models.families import flux, qwen_image
from tests.models.families.case import Bench, Trial
from tests.models.families.components import difference
from torch.nn.functional import gelu, interpolate

from limner.graph.errors import NumericsError
from limner.models.parts.patch_tokens import to_picture, to_tokens

SIDE, PIXELS = qwen_image.SIDE, qwen_image.PIXELS
WIDTH, BLOCKS = 64, 2


def patch_file(channels=64, blocks=BLOCKS):
    generator = torch.Generator().manual_seed(21)

    def drawn(*shape):
        return torch.randn(shape, generator=generator) / (shape[-1] if len(shape) > 1 else 4) ** 0.5

    state = {"img_in.weight": drawn(WIDTH, channels), "img_in.bias": drawn(WIDTH)}
    for number in range(blocks):
        place = f"controlnet_blocks.{number}"
        state |= {f"{place}.{norm}_rms.weight": 1 + drawn(WIDTH) for norm in "xy"}
        for layer in ("input_proj", "output_proj"):
            state |= {f"{place}.{layer}.weight": drawn(WIDTH, WIDTH), f"{place}.{layer}.bias": drawn(WIDTH)}
    return state


def normed(x, weight):
    return x / (x.square().mean(dim=-1, keepdim=True) + 1e-6).sqrt() * weight


def behind(state, steering, strength):
    """Hooks for blocks that add what the formula says."""

    def hook(number):
        own = {name.split(".", 2)[2]: value.double() for name, value in state.items() if f"blocks.{number}." in name}

        def add(module, inputs, output):
            text, picture = output
            x = picture[:, : steering.shape[1]].double()
            y = normed(x, own["x_rms.weight"]) + normed(steering, own["y_rms.weight"])
            y = gelu(y @ own["input_proj.weight"].T + own["input_proj.bias"])
            y = (y @ own["output_proj.weight"].T + own["output_proj.bias"]) * strength
            return text, torch.cat([(x + y).float(), picture[:, steering.shape[1] :]], dim=1)

        return add

    return hook


class Steered:
    """A tiny model, a control and an autoencoder, loaded by nodes."""

    def __init__(self, root, state):
        self.bench, self.state = Bench(qwen_image.IMAGE, root), state
        self.model = self.bench.load("checkpoint")
        file = self.bench.write("model_patches", "blockwise", state)
        self.patch = self.bench.call("ModelPatchLoader", name=file, library=self.bench.library)
        vae = self.bench.write("vae", "tiny", qwen_image.autoencoder().state_dict())
        self.vae = self.bench.call("VAELoader", vae_name=vae, library=self.bench.library)

    def applied(self, model=None, **inputs):
        image = torch.rand(1, PIXELS, PIXELS, 3, generator=torch.Generator().manual_seed(7))
        given = {"image": image, "strength": 0.6, **inputs}
        model = model or self.model
        return self.bench.call(
            "QwenImageDiffsynthControlnet", model=model, model_patch=self.patch, vae=self.vae, **given
        )

    def latent(self, picture):
        return self.model.latent_format.to_model(self.vae.encode(picture)[:, :, 0])

    def answer(self, model, *, frames=False, **options):
        """One step, with a reference picture where the options have one."""
        positive = self.bench.texts(1)
        positive[0][1].update(options)
        noise = torch.randn(1, 16, SIDE, SIDE, generator=torch.Generator().manual_seed(5))
        trial = Trial(self.bench.network, model, positive, self.bench.texts(2), noise)
        with torch.no_grad():
            found = trial.walk([0.6, 0.3], 1.0, noise.unsqueeze(2) if frames else noise)
        return (found[:, :, 0] if frames else found), noise, positive[0][0]

    def wanted(self, seen, noise, context, strength=0.6, reference=None):
        weight, bias = self.state["img_in.weight"].double(), self.state["img_in.bias"].double()
        hook = behind(self.state, to_tokens(seen).double() @ weight.T + bias, strength)
        blocks = self.bench.network.transformer_blocks
        handles = [block.register_forward_hook(hook(number)) for number, block in enumerate(blocks)]
        shown = [to_tokens(noise)] if reference is None else [to_tokens(noise), to_tokens(reference)]
        try:
            output = self.bench.network(
                hidden_states=torch.cat(shown, dim=1),
                encoder_hidden_states=context[:, : qwen_image.WANTED],
                timestep=torch.tensor([0.6]),
                img_shapes=[[(1, SIDE // 2, SIDE // 2)] * len(shown)],
                return_dict=False,
            )[0][:, : shown[0].shape[1]]
        finally:
            for handle in handles:
                handle.remove()
        return noise + to_picture(output, SIDE, SIDE) * (0.3 - 0.6)


@pytest.fixture
def steered(tmp_path):
    return Steered(tmp_path, patch_file())


def picture(size=PIXELS, seed=7):
    return torch.rand(1, size, size, 3, generator=torch.Generator().manual_seed(seed))


def test_a_picture_steers_behind_every_block(steered):
    model = steered.applied()
    ours, noise, context = steered.answer(model)
    wanted = steered.wanted(steered.latent(picture()), noise, context)
    assert difference(ours, wanted) < 1e-4
    assert difference(steered.answer(steered.model)[0], wanted) > 1e-3
    assert difference(steered.answer(model, frames=True)[0], wanted) < 1e-4


def test_reference_pictures_are_not_steered(steered):
    reference = torch.randn(1, 16, SIDE, SIDE, generator=torch.Generator().manual_seed(9))
    stored = steered.model.latent_format.to_stored(reference)
    ours, noise, context = steered.answer(steered.applied(), reference_latents=[stored])
    assert difference(ours, steered.wanted(steered.latent(picture()), noise, context, reference=reference)) < 1e-4


def test_a_hole_is_hidden_and_told(tmp_path):
    steered = Steered(tmp_path, patch_file(channels=68))
    mask = torch.zeros(1, PIXELS, PIXELS)
    mask[..., 16:40] = 1
    ours, noise, context = steered.answer(steered.applied(mask=mask))
    latent = steered.latent(picture() * (1 - mask[..., None]))
    kept = 1 - interpolate(mask[:, None], size=(SIDE, SIDE), mode="nearest")
    assert difference(ours, steered.wanted(torch.cat([latent, kept], dim=1), noise, context)) < 1e-4


def test_keys_and_strength(steered):
    one, same, other = steered.applied(), steered.applied(), steered.applied(image=picture(seed=8))
    assert one.key == same.key
    assert len({one.key, other.key, steered.model.key, steered.applied(strength=0.5).key}) == 4
    assert steered.applied(strength=0.0) is steered.model


def test_pictures_of_other_sizes_are_cut_and_several_add_up(steered):
    twice = steered.applied(steered.applied(image=picture(96)), image=picture(seed=8))
    assert difference(steered.answer(twice)[0], steered.answer(steered.applied(image=picture(seed=8)))[0]) > 1e-3


def test_what_does_not_fit_is_said(steered, tmp_path):
    other = Bench(flux.DEV, tmp_path / "flux")
    with pytest.raises(NumericsError, match="made for Qwen-Image"):
        steered.answer(steered.applied(other.load("original")))
    with pytest.raises(NumericsError, match="kind str"):
        steered.bench.call(
            "QwenImageDiffsynthControlnet", model=steered.model, model_patch="x", vae=steered.vae, image=picture()
        )
    deep = Steered(tmp_path / "deep", patch_file(blocks=3))
    with pytest.raises(NumericsError, match="made for 3 blocks of width 64; the model has 2"):
        deep.answer(deep.applied())
