"""Videos from files and from pictures."""

from comfy_api.latest._input_impl import VideoFromComponents, VideoFromFile
