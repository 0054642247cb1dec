"""One vector for a short text: what layers beside the prompt are told of an object's name."""

from dataclasses import replace

from torch import Tensor

from limner.graph.errors import NumericsError
from limner.models.text.chunk_reading import ChunkReading
from limner.models.text.encoder import TextEncoder
from limner.models.text.reading import TextBranch


def pooled_text(encoder: TextEncoder, text: str) -> Tensor:
    """The pooled vector of CLIP's last layer before any projection [p].

    Raises:
        NumericsError: if the encoder has none.
    """
    pooled = encoder.with_branches(_unprojected).encode(text)[0][1].get("pooled_output")
    if pooled is None:
        names = ", ".join(branch.name for branch in encoder.branches)
        raise NumericsError(f"This text encoder ({names}) gives no pooled vector: connect a CLIP encoder.")
    return pooled[0]


def _unprojected(branch: TextBranch) -> TextBranch:
    reading = branch.reading
    return replace(branch, reading=replace(reading, projected=False)) if isinstance(reading, ChunkReading) else branch
