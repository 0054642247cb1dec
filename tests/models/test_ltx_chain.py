"""LTX-Video's nodes in a row, as a workflow wires them: guides, noise levels, sampling, decoding, previews."""

import io

import pytest
import torch
from PIL import Image
from tests.models.families import ltxv
from tests.models.families.case import Bench

from limner.graph.progress import SilentProgress
from limner.sampling.loop import DenoisingLoop
from limner.sampling.registry import SamplingRegistry

STEPS, FRAMES = 3, 25


class Watching(SilentProgress):
    """Keeps the previews."""

    preview_size = 64

    def __init__(self):
        self.pictures = []

    def report(self, value, total, preview=None, *, quiet=False):
        self.pictures.append(preview)


class Chain:
    """A tiny network with its autoencoder, and nodes called by their names."""

    def __init__(self, root):
        self.bench = Bench(ltxv.GUIDED, root)
        self.model = self.bench.load("checkpoint")
        name = self.bench.write("vae", "tiny", ltxv.late_autoencoder().state_dict())
        self.vae = self.call("VAELoader", vae_name=name, library=self.bench.library)
        self.texts = self.call("LTXVConditioning", positive=self.text(1), negative=self.text(2), frame_rate=24.0)
        self.progress = Watching()

    def call(self, node, **inputs):
        return self.bench.call(node, **inputs)

    def text(self, seed):
        return self.bench.texts(seed)

    def guided(self, *starts):
        """Texts and latent with a guide at each frame."""
        latent = self.call("EmptyLTXVLatentVideo", width=64, height=128, length=FRAMES, batch_size=1)
        draw = torch.Generator().manual_seed(3)
        image = self.call("LTXVPreprocess", image=torch.rand(1, 100, 60, 3, generator=draw), img_compression=20)
        told = (*self.texts, latent)
        for start in starts:
            positive, negative, latent = told
            told = self.call(
                "LTXVAddGuide",
                positive=positive,
                negative=negative,
                vae=self.vae,
                latent=latent,
                image=image,
                frame_idx=start,
                strength=1.0,
            )
        return told

    def sample(self, told, model):
        positive, negative, latent = told
        sigmas = self.call("LTXVScheduler", steps=STEPS, latent=latent)
        assert len(sigmas) == STEPS + 1
        loop = DenoisingLoop()
        try:
            result, _ = self.call(
                "SamplerCustom",
                model=self.call("ModelSamplingLTXV", model=model, latent=latent),
                noise_seed=5,
                cfg=2.0,
                positive=positive,
                negative=negative,
                sampler=SamplingRegistry.discovered().sampler("euler"),
                sigmas=sigmas,
                latent_image=latent,
                loop=loop,
                progress=self.progress,
            )
        finally:
            loop.close()
        return result


@pytest.fixture
def chain(tmp_path):
    return Chain(tmp_path)


def test_guides_stay_and_are_cut_off_before_the_video_is_decoded(chain):
    told = chain.guided(0, 13, -1)
    result = chain.sample(told, chain.model)
    given, made = told[2]["samples"], result["samples"]
    assert made.shape == (1, 128, 6, 4, 2)
    torch.testing.assert_close(made[:, :, [0, 4, 5]], given[:, :, [0, 4, 5]], rtol=0, atol=1e-5)
    positive, _, video = chain.call("LTXVCropGuides", positive=told[0], negative=told[1], latent=result)
    assert positive[0][1]["frame_rate"] == 24.0
    assert torch.equal(video["samples"], made[:, :, :4])
    frames = chain.call("VAEDecode", samples=video, vae=chain.vae)
    assert frames.shape == (FRAMES, 128, 64, 3)
    assert frames.isfinite().all()


def test_guides_steer_what_is_free(chain):
    plain, guided = (chain.sample(chain.guided(*starts), chain.model)["samples"] for starts in ((), (13,)))
    assert (plain - guided[:, :, :4]).abs().max() > 1e-3


def test_each_step_is_seen(chain):
    chain.sample(chain.guided(13), chain.model)
    assert len(chain.progress.pictures) == STEPS
    seen = [Image.open(io.BytesIO(preview.image)) for preview in chain.progress.pictures]
    assert {picture.size for picture in seen} == {(32, 64)}


def test_windows_cover_a_video(chain):
    windows = {"context_length": 3, "context_overlap": 1, "fuse_method": "pyramid", "dim": 2}
    model = chain.call(
        "ContextWindowsManual", model=chain.model, context_schedule="standard_uniform", context_stride=1, **windows
    )
    whole, pieces = (chain.sample(chain.guided(), each)["samples"] for each in (chain.model, model))
    assert pieces.shape == whole.shape
    assert pieces.isfinite().all()
    assert (pieces - whole).abs().max() > 1e-4
