"""Videos as values: frames with a rate and perhaps sound, in memory or in a file, and their codecs through PyAV.

Methods have the names that node packs call. PyAV is optional and imported when a file is read or written.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from limner.graph.errors import SettingsError, StorageError
from limner.graph.film_formats import SELF_CONTAINED
from limner.media.pictures import to_bytes

LARGEST_RATE = 1_000_000
"""Denominator of a frame rate; containers store it in 32 bits."""

COLOUR_CHANNELS = 3


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


@dataclass(frozen=True)
class Encoding:
    """How a video becomes a file.

    Attributes:
        container: PyAV's name of the file's layout.
        suffix: End of the file's name.
        codec: Of the frames.
        sound: Codec of the sound.
        pixels: How colours are stored.
        options: Of the codec of the frames.
        container_options: Of the container.
    """

    container: str = "mp4"
    suffix: str = ".mp4"
    codec: str = "libx264"
    sound: str = "aac"
    pixels: str = "yuv420p"
    options: Mapping[str, str] = field(default_factory=dict)
    container_options: Mapping[str, str] = field(default_factory=lambda: {"movflags": "use_metadata_tags"})


MP4 = Encoding()


def webm(codec: str, crf: float) -> Encoding:
    """WEBM files. Args: codec: ``vp9`` or ``av1``; crf: how much may be lost, 0 (nothing) to 63."""
    names = {"vp9": ("libvpx-vp9", "yuv420p"), "av1": ("libsvtav1", "yuv420p10le")}
    name, pixels = names[codec]
    return Encoding("webm", ".webm", name, "libopus", pixels, {"crf": str(round(crf)), "b": "0"}, {})


@dataclass(frozen=True)
class VideoParts:
    """A video taken apart.

    Attributes:
        images: [frames h w 3] in 0..1.
        frame_rate: Frames a second.
        audio: ``waveform`` [1 c n] and ``sample_rate``; None: silent.
        metadata: Texts of the file.
    """

    images: Tensor
    frame_rate: Fraction
    audio: Mapping[str, Any] | None = None
    metadata: Mapping[str, str] | None = None


class Video:
    """A video made of frames."""

    def __init__(self, parts: VideoParts) -> None:
        self._parts = parts

    def get_components(self) -> VideoParts:
        """Its frames, rate and sound."""
        return self._parts

    def get_dimensions(self) -> tuple[int, int]:
        """Width and height."""
        images = self.get_components().images
        return images.shape[2], images.shape[1]

    def get_frame_count(self) -> int:
        """How many frames it has."""
        return len(self.get_components().images)

    def get_frame_rate(self) -> Fraction:
        """Frames a second."""
        return Fraction(self.get_components().frame_rate)

    def get_duration(self) -> float:
        """Seconds."""
        return float(self.get_frame_count() / self.get_frame_rate())

    def save_to(
        self,
        path: Any,
        format: Any = "auto",  # noqa: A002 - what node packs pass
        codec: Any = "auto",
        metadata: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """Writes it as MP4 with documents inside."""
        write_video(self.get_components(), path, MP4, metadata or {})


class FileVideo(Video):
    """A video in a file, or in something to read from; it is read when something asks for it."""

    def __init__(self, path: Any) -> None:
        self._path = path

    def get_components(self) -> VideoParts:
        """Its frames, all decoded at once, rate and sound."""
        return read_video(self._path)

    def get_stream_source(self) -> str:
        """The path."""
        return str(self._path)

    def get_dimensions(self) -> tuple[int, int]:
        """Width and height, without decoding."""
        with opened(self._path) as container:
            stream = _frames(container)
            return stream.width, stream.height

    def get_frame_rate(self) -> Fraction:
        """Frames a second, without decoding."""
        with opened(self._path) as container:
            return Fraction(_frames(container).average_rate or 1)

    def save_to(
        self,
        path: Any,
        format: Any = "auto",  # noqa: A002 - what node packs pass
        codec: Any = "auto",
        metadata: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """Writes it as MP4: its streams as they are if they are of that kind already, or else anew."""
        with opened(self._path) as source:
            fits = "mp4" in source.format.name.split(",") and _frames(source).codec_context.name == "h264"
            if fits:
                _copy(source, path, metadata or {})
        if not fits:
            super().save_to(path, format, codec, metadata)


def opened(source: Any) -> Any:
    """A file that PyAV has opened for reading.

    Raises:
        StorageError: if it is no video.
    """
    av = pyav()
    try:
        return av.open(str(source) if isinstance(source, Path) else source, options=dict(SELF_CONTAINED))
    except (av.FFmpegError, OSError) as error:
        name = source.name if isinstance(source, Path) else "The file"
        raise StorageError(f"{name} cannot be read as a video ({error}). Choose another one.") from error


def read_video(source: Any) -> VideoParts:
    """All frames and the sound of a file.

    Args:
        source: A path, or something to read from.

    Raises:
        StorageError: if it holds no frames.
    """
    with opened(source) as container:
        stream = _frames(container)
        rate = Fraction(stream.average_rate or 1)
        frames = [torch.from_numpy(frame.to_ndarray(format="rgb24")) for frame in container.decode(stream)]
        metadata = dict(container.metadata)
    if not frames:
        raise StorageError("The video holds no frame. Save it again.")
    images = torch.stack(frames).float() / 255.0
    if hasattr(source, "seek"):
        source.seek(0)
    return VideoParts(images, rate, _sound(source), metadata)


def _frames(container: Any) -> Any:
    """The stream of frames of a file.

    Raises:
        StorageError: if it has none.
    """
    if not container.streams.video:
        raise StorageError("The file holds no video. Choose another one.")
    return container.streams.video[0]


def _sound(source: Any) -> dict[str, Any] | None:
    """The first sound of a file; None if it is silent."""
    with opened(source) as container:
        if not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        resampler = pyav().AudioResampler(format="fltp", layout=stream.layout.name)
        parts = [
            torch.from_numpy(part.to_ndarray())
            for frame in container.decode(stream)
            for part in resampler.resample(frame)
        ]
        return {"waveform": torch.cat(parts, dim=1)[None], "sample_rate": int(stream.rate)} if parts else None


def write_video(parts: VideoParts, target: Any, encoding: Encoding, documents: Mapping[str, Any]) -> None:
    """Writes a video. Sides are cut to even numbers, as codecs need, and sound to the length of the frames.

    Args:
        parts: The video.
        target: A path, or something to write to.
        encoding: How.
        documents: JSON values, or texts, by keyword.

    Raises:
        StorageError: if this PyAV lacks the codec.
    """
    av = pyav()
    rate = Fraction(parts.frame_rate).limit_denominator(LARGEST_RATE)
    goal = str(target) if isinstance(target, Path) else target
    with av.open(goal, mode="w", format=encoding.container, options=dict(encoding.container_options)) as container:
        _describe(container, documents)
        try:
            stream = container.add_stream(encoding.codec, rate=rate, options=dict(encoding.options))
        except (av.FFmpegError, ValueError) as error:
            raise StorageError(f"This PyAV cannot encode {encoding.codec}. Choose another codec.") from error
        stream.height, stream.width = (side - side % 2 for side in parts.images.shape[1:3])
        stream.pix_fmt = encoding.pixels
        sound = None if not parts.audio else _sound_stream(container, encoding.sound, parts.audio)
        for packet in _encoded(stream, parts.images):
            container.mux(packet)
        if sound is not None and parts.audio:
            for packet in _encoded_sound(sound, parts.audio, len(parts.images) / rate):
                container.mux(packet)


def _encoded(stream: Any, images: Tensor) -> Iterator[Any]:
    """Packets of frames."""
    for image in images:
        pixels = to_bytes(image[: stream.height, : stream.width, :COLOUR_CHANNELS])
        yield from stream.encode(pyav().VideoFrame.from_ndarray(pixels, format="rgb24"))
    yield from stream.encode(None)


def _sound_stream(container: Any, codec: str, audio: Mapping[str, Any]) -> Any:
    layout = "mono" if audio["waveform"].shape[1] == 1 else "stereo"
    rate = 48_000 if codec == "libopus" else int(audio["sample_rate"])
    return container.add_stream(codec, rate=rate, layout=layout)


def _encoded_sound(stream: Any, audio: Mapping[str, Any], seconds: Fraction) -> Iterator[Any]:
    """Packets of the first sound, two channels at most."""
    rate = int(audio["sample_rate"])
    waveform = audio["waveform"][0, :2, : round(seconds * rate)].detach().cpu().float().contiguous()
    layout = "mono" if waveform.shape[0] == 1 else "stereo"
    frame = pyav().AudioFrame.from_ndarray(waveform.numpy(), format="fltp", layout=layout)
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    for part in (frame, None):
        yield from stream.encode(part)


def _copy(source: Any, target: Any, documents: Mapping[str, Any]) -> None:
    """The streams of an opened file in a new one, not encoded again."""
    goal = str(target) if isinstance(target, Path) else target
    options = dict(MP4.container_options)
    with pyav().open(goal, mode="w", format=MP4.container, options=options) as container:
        _describe(container, {**source.metadata, **documents})
        kept = [stream for stream in source.streams if stream.type in ("video", "audio")]
        streams = {stream.index: container.add_stream_from_template(stream) for stream in kept}
        for packet in source.demux(*kept):
            if packet.dts is not None:  # the empty packet that ends a stream has none
                packet.stream = streams[packet.stream.index]
                container.mux(packet)


def _describe(container: Any, documents: Mapping[str, Any]) -> None:
    """Puts documents into the texts of a file."""
    for key, value in documents.items():
        container.metadata[key] = value if isinstance(value, str) else json.dumps(value)
