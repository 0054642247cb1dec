"""Nodes that ask other services, and the files in which values travel."""

import math

import pytest
import torch

from limner.graph.elsewhere import NothingElsewhere
from limner.graph.errors import NumericsError, SettingsError, StepError, StorageError
from limner.media.pictures import decode_picture
from limner.media.png import encode_png
from limner.media.tensor_files import decode_value, encode_value
from limner.nodes.elsewhere_pictures import picture_from_provider
from limner.nodes.elsewhere_steps import (
    decode_elsewhere,
    encode_elsewhere,
    encode_text_elsewhere,
    upscale_elsewhere,
)
from limner.nodes.tensor_files import load_tensors, save_tensors


class Answering:
    """Draws pictures of one colour, and gives values back."""

    def __init__(self, value=None, sizes=((8, 6),)):
        self.orders, self.graphs, self.value, self.sizes = [], [], value, sizes

    async def draw(self, order, progress):
        self.orders.append(order)
        width, height = self.sizes[(len(self.orders) - 1) % len(self.sizes)]
        return encode_png(torch.full((height, width, 3), order.seed, dtype=torch.uint8).numpy())

    async def compute(self, provider, graph, files, progress):
        self.graphs.append((provider, graph, files))
        return {} if self.value is None else {"back": encode_value(self.value)}


async def test_a_picture(progress):
    far = Answering()
    image = await picture_from_provider(
        model="far/a", prompt="x", seed=51, count=1, elsewhere=far, progress=progress
    )  # fmt: skip
    assert image.shape == (1, 6, 8, 3)
    assert torch.allclose(image, torch.tensor(51 / 255))
    assert (far.orders[0].width, far.orders[0].image, far.orders[0].mask) == (1024, b"", b"")


async def test_several_pictures_have_seeds_in_a_row_and_one_size(progress):
    far = Answering(sizes=((8, 6), (10, 10)))
    images = await picture_from_provider(model="far/a", seed=2, count=3, elsewhere=far, progress=progress)
    assert [order.seed for order in far.orders] == [2, 3, 4]
    assert images.shape == (3, 6, 8, 3)
    assert [report[:2] for report in progress.reports] == [(0, 3), (1, 3), (2, 3), (3, 3)]


async def test_what_is_painted_over_and_where(progress):
    far = Answering()
    image, mask = torch.rand(2, 12, 16, 3), torch.zeros(1, 6, 8)
    mask[:, :, 4:] = 1
    await picture_from_provider(
        model="far/a", image=image, mask=mask, width=0, height=0, strength=0.4, elsewhere=far, progress=progress
    )
    (order,) = far.orders
    assert (order.width, order.height, order.strength) == (16, 12, 0.4)
    assert torch.allclose(decode_picture(order.image, "x").images, image[:1], atol=1 / 255)
    sent = decode_picture(order.mask, "x").images
    assert sent.shape == (1, 12, 16, 3)
    assert (sent[0, 0, 0, 0], sent[0, 0, -1, 0]) == (0, 1)


async def test_a_picture_that_is_none(progress):
    class Broken(Answering):
        async def draw(self, order, progress):
            return b"no picture"

    with pytest.raises(StorageError, match="the answer of far/a"):
        await picture_from_provider(model="far/a", elsewhere=Broken(), progress=progress)


async def test_where_nothing_is_configured_it_says_what_to_do(progress):
    with pytest.raises(SettingsError, match="No other services"):
        await picture_from_provider(model="far/a", elsewhere=NothingElsewhere(), progress=progress)


async def test_steps_send_what_they_need_and_give_what_came(progress):
    latent, image = {"samples": torch.rand(1, 4, 8, 8)}, torch.rand(1, 8, 8, 3)
    asked = {"provider": "near", "progress": progress}
    text = [[torch.rand(1, 3, 2), {"pooled_output": torch.rand(1, 2)}]]
    far = Answering(text)
    (given,) = await encode_text_elsewhere(**asked, model="m", text="x", elsewhere=far)
    assert torch.equal(given[0], text[0][0])
    assert torch.equal(given[1]["pooled_output"], text[0][1]["pooled_output"])
    await encode_text_elsewhere(**asked, text_encoder="t5", text_kind="flux", text="x", elsewhere=far)
    assert [graph.nodes["loader"].type for _, graph, _ in far.graphs] == ["CheckpointLoaderSimple", "CLIPLoader"]
    far = Answering(image)
    assert torch.equal(await decode_elsewhere(**asked, samples=latent, vae="v", elsewhere=far), image)
    assert torch.equal(decode_value(far.graphs[0][2]["sent.safetensors"], "x")["samples"], latent["samples"])
    assert torch.equal(await upscale_elsewhere(**asked, image=image, upscale_model="u", elsewhere=far), image)
    far = Answering(latent)
    given = await encode_elsewhere(**asked, pixels=image, model="m", elsewhere=far)
    assert torch.equal(given["samples"], latent["samples"])


async def test_steps_say_what_is_missing(progress):
    asked = {"provider": "near", "progress": progress, "pixels": torch.rand(1, 8, 8, 3)}
    with pytest.raises(SettingsError, match="Name a checkpoint"):
        await encode_elsewhere(**asked, elsewhere=Answering())
    with pytest.raises(StepError, match="gave no value back"):
        await encode_elsewhere(**asked, model="m", elsewhere=Answering())


def test_values_come_back_as_they_were():
    shared = torch.rand(4, 4)
    value = [
        [shared, {"pooled": shared[:2].half(), "deep": [{"n": 1, "t": (True, None, "x", 0.5)}], "ints": shared.long()}]
    ]
    ((first, options),) = decode_value(encode_value(value), "x")
    assert torch.equal(first, shared)
    assert options["pooled"].dtype is torch.float16
    assert torch.equal(options["ints"], shared.long())
    assert options["deep"] == [{"n": 1, "t": [True, None, "x", 0.5]}]


@pytest.mark.parametrize("value", [object(), {"a": [object()]}, [math]])
def test_what_is_no_value_is_refused(value):
    with pytest.raises(NumericsError, match="cannot be written"):
        encode_value(value)


def test_values_in_themselves_are_refused():
    inner: list = []
    inner.append(inner)
    with pytest.raises(NumericsError, match="nested"):
        encode_value(inner)


@pytest.mark.parametrize("content", [b"", b"x" * 20, encode_value(1) + b"!", b"\x02\0\0\0\0\0\0\0{}"])
def test_files_that_are_none(content):
    with pytest.raises(StorageError, match="SaveTensors"):
        decode_value(content, "a.safetensors")


def test_saved_and_loaded(folders):
    value = {"samples": torch.rand(1, 4, 2, 2)}
    told = save_tensors(value=value, folders=folders).ui["tensors"]
    assert save_tensors(value=value, folders=folders).ui["tensors"] == told, "equal values are one file"
    found = load_tensors(file=f"{told[0]['filename']} [temp]", folders=folders)
    assert torch.equal(found["samples"], value["samples"])
    with pytest.raises(StorageError, match="Upload it"):
        load_tensors(file="gone.safetensors", folders=folders)
