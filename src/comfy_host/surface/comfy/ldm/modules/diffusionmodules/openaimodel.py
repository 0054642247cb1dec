"""Blocks of the original UNet; here so that packs can ask what one is. Networks hold diffusers' blocks."""

from torch import nn

from comfy_host.missing import absent
from limner.graph.errors import NumericsError


class TimestepBlock(nn.Module):
    """A layer that is told the timestep."""


class TimestepEmbedSequential(nn.Sequential, TimestepBlock):
    """Layers of which some are told the timestep."""


class Upsample(nn.Module):
    """A block that enlarges."""


class Downsample(nn.Module):
    """A block that shrinks."""


class ResBlock(TimestepBlock):
    """A residual block."""


class VideoResBlock(ResBlock):
    """A residual block over frames."""


class Timestep(nn.Module):
    """Sinusoidal features of a number."""

    def __init__(self, dim):
        super().__init__()
        self.dim = dim

    def forward(self, t):
        """Shapes: t [n]; [n dim]."""
        from comfy.ldm.modules.diffusionmodules.util import timestep_embedding

        return timestep_embedding(t, self.dim)


class UNetModel(nn.Module):
    """The original UNet; cannot be built."""

    def __init__(self, *_, **__):
        super().__init__()
        raise NumericsError(
            "comfy.ldm UNetModel: Limner runs diffusers' networks; one of a pack's own cannot be built."
        )


def apply_control(h, control, name):
    """Hidden states plus the next residual of a side."""
    waiting = (control or {}).get(name)
    residual = waiting.pop() if waiting else None
    return h if residual is None else h + residual


def forward_timestep_embed(ts, x, emb, context=None, transformer_options={}, output_shape=None, **_):
    """Runs layers one after another, each with what it needs."""
    for layer in ts:
        if isinstance(layer, TimestepBlock):
            x = layer(x, emb)
        elif hasattr(layer, "transformer_blocks"):
            x = layer(x, context)
        else:
            x = layer(x)
    return x


__getattr__ = absent(__name__)
