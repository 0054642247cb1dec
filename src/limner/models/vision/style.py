"""Style models: what a vision encoder sees becomes tokens that stand beside those of the text.

Redux (for Flux): Black Forest Labs 2024, two layers on SigLIP's states. Style adapter (for Stable Diffusion 1): Mou et
al. 2023, "T2I-Adapter", section 3.4: eight learned tokens that look at CLIP's states.
"""

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from limner.graph.errors import ModelFileError
from limner.models.library import ModelLibrary
from limner.models.load.blueprint import Blueprint, Source
from limner.models.load.layout import Layout
from limner.models.network import Network
from limner.models.vision.encoder import SeenPicture

HEADS = 8


class Redux(nn.Module):
    """States to tokens by two layers."""

    def __init__(self, seen: int, inner: int, text: int) -> None:
        super().__init__()
        self.redux_up = nn.Linear(seen, inner)
        self.redux_down = nn.Linear(inner, text)

    def forward(self, states: Tensor) -> Tensor:
        """Shapes: states [b t d]; returns [b t text]."""
        return self.redux_down(nn.functional.silu(self.redux_up(states)))


class StyleLayer(nn.Module):
    """Attention and perceptron, each on the normed state."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(width, HEADS, batch_first=True)
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)})

    def forward(self, x: Tensor) -> Tensor:
        """Shapes: x [b t d]; returns like x."""
        normed = self.ln_1(x)
        x = x + self.attn(normed, normed, normed, need_weights=False)[0]
        inner = self.mlp["c_fc"](self.ln_2(x))
        return x + self.mlp["c_proj"](inner * torch.sigmoid(1.702 * inner))


class StyleAdapter(nn.Module):
    """Learned tokens that look at states."""

    def __init__(self, width: int, text: int, tokens: int, layers: int) -> None:
        super().__init__()
        # The misspelt name is that of the published file.
        self.transformer_layes = nn.Sequential(*(StyleLayer(width) for _ in range(layers)))
        self.style_embedding = nn.Parameter(torch.empty(1, tokens, width))
        self.ln_pre, self.ln_post = nn.LayerNorm(width), nn.LayerNorm(width)
        self.proj = nn.Parameter(torch.empty(width, text))

    def forward(self, states: Tensor) -> Tensor:
        """Shapes: states [b t d]; returns [b tokens text]."""
        tokens = self.style_embedding.expand(states.shape[0], -1, -1)
        x = self.transformer_layes(self.ln_pre(torch.cat([states, tokens], dim=1)))
        return self.ln_post(x[:, -tokens.shape[1] :]) @ self.proj


@dataclass(frozen=True)
class StyleModel:
    """A style model, loaded when leased: the value of STYLE_MODEL sockets."""

    network: Network

    def tokens(self, seen: SeenPicture) -> Tensor:
        """Tokens for beside the text, float32 on the CPU. Shapes: returns [b t d]."""
        states = seen.last_hidden_state.to(device=self.network.device, dtype=self.network.dtype)
        with torch.no_grad(), self.network.lease("style") as network:
            return network(states).float().cpu()


def open_style_model(library: ModelLibrary, name: str) -> StyleModel:
    """A style model by name.

    Raises:
        UnknownNameError: if there is no such file.
        ModelFileError: if it is none.
    """
    file = library.open("style_models", name)
    blueprint = style_blueprint(file.layout)
    if blueprint is None:
        raise ModelFileError(
            f"ERROR: style model file is invalid: {file.path.name} is neither a Redux model nor a style adapter."
        )
    return StyleModel(library.network(f"{file.path.name} (style)", file, blueprint))


def style_blueprint(layout: Layout) -> Blueprint | None:
    """How to build and fill a style model; None if the layout holds none."""
    if "redux_up.weight" in layout:
        inner, seen = layout.shape("redux_up.weight")
        build = partial(Redux, seen, inner, layout.shape("redux_down.weight")[0])
    elif "style_embedding" in layout:
        _, tokens, width = layout.shape("style_embedding")
        layers = layout.count("transformer_layes.{}.")
        build = partial(StyleAdapter, width, layout.shape("proj")[1], tokens, layers)
    else:
        return None
    return Blueprint(keys={name: Source((name,)) for name in layout}, build=build)
