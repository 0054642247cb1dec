"""What nodes receive, as names for annotations."""

from comfy_api.latest._input import AudioInput, ImageInput, LatentInput, MaskInput, VideoInput
