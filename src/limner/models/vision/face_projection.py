"""A face's identity that looks at the states of its picture: the image projection of FaceID plus, and of its version 2.

diffusers has the layers; its module of them keeps what it is shown in itself, so that one network could not serve two
callers. Source: the authors of IP-Adapter on the model card of IP-Adapter-FaceID (2023).
"""

from torch import Tensor, nn

HEAD = 64
"""Width of a head of resamplers, which no tensor tells."""


class FacePlusProjection(nn.Module):
    """Tokens of an identity, then layers in which these look at states.

    Args:
        vector: Length of an identity.
        inner: Width between the two layers that make tokens of it.
        tokens: How many.
        seen: Width of the states.
        width: Of tokens inside.
        text: Width of the network's text, which is that of the result.
        depth: Number of layers.
        heads: Of their attention.
        ratio: Width of their perceptrons, as a multiple.
    """

    def __init__(
        self,
        *,
        vector: int,
        inner: int,
        tokens: int,
        seen: int,
        width: int,
        text: int,
        depth: int,
        heads: int,
        ratio: float,
    ) -> None:
        from diffusers.models.attention import FeedForward  # takes a second to import
        from diffusers.models.embeddings import IPAdapterPlusImageProjectionBlock

        super().__init__()
        self.tokens = tokens
        self.proj = FeedForward(vector, width * tokens, activation_fn="gelu", mult=inner // vector)
        self.norm = nn.LayerNorm(width)
        self.proj_in, self.proj_out = nn.Linear(seen, width), nn.Linear(width, text)
        self.norm_out = nn.LayerNorm(text)
        self.layers = nn.ModuleList(IPAdapterPlusImageProjectionBlock(width, HEAD, heads, ratio) for _ in range(depth))

    def forward(self, identity: Tensor, states: Tensor, structure: float | None = None) -> Tensor:
        """Tokens.

        Args:
            identity: [n vector].
            states: [n t seen].
            structure: How much what the states say is added to the identity (version 2); None: it replaces it.

        Returns:
            [n tokens text].
        """
        tokens = self.norm(self.proj(identity).unflatten(-1, (self.tokens, -1)))
        shown, looking = self.proj_in(states), tokens
        for layer in self.layers:
            looking = layer(shown, looking, looking)
        found = self.norm_out(self.proj_out(looking))
        return found if structure is None else tokens + structure * found
