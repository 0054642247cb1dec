"""ESRGAN's network in its three layouts, and the compact one, against the papers' formulas in float64."""

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional

from limner.graph.errors import ModelFileError
from limner.models.load.model_file import ModelFile
from limner.models.memory.ledger import ResidencyLedger
from limner.models.network import Network
from limner.models.upscalers.registry import upscaler_in

FEATURES, GROWTH, BLOCKS = 8, 4, 2


class Account:
    """What a model library is to an upscaler."""

    device = torch.device("cpu")
    ledger = ResidencyLedger("cpu")

    def network(self, what, file, blueprint, dtype=None):
        return Network(what, file, blueprint, dtype, self.device, self.ledger)


class Names:
    """One layout's names; the order is that of the computation."""

    def __init__(self, first, layer, joined, rises, detail, last, prefix=""):
        self.first, self.layer, self.joined = first, layer, joined
        self.rises, self.detail, self.last, self.prefix = rises, detail, last, prefix


RELEASES = {
    "numbered x4": Names(
        "model.0", "model.1.sub.{0}.RDB{1}.conv{2}.0", "model.1.sub.2", ("model.3", "model.6"), "model.8", "model.10"
    ),
    "numbered x1": Names("model.0", "model.1.sub.{0}.RDB{1}.conv{2}.0", "model.1.sub.2", (), "model.2", "model.4"),
    "numbered x2": Names(
        "model.0", "model.1.sub.{0}.RDB{1}.conv{2}.0", "model.1.sub.2", ("model.3",), "model.5", "model.7"
    ),
    "second": Names(
        "conv_first", "RRDB_trunk.{0}.RDB{1}.conv{2}", "trunk_conv", ("upconv1", "upconv2"), "HRconv", "conv_last"
    ),
    "real": Names(
        "conv_first",
        "body.{0}.rdb{1}.conv{2}",
        "conv_body",
        ("conv_up1", "conv_up2"),
        "conv_hr",
        "conv_last",
        "params_ema.",
    ),
}


def drawn(shapes, prefix=""):
    generator = torch.Generator().manual_seed(0)
    tensors = {}
    for name, shape in shapes.items():
        tensors[f"{prefix}{name}.weight"] = torch.randn(shape, generator=generator) * 0.1
        tensors[f"{prefix}{name}.bias"] = torch.randn(shape[0], generator=generator) * 0.1
    return tensors


def rrdb_tensors(names, channels=3, unshuffle=1):
    shapes = {names.first: (FEATURES, channels * unshuffle**2, 3, 3)}
    for block in range(BLOCKS):
        for dense in range(1, 4):
            for layer in range(1, 6):
                width = FEATURES if layer == 5 else GROWTH
                seen = FEATURES + (layer - 1) * GROWTH
                shapes[names.layer.format(block, dense, layer)] = (width, seen, 3, 3)
    square = (FEATURES, FEATURES, 3, 3)
    shapes |= dict.fromkeys((names.joined, *names.rises, names.detail), square)
    shapes[names.last] = (channels, FEATURES, 3, 3)
    return drawn(shapes, names.prefix)


def rectified(x):
    return torch.where(x > 0, x, 0.2 * x)


def rrdb_formula(tensors, names, picture, unshuffle=1):
    """Equations of the ESRGAN paper, one convolution at a time."""

    def conv(name, x):
        weight, bias = (tensors[f"{names.prefix}{name}.{part}"].double() for part in ("weight", "bias"))
        return functional.conv2d(x, weight, bias, padding=1)

    x = picture.double()
    if unshuffle > 1:
        b, c, h, w = x.shape
        x = x.reshape(b, c, h // unshuffle, unshuffle, w // unshuffle, unshuffle)
        x = x.permute(0, 1, 3, 5, 2, 4).reshape(b, c * unshuffle**2, h // unshuffle, w // unshuffle)
    x = conv(names.first, x)
    trunk = x
    for block in range(BLOCKS):
        outer = trunk
        for dense in range(1, 4):
            seen = [trunk]
            for layer in range(1, 5):
                seen.append(rectified(conv(names.layer.format(block, dense, layer), torch.cat(seen, 1))))
            trunk = trunk + 0.2 * conv(names.layer.format(block, dense, 5), torch.cat(seen, 1))
        trunk = outer + 0.2 * trunk
    x = x + conv(names.joined, trunk)
    for rise in names.rises:
        x = rectified(conv(rise, x.repeat_interleave(2, -1).repeat_interleave(2, -2)))
    return conv(names.last, rectified(conv(names.detail, x)))


def written(tensors, tmp_path, suffix=".safetensors"):
    path = tmp_path / f"upscaler{suffix}"
    if suffix == ".pth":
        torch.save(tensors, path)
    else:
        save_file(tensors, path)
    return ModelFile.open(path)


def answered(upscaler, picture):
    with torch.no_grad(), upscaler.network.lease() as network:
        return network(picture)


PICTURE = torch.rand(1, 3, 12, 8, generator=torch.Generator().manual_seed(5))


@pytest.mark.parametrize("release", RELEASES)
def test_residual_dense_blocks_are_the_papers(release, tmp_path):
    names = RELEASES[release]
    tensors = rrdb_tensors(names)
    upscaler = upscaler_in(written(tensors, tmp_path), Account())
    assert upscaler.scale == 2 ** len(names.rises)
    expected = rrdb_formula(tensors, names, PICTURE)
    assert torch.allclose(answered(upscaler, PICTURE).double(), expected, atol=1e-6)


@pytest.mark.parametrize(("unshuffle", "scale"), [(2, 2), (4, 1)])
def test_squares_of_pixels_are_laid_into_channels(unshuffle, scale, tmp_path):
    names = RELEASES["real"]
    tensors = rrdb_tensors(names, unshuffle=unshuffle)
    upscaler = upscaler_in(written(tensors, tmp_path), Account())
    assert (upscaler.scale, upscaler.multiple) == (scale, unshuffle)
    expected = rrdb_formula(tensors, names, PICTURE, unshuffle)
    assert torch.allclose(answered(upscaler, PICTURE).double(), expected, atol=1e-6)


def test_a_pickled_file_with_both_kinds_of_weights_gives_the_averaged_ones(tmp_path):
    names = RELEASES["real"]
    averaged = {name.removeprefix("params_ema."): tensor for name, tensor in rrdb_tensors(names).items()}
    both = {"params": {name: tensor + 1 for name, tensor in averaged.items()}, "params_ema": averaged}
    upscaler = upscaler_in(written(both, tmp_path, ".pth"), Account())
    expected = rrdb_formula(rrdb_tensors(names), names, PICTURE)
    assert torch.allclose(answered(upscaler, PICTURE).double(), expected, atol=1e-6)


@pytest.mark.parametrize("scale", [1, 2, 4])
@pytest.mark.parametrize("prefix", ["", "params."])
def test_compact_networks_add_to_the_enlarged_picture(scale, prefix, tmp_path):
    depth = 3
    shapes = {"body.0": (FEATURES, 3, 3, 3)} | {
        f"body.{2 * n}": (FEATURES, FEATURES, 3, 3) for n in range(1, depth + 1)
    }
    shapes[f"body.{2 * depth + 2}"] = (3 * scale**2, FEATURES, 3, 3)
    tensors = drawn(shapes, prefix)
    for n in range(depth + 1):
        tensors[f"{prefix}body.{2 * n + 1}.weight"] = torch.linspace(0.1, 0.4, FEATURES)
    upscaler = upscaler_in(written(tensors, tmp_path), Account())
    assert upscaler.scale == scale
    x = PICTURE.double()
    for n in range(depth + 2):
        x = functional.conv2d(
            x, *(tensors[f"{prefix}body.{2 * n}.{part}"].double() for part in ("weight", "bias")), padding=1
        )
        if n <= depth:
            slopes = tensors[f"{prefix}body.{2 * n + 1}.weight"].double().reshape(1, -1, 1, 1)
            x = torch.where(x > 0, x, slopes * x)
    rows, columns = PICTURE.shape[-2:]
    laid = x.reshape(1, 3, scale, scale, rows, columns).permute(0, 1, 4, 2, 5, 3).reshape(1, 3, rows * scale, -1)
    expected = laid + PICTURE.double().repeat_interleave(scale, -1).repeat_interleave(scale, -2)
    assert torch.allclose(answered(upscaler, PICTURE).double(), expected, atol=1e-6)


def test_what_nobody_knows_is_refused_with_advice(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "spandrel", None)
    tensors = rrdb_tensors(RELEASES["real"]) | {"params_ema.surplus.weight": torch.zeros(2)}
    with pytest.raises(ModelFileError, match=r"no upscaler of the ESRGAN family.*limner\[upscale\]"):
        upscaler_in(written(tensors, tmp_path), Account())
