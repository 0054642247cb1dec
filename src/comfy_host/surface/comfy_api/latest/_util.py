"""What belongs to videos."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

import torch


class VideoCodec(StrEnum):
    """How pictures are encoded."""

    AUTO = "auto"
    H264 = "h264"

    @classmethod
    def as_input(cls) -> list[str]:
        """The values of a choice."""
        return [member.value for member in cls]


class VideoContainer(StrEnum):
    """How a file is laid out."""

    AUTO = "auto"
    MP4 = "mp4"

    @classmethod
    def as_input(cls) -> list[str]:
        """The values of a choice."""
        return [member.value for member in cls]

    @classmethod
    def get_extension(cls, value: Any) -> str:
        """The end of a file's name, without the dot."""
        return "mp4" if cls(value) in (cls.AUTO, cls.MP4) else ""


@dataclass
class VideoComponents:
    """A video taken apart.

    Attributes:
        images: [frames h w 3] in 0..1.
        frame_rate: Pictures a second.
        audio: ``waveform`` [1 c n], ``sample_rate``; None: silent.
        metadata: Tags of the file.
    """

    images: torch.Tensor
    frame_rate: Fraction
    audio: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None


@dataclass
class VOXEL:
    """A solid as a grid. Shapes: data [b x y z]."""

    data: torch.Tensor


@dataclass
class MESH:
    """A surface of triangles. Shapes: vertices [b n 3], faces [b m 3]."""

    vertices: torch.Tensor
    faces: torch.Tensor
