"""What belongs to videos."""

from comfy_api.latest._util import VideoCodec, VideoComponents, VideoContainer
