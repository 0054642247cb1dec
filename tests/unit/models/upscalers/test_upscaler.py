"""Pictures through an upscaler: tiles, memory, channels, sides that do not fit; and what spandrel brings."""

import contextlib
import types
from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile
from limner.models.memory.ledger import ResidencyLedger
from limner.models.upscalers.registry import upscaler_in
from limner.models.upscalers.spandrel_bridge import SpandrelNetwork
from limner.models.upscalers.upscaler import Upscaler

PIXELS = torch.rand(2, 40, 30, 3, generator=torch.Generator().manual_seed(2))


class Doubling:
    """A network that enlarges without smoothing and remembers what it saw."""

    device, dtype = torch.device("cpu"), torch.float32

    def __init__(self, room=10**9, scale=2):
        self.room, self.scale, self.seen = room, scale, []

    @contextlib.contextmanager
    def lease(self, why=""):
        yield self

    def __call__(self, picture):
        if picture.shape[-1] * picture.shape[-2] > self.room:
            raise torch.OutOfMemoryError("no room")
        self.seen.append(tuple(picture.shape))
        return functional.interpolate(picture, scale_factor=self.scale, mode="nearest")


def doubled(pixels):
    return pixels.repeat_interleave(2, 1).repeat_interleave(2, 2)


def test_pictures_grow_one_by_one():
    network, reports = Doubling(), []
    result = Upscaler("a", network, 2).upscale(PIXELS, lambda *told: reports.append(told))
    assert torch.allclose(result, doubled(PIXELS))
    assert network.seen == [(1, 3, 40, 30)] * 2
    assert reports == [(1, 2), (2, 2)]


def test_tiles_are_halved_until_they_fit():
    large = torch.rand(1, 300, 520, 3)
    network = Doubling(room=130 * 130)
    result = Upscaler("a", network, 2).upscale(large)
    assert torch.allclose(result, doubled(large), atol=1e-6)
    assert max(shape[-1] for shape in network.seen) == 128


def test_a_tile_that_never_fits_is_an_error():
    with pytest.raises(torch.OutOfMemoryError):
        Upscaler("a", Doubling(room=100), 2).upscale(PIXELS)


def test_a_network_that_must_see_the_whole_gets_it():
    large = torch.rand(1, 600, 40, 3)
    network = Doubling()
    Upscaler("a", network, 2, divisible=False).upscale(large)
    assert network.seen == [(1, 3, 600, 40)]


@pytest.mark.parametrize(("channels", "shape"), [(1, (3, 1, 40, 32)), (3, (1, 3, 40, 32)), (4, (1, 4, 40, 32))])
def test_channels_and_sides_are_made_to_fit(channels, shape):
    network = Doubling()
    with_alpha = torch.cat([PIXELS, PIXELS[..., :1]], dim=-1)
    result = Upscaler("a", network, 2, channels=channels, multiple=4).upscale(with_alpha)
    assert torch.allclose(result, doubled(PIXELS))
    assert network.seen[0] == shape


def test_results_stay_in_range():
    class Bright(Doubling):
        def __call__(self, picture):
            return super().__call__(picture) * 3 - 1

    result = Upscaler("a", Bright(), 2).upscale(PIXELS)
    assert (float(result.min()), float(result.max())) == (0.0, 1.0)


class Descriptor:
    """What spandrel's documentation says of an ImageModelDescriptor."""

    scale, input_channels, output_channels = 2, 3, 3
    architecture = types.SimpleNamespace(name="SwinIR")
    tiling = types.SimpleNamespace(name="SUPPORTED")

    def to(self, device, dtype):
        assert (device, dtype) == (torch.device("cpu"), torch.float32)
        return self

    def eval(self):
        return self

    def __call__(self, picture):
        return functional.interpolate(picture, scale_factor=2, mode="nearest")


class Masked(Descriptor):
    pass


class UnsupportedError(Exception):
    pass


def stand_in(descriptor):
    """A module with spandrel's documented names."""

    class ModelLoader:
        def __init__(self, device):
            self.device = device

        def load_from_file(self, path):
            if isinstance(descriptor, Exception):
                raise descriptor
            return descriptor

    return types.SimpleNamespace(
        ModelLoader=ModelLoader,
        ImageModelDescriptor=type("ImageModelDescriptor", (), {"__instancecheck__": None})
        if isinstance(descriptor, Masked)
        else Descriptor,
        UnsupportedModelError=UnsupportedError,
    )


@pytest.fixture
def library():
    return types.SimpleNamespace(device=torch.device("cpu"), ledger=ResidencyLedger("cpu"), network=None)


@pytest.fixture
def file():
    return ModelFile.of({"layers.0.weight": torch.zeros(4)}, "other.pth")


def test_other_architectures_come_through_spandrel(library, file, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "spandrel", stand_in(Descriptor()))
    upscaler = upscaler_in(file, library)
    assert (upscaler.name, upscaler.scale, upscaler.divisible) == ("other.pth (SwinIR)", 2, True)
    assert torch.allclose(upscaler.upscale(PIXELS), doubled(PIXELS))
    assert library.ledger.status()["entries"][0]["what"] == "other.pth (upscaler)"


REFUSED = [(Masked(), "wants a mask"), (UnsupportedError("odd"), "knows .odd.")]


@pytest.mark.parametrize(("descriptor", "words"), REFUSED)
def test_what_is_no_upscaler_is_refused(descriptor, words, library, file, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "spandrel", stand_in(descriptor))
    with pytest.raises(ModelFileError, match=words):
        upscaler_in(file, library)


def test_networks_of_spandrel_are_equal_by_file(file, library):
    network = SpandrelNetwork(file, library.device, library.ledger)
    assert network == replace(network)
