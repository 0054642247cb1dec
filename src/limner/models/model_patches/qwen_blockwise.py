"""Controls of Qwen-Image that look at what comes out of every block (DiffSynth): one small perceptron a block.

Behind a block the picture's tokens x get w * output(gelu(input(norm(x) + norm(c)))), c being the tokens of the picture
that steers, brought to the network's width once. For inpainting the hole is hidden in that picture, and where it is
kept is four further channels of its tokens.
Source: ModelScope 2025, "Qwen-Image-Blockwise-ControlNet"; names are those of the published files.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from torch import Tensor, nn

from limner.graph.errors import NumericsError
from limner.models.autoencoder import Autoencoder
from limner.models.control.control import HintRequest, covering
from limner.models.control.hints import inpainting_hint, latent_hint
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.model_patches.model_patch import ModelPatch, ModelPatchKind
from limner.models.parts.patch_tokens import SIDE, padded, to_tokens
from limner.sampling.denoiser import LatentFormat

MARKS = ("img_in.weight", "controlnet_blocks.0.x_rms.weight", "controlnet_blocks.0.input_proj.weight")
TINY = 1e-6
TOKEN = 16 * SIDE**2
"""Channels of a token of a latent; those that see a mask besides have more."""


class BlockControl(nn.Module):
    """What is added behind one block."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.x_rms, self.y_rms = nn.RMSNorm(width, eps=TINY), nn.RMSNorm(width, eps=TINY)
        self.input_proj, self.act, self.output_proj = nn.Linear(width, width), nn.GELU(), nn.Linear(width, width)

    def forward(self, x: Tensor, steering: Tensor) -> Tensor:
        """Shapes: x and steering [n t d]; returns like x."""
        return self.output_proj(self.act(self.input_proj(self.x_rms(x) + self.y_rms(steering))))


class BlockwiseControl(nn.Module):
    """One for each block of the network that is steered, and what brings the picture to its width."""

    def __init__(self, blocks: int, channels: int, width: int) -> None:
        super().__init__()
        self.img_in = nn.Linear(channels, width)
        self.controlnet_blocks = nn.ModuleList(BlockControl(width) for _ in range(blocks))


@dataclass(frozen=True)
class BlockwisePicture:
    """A picture that steers. A ``BlockPatch``; equal ones are told by ``digest``.

    Attributes:
        patch: The network's file.
        picture: [1 3 h w] in 0..1.
        mask: [1 1 h w], 1 where to paint, or None.
        autoencoder: Encodes the picture.
        latent_format: Scales its latent.
        strength: What is added is multiplied by this.
        digest: Stands for the picture, the mask and the autoencoder.
    """

    patch: ModelPatch = field(compare=False, repr=False)
    picture: Tensor = field(compare=False, repr=False)
    mask: Tensor | None = field(compare=False, repr=False)
    autoencoder: Autoencoder = field(compare=False, repr=False)
    latent_format: LatentFormat = field(compare=False, repr=False)
    strength: float
    digest: Any
    _tokens: dict[tuple[int, int], Tensor] = field(default_factory=dict, compare=False, repr=False)
    """Of sizes that were asked for."""

    def replacements(self, network: nn.Module) -> Sequence[tuple[nn.Module, Callable[..., Any]]]:
        """See ``BlockPatch``.

        Raises:
            NumericsError: if the network is none that the file was made for.
        """
        blocks, facts = getattr(network, "transformer_blocks", None), self.patch.network.blueprint.facts
        embedder = getattr(network, "img_in", None)
        if not isinstance(blocks, nn.ModuleList) or not isinstance(embedder, nn.Linear):
            raise NumericsError("This control was made for Qwen-Image, and the model is another one.")
        if (len(blocks), embedder.out_features) != (facts["blocks"], facts["width"]):
            raise NumericsError(
                f"This control was made for {facts['blocks']} blocks of width {facts['width']}; the model has "
                f"{len(blocks)} of width {embedder.out_features}. Choose one that was made for this model."
            )
        steered = _Steered(self)
        behind = [(block, partial(steered.behind, number)) for number, block in enumerate(blocks)]
        return [(network, steered.around), *behind]

    def tokens(self, rows: int, columns: int) -> Tensor:
        """What the network looks at, for a picture of so many patches. Shapes: returns [1 t c]."""
        if (rows, columns) not in self._tokens:
            size = rows * SIDE * self.latent_format.downscale, columns * SIDE * self.latent_format.downscale
            mask = None if self.mask is None else covering(self.mask, *size)
            request = HintRequest(
                covering(self.picture, *size), self.picture, self.latent_format, self.autoencoder, mask
            )
            masked = self.patch.network.blueprint.facts["masked"]
            self._tokens[rows, columns] = to_tokens(padded((inpainting_hint if masked else latent_hint)(request)))
        return self._tokens[rows, columns]


@dataclass
class _Steered:
    """One pass of the network that is steered.

    Attributes:
        picture: What steers it.
        control: The network that looks at the picture, while the pass runs.
        steering: The picture as it sees it [1 t d].
    """

    picture: BlockwisePicture
    control: Any = None
    steering: Any = None

    def around(self, own: Callable[..., Any], *inputs: Any, **named: Any) -> Any:
        """The pass; the control's network is there as long as it takes."""
        x = named["hidden_states"]
        _, rows, columns = named["img_shapes"][0][0]
        tokens = self.picture.tokens(rows, columns).to(x)
        with replace(self.picture.patch.network, dtype=x.dtype).lease("control") as self.control:
            self.steering = self.control.img_in(tokens)
            return own(*inputs, **named)

    def behind(self, number: int, own: Callable[..., Any], *inputs: Any, **named: Any) -> tuple[Tensor, Tensor]:
        """A block, with what is added to the picture's tokens; those of reference pictures follow them."""
        text, picture = own(*inputs, **named)
        count = self.steering.shape[1]
        added = self.control.controlnet_blocks[number](picture[:, :count], self.steering)
        picture = picture.clone()
        picture[:, :count] += added * self.picture.strength
        return text, picture


def _blueprint(layout: Layout) -> Blueprint | None:
    if any(mark not in layout for mark in MARKS):
        return None
    width, channels = layout.shape("img_in.weight")
    blocks = layout.count("controlnet_blocks.{}.")
    return Blueprint(
        keys={name: Source((name,)) for name in layout},
        build=partial(BlockwiseControl, blocks, channels, width),
        facts={"blocks": blocks, "width": width, "masked": channels > TOKEN},
    )


QWEN_BLOCKWISE = ModelPatchKind(
    name="qwen_blockwise",
    doc="Controls of Qwen-Image that look at what comes out of every block (DiffSynth).",
    blueprint=_blueprint,
)
