"""Videos from files and from pictures. Reading and writing files needs PyAV, which is optional."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import torch

from comfy_api.latest._input import VideoInput
from comfy_api.latest._util import VideoCodec, VideoComponents, VideoContainer
from limner.graph.errors import SettingsError, StorageError
from limner.media.pictures import to_bytes

LARGEST_RATE = 1_000_000


def pyav() -> Any:
    """The library that reads and writes videos.

    Raises:
        SettingsError: if it is not installed.
    """
    try:
        import av
    except ImportError:
        raise SettingsError("Videos need PyAV: install it with `pip install av`, then run again.") from None
    return av


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
        components = self._components
        rate = Fraction(components.frame_rate).limit_denominator(LARGEST_RATE)
        with pyav().open(path, mode="w", format="mp4", options={"movflags": "use_metadata_tags"}) as container:
            for key, value in (metadata or {}).items():
                container.metadata[key] = value if isinstance(value, str) else json.dumps(value)
            pictures = container.add_stream("libx264", rate=rate)
            pictures.height, pictures.width = (side - side % 2 for side in components.images.shape[1:3])
            pictures.pix_fmt = "yuv420p"
            sound = self._sound_stream(container)
            for image in components.images:
                pixels = to_bytes(image[: pictures.height, : pictures.width, :3])
                container.mux(pictures.encode(pyav().VideoFrame.from_ndarray(pixels, format="rgb24")))
            container.mux(pictures.encode(None))
            if sound is not None:
                self._write_sound(container, sound)

    def _sound_stream(self, container: Any) -> Any:
        audio = self._components.audio
        if not audio:
            return None
        layout = "mono" if audio["waveform"].shape[1] == 1 else "stereo"
        return container.add_stream("aac", rate=int(audio["sample_rate"]), layout=layout)

    def _write_sound(self, container: Any, stream: Any) -> None:
        audio: Any = self._components.audio
        waveform = audio["waveform"][0, :2].detach().cpu().float().contiguous()
        layout = "mono" if waveform.shape[0] == 1 else "stereo"
        frame = pyav().AudioFrame.from_ndarray(waveform.numpy(), format="fltp", layout=layout)
        frame.sample_rate, frame.pts = int(audio["sample_rate"]), 0
        for part in (frame, None):
            container.mux(stream.encode(part))


class VideoFromFile(VideoInput):
    """A video in a file, or in something to read from."""

    def __init__(self, file: Any, **_: Any) -> None:
        self._file = file

    def get_stream_source(self) -> Any:
        """See ``VideoInput``."""
        if hasattr(self._file, "seek"):
            self._file.seek(0)
        return self._file

    def get_components(self) -> VideoComponents:
        """See ``VideoInput``. All pictures are decoded at once."""
        with pyav().open(self.get_stream_source()) as container:
            stream = _pictures(container)
            rate = Fraction(stream.average_rate or 1)
            frames = [torch.from_numpy(one.to_ndarray(format="rgb24")) for one in container.decode(stream)]
            metadata = dict(container.metadata)
        if not frames:
            raise StorageError("The video holds no picture. Save it again.")
        images = torch.stack(frames).float() / 255.0
        return VideoComponents(images=images, frame_rate=rate, audio=self._sound(), metadata=metadata)

    def _sound(self) -> dict[str, Any] | None:
        with pyav().open(self.get_stream_source()) as container:
            if not container.streams.audio:
                return None
            stream = container.streams.audio[0]
            resampler = pyav().AudioResampler(format="fltp", layout=stream.layout.name)
            parts = [
                torch.from_numpy(part.to_ndarray())
                for frame in container.decode(stream)
                for part in resampler.resample(frame)
            ]
            if not parts:
                return None
            return {"waveform": torch.cat(parts, dim=1)[None], "sample_rate": int(stream.rate)}

    def get_dimensions(self) -> tuple[int, int]:
        """See ``VideoInput``."""
        with pyav().open(self.get_stream_source()) as container:
            stream = _pictures(container)
            return stream.width, stream.height

    def get_frame_rate(self) -> Fraction:
        """See ``VideoInput``."""
        with pyav().open(self.get_stream_source()) as container:
            return Fraction(_pictures(container).average_rate or 1)

    def get_container_format(self) -> str:
        """See ``VideoInput``."""
        with pyav().open(self.get_stream_source()) as container:
            return container.format.name

    def save_to(
        self,
        path: Any,
        format: VideoContainer = VideoContainer.AUTO,
        codec: VideoCodec = VideoCodec.AUTO,
        metadata: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """Writes the video anew as MP4."""
        VideoFromComponents(self.get_components()).save_to(path, format, codec, metadata)


def _pictures(container: Any) -> Any:
    """The stream of pictures of a file.

    Raises:
        StorageError: if it has none.
    """
    if not container.streams.video:
        raise StorageError("The file holds no video. Choose another one.")
    return container.streams.video[0]
