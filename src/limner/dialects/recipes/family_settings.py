"""What is good to know of a model family before it draws: sizes, steps, and which files it needs beside its network."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from limner.dialects.recipes.family_settings_keys import CLIP_TOKENS, FAMILIES, FASTER
from limner.storage.builtin import BUILTIN_CHECKPOINT, BUILTIN_SIZE


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a file of a network alone needs beside it.

    Attributes:
        texts: What the names of its text encoders hold, in the order of the loader's inputs.
        purpose: What the loader is told that they are for.
        autoencoder: What the name of its autoencoder holds.
    """

    texts: tuple[str, ...]
    purpose: str
    autoencoder: str


@dataclass(frozen=True, kw_only=True)
class FamilySettings:
    """What a family draws well with.

    Attributes:
        title: What people call it.
        size: Width and height that it was trained at.
        multiple: Sides are multiples of this.
        steps: Of the walk.
        guidance: How strictly it follows the prompt.
        sampler: Name of a sampler,
        schedule: and of a schedule.
        negative: It knows negative prompts.
        told: Guidance is told to the network rather than computed from two evaluations.
        latent: The node that makes its empty latents.
        shows: It looks at reference pictures, so it edits by instruction.
        parts: Its further files; None: it comes as a checkpoint only.
        prompt: An example that it draws well.
        tokens: How many tokens CLIP's text encoders read at once, where these and no others read its prompts; else 0.
    """

    title: str
    size: int = 1024
    multiple: int = 16
    steps: int = 25
    guidance: float = 7.0
    sampler: str = "euler"
    schedule: str = "normal"
    negative: bool = True
    told: bool = False
    latent: str = "EmptySD3LatentImage"
    shows: bool = False
    parts: Parts | None = None
    prompt: str = "A lighthouse on a rocky coast at dawn, fog over the water, soft light"
    tokens: int = 0

    @property
    def least(self) -> int:
        """The smallest side that makes sense."""
        return max(64, self.size // 4 // self.multiple * self.multiple)

    @property
    def most(self) -> int:
        """The largest."""
        return min(4096, self.size * 4)


UNKNOWN = FamilySettings(title="Unknown family", latent="EmptyLatentImage", size=512, multiple=8)
"""What is assumed of a checkpoint that nothing tells of."""

BUILTIN = FamilySettings(
    title="Limner mini",
    size=BUILTIN_SIZE,
    multiple=8,
    steps=20,
    guidance=3.0,
    latent="EmptyLatentImage",
    prompt="an owl on a yellow background",
    tokens=CLIP_TOKENS,
)
"""The built-in model's own: it is small and was trained on drawings of things that have an emoji."""


def family_settings(family: str, model: str) -> FamilySettings:
    """The settings of a model.

    Args:
        family: Its family's name; empty: nobody knows.
        model: The file's name: people write there that a network was made to need few steps.
    """
    if model == BUILTIN_CHECKPOINT:
        return BUILTIN
    row = FAMILIES.get(family)
    if row is None:
        return UNKNOWN
    further = dict(row)
    parts = further.pop("parts", None)
    settings = FamilySettings(**further, parts=Parts(**parts) if parts else None)
    name = PurePosixPath(model).name.casefold()
    for families, word, changes in FASTER:
        if family in families and word in name:
            return replace(settings, **changes)
    return settings
