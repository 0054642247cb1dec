"""Values of pictures, sound and video by name, for annotations and for videos that nodes make."""

from __future__ import annotations

from comfy_api.latest._input import AudioInput, ImageInput, LatentInput, MaskInput, VideoInput
from comfy_api.latest._input_impl import VideoFromComponents, VideoFromFile
from comfy_api.latest._util import MESH, VOXEL, VideoCodec, VideoComponents, VideoContainer


class Input:
    """What nodes receive."""

    Image = ImageInput
    Audio = AudioInput
    Mask = MaskInput
    Latent = LatentInput
    Video = VideoInput


class InputImpl:
    """What nodes may make."""

    VideoFromFile = VideoFromFile
    VideoFromComponents = VideoFromComponents


class Types:
    """What belongs to them."""

    VideoCodec = VideoCodec
    VideoContainer = VideoContainer
    VideoComponents = VideoComponents
    MESH = MESH
    VOXEL = VOXEL
