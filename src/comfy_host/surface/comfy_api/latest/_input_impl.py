"""Videos from files and from pictures, as packs know them; ``limner.media.videos`` reads and writes them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from comfy_api.latest._input import VideoInput
from comfy_api.latest._util import VideoCodec, VideoComponents, VideoContainer
from limner.media.videos import MP4, FileVideo, VideoParts, opened, read_video, write_video


class VideoFromComponents(VideoInput):
    """A video made of pictures, and sound if there is one."""

    def __init__(self, components: VideoComponents) -> None:
        self._components = components

    def get_components(self) -> VideoComponents:
        """See ``VideoInput``."""
        return self._components

    def save_to(
        self,
        path: Any,
        format: VideoContainer = VideoContainer.AUTO,
        codec: VideoCodec = VideoCodec.AUTO,
        metadata: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """Writes an MP4 file with H.264 pictures and AAC sound. Sides are cut to even numbers, as the codec needs."""
        made = self._components
        write_video(VideoParts(made.images, Fraction(made.frame_rate), made.audio), path, MP4, metadata or {})


class VideoFromFile(VideoInput):
    """A video in a file, or in something to read from."""

    def __init__(self, file: Any, **_: Any) -> None:
        self._file = Path(file) if isinstance(file, str) else file

    def get_stream_source(self) -> Any:
        """See ``VideoInput``."""
        if isinstance(self._file, Path):
            return str(self._file)
        self._file.seek(0)
        return self._file

    def get_components(self) -> VideoComponents:
        """See ``VideoInput``. All pictures are decoded at once."""
        parts = read_video(self._source())
        sound, texts = (None if given is None else dict(given) for given in (parts.audio, parts.metadata))
        return VideoComponents(parts.images, parts.frame_rate, sound, texts)

    def get_dimensions(self) -> tuple[int, int]:
        """See ``VideoInput``."""
        return FileVideo(self._source()).get_dimensions()

    def get_frame_rate(self) -> Fraction:
        """See ``VideoInput``."""
        return FileVideo(self._source()).get_frame_rate()

    def get_container_format(self) -> str:
        """See ``VideoInput``."""
        with opened(self._source()) as container:
            return container.format.name

    def save_to(
        self,
        path: Any,
        format: VideoContainer = VideoContainer.AUTO,
        codec: VideoCodec = VideoCodec.AUTO,
        metadata: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """Writes the video as MP4: as it is if it is one already, or else anew."""
        FileVideo(self._source()).save_to(path, format, codec, metadata)

    def _source(self) -> Any:
        """What is read, from its beginning."""
        return self._file if isinstance(self._file, Path) else self.get_stream_source()
