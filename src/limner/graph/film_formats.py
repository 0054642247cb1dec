"""Which files are opened as films and sounds: those that hold what is in them.

FFmpeg looks at what is in a file, not at its name. Playlists, session descriptions and their like would have it open
other files of this machine, of other owners too, and addresses on its network.
"""

from collections.abc import Mapping

NAMES = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,obu,ivf,flv,asf,mxf,dv,nut,mjpeg,"
    "yuv4mpegpipe,gif,apng,ogg,flac,mp3,wav,w64,aac,ac3,aiff,au,caf,amr"
)
"""FFmpeg's names of formats that refer to no other files."""

SELF_CONTAINED: Mapping[str, str] = {"format_whitelist": NAMES}
"""Options for opening a film: any other format is refused before anything of it is followed."""
