"""What nodes receive, as names for annotations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import Any, TypedDict

import torch

from comfy_api.latest._util import VideoCodec, VideoComponents, VideoContainer

ImageInput = torch.Tensor
MaskInput = torch.Tensor


class AudioInput(TypedDict):
    """waveform [b c n], sample_rate in Hz."""

    waveform: torch.Tensor
    sample_rate: int


class LatentInput(TypedDict, total=False):
    """samples [b c h w] and what belongs to them."""

    samples: torch.Tensor
    noise_mask: torch.Tensor
    batch_index: list[int]


class VideoInput(ABC):
    """A video, wherever it is."""

    @abstractmethod
    def get_components(self) -> VideoComponents:
        """Its pictures, sound and rate."""

    @abstractmethod
    def save_to(
        self,
        path: Any,
        format: VideoContainer = VideoContainer.AUTO,
        codec: VideoCodec = VideoCodec.AUTO,
        metadata: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """Writes it to a file."""

    def get_dimensions(self) -> tuple[int, int]:
        """Width and height."""
        images = self.get_components().images
        return images.shape[2], images.shape[1]

    def get_frame_count(self) -> int:
        """How many pictures it has."""
        return int(self.get_components().images.shape[0])

    def get_frame_rate(self) -> Fraction:
        """Pictures a second."""
        return Fraction(self.get_components().frame_rate)

    def get_duration(self) -> float:
        """Seconds."""
        components = self.get_components()
        return float(components.images.shape[0] / components.frame_rate)

    def get_container_format(self) -> str:
        """The layout of its file."""
        return VideoContainer.MP4.value

    def get_stream_source(self) -> Any:
        """A path, or something to read from."""
        from io import BytesIO

        written = BytesIO()
        self.save_to(written)
        written.seek(0)
        return written
