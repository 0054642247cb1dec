"""What nodes show: each object is written into a result's ``ui``, and gives what clients are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from PIL import Image as Pictures

from comfy_api.latest import _saving
from comfy_api.latest._options import FolderType
from comfy_api.latest._saving import SavedResult
from comfy_host.missing import absent


class _UIOutput:
    """Something that is shown."""

    def as_dict(self) -> dict[str, Any]:
        """What clients are told: lists by key."""
        raise NotImplementedError


class SavedImages(_UIOutput):
    """Pictures that were saved."""

    def __init__(self, results: Sequence[Mapping[str, Any]], is_animated: bool = False) -> None:
        self.results, self.is_animated = list(results), is_animated

    def as_dict(self) -> dict[str, Any]:
        """See ``_UIOutput``."""
        return {"images": self.results} | ({"animated": (True,)} if self.is_animated else {})


class SavedAudios(_UIOutput):
    """Sounds that were saved."""

    def __init__(self, results: Sequence[Mapping[str, Any]]) -> None:
        self.results = list(results)

    def as_dict(self) -> dict[str, Any]:
        """See ``_UIOutput``."""
        return {"audio": self.results}


def _listed(result: Any) -> list[Any]:
    return list(result) if isinstance(result, list | tuple) else [result]


class ImageSaveHelper:
    """Saves pictures with the prompt inside."""

    @staticmethod
    def _convert_tensor_to_pil(image_tensor: torch.Tensor) -> Pictures.Image:
        return _saving.picture_of(image_tensor)

    @staticmethod
    def _create_png_metadata(cls: Any) -> Any:
        return _saving.png_info(_saving.metadata(cls)) if cls is not None else None

    @staticmethod
    def _create_animated_png_metadata(cls: Any) -> Any:
        return _saving.animated_png_info(_saving.metadata(cls)) if cls is not None else None

    @staticmethod
    def _create_webp_metadata(pil_image: Pictures.Image, cls: Any) -> Any:
        return _saving.webp_exif(pil_image, _saving.metadata(cls) if cls is not None else {})

    @staticmethod
    def save_images(
        images: Any, filename_prefix: str, folder_type: FolderType, cls: Any = None, compress_level: int = 4
    ) -> list[SavedResult]:
        """Saves a batch as PNG files. Shapes: images [b h w c]. How hard is compressed is ours to say."""
        return _saving.save_pictures(images, filename_prefix, folder_type, _saving.metadata(cls))

    @staticmethod
    def get_save_images_ui(images: Any, filename_prefix: str, cls: Any = None, compress_level: int = 4) -> SavedImages:
        """Saves a batch in the output folder."""
        return SavedImages(ImageSaveHelper.save_images(images, filename_prefix, FolderType.output, cls, compress_level))

    @staticmethod
    def save_animated_png(
        images: Any, filename_prefix: str, folder_type: FolderType, cls: Any, fps: float, compress_level: int
    ) -> SavedResult:
        """Saves a batch as one animated PNG."""
        info = _saving.animated_png_info(_saving.metadata(cls))
        options = {"pnginfo": info, "compress_level": compress_level}
        return _saving.save_animation(images, filename_prefix, folder_type, ".png", fps, **options)

    @staticmethod
    def get_save_animated_png_ui(
        images: Any, filename_prefix: str, cls: Any, fps: float, compress_level: int
    ) -> SavedImages:
        """Saves a batch as one animated PNG in the output folder."""
        saved = ImageSaveHelper.save_animated_png(images, filename_prefix, FolderType.output, cls, fps, compress_level)
        return SavedImages([saved], is_animated=len(images) > 1)

    @staticmethod
    def save_animated_webp(
        images: Any,
        filename_prefix: str,
        folder_type: FolderType,
        cls: Any,
        fps: float,
        lossless: bool,
        quality: int,
        method: int,
    ) -> SavedResult:
        """Saves a batch as one animated WEBP."""
        first = _saving.picture_of(images[0])
        exif = _saving.webp_exif(first, _saving.metadata(cls))
        options = {"exif": exif, "lossless": lossless, "quality": quality, "method": method}
        return _saving.save_animation(images, filename_prefix, folder_type, ".webp", fps, **options)

    @staticmethod
    def get_save_animated_webp_ui(
        images: Any, filename_prefix: str, cls: Any, fps: float, lossless: bool, quality: int, method: int
    ) -> SavedImages:
        """Saves a batch as one animated WEBP in the output folder."""
        saved = ImageSaveHelper.save_animated_webp(
            images, filename_prefix, FolderType.output, cls, fps, lossless, quality, method
        )
        return SavedImages([saved], is_animated=len(images) > 1)


class AudioSaveHelper:
    """Saves sounds with the prompt inside."""

    @staticmethod
    def save_audio(
        audio: Mapping[str, Any],
        filename_prefix: str,
        folder_type: FolderType,
        cls: Any = None,
        format: str = "flac",
        quality: str = "128k",
    ) -> list[SavedResult]:
        """Saves each sound of a batch as ``flac``, ``mp3`` or ``opus``."""
        return _saving.save_sound(audio, filename_prefix, folder_type, _saving.metadata(cls), format, quality)

    @staticmethod
    def get_save_audio_ui(
        audio: Mapping[str, Any], filename_prefix: str, cls: Any = None, format: str = "flac", quality: str = "128k"
    ) -> SavedAudios:
        """Saves each sound of a batch in the output folder."""
        return SavedAudios(AudioSaveHelper.save_audio(audio, filename_prefix, FolderType.output, cls, format, quality))


class PreviewImage(_UIOutput):
    """Shows pictures without keeping them. Shapes: image [b h w c], or one [h w c]."""

    def __init__(self, image: torch.Tensor, animated: bool = False, cls: Any = None, **_: Any) -> None:
        images = image[None] if isinstance(image, torch.Tensor) and image.ndim == 3 else image
        self.animated = animated
        self.values = ImageSaveHelper.save_images(images, _saving.temporary_prefix(), FolderType.temp, cls, 1)

    def as_dict(self) -> dict[str, Any]:
        """See ``_UIOutput``."""
        return {"images": self.values, "animated": (self.animated,)}


class PreviewMask(PreviewImage):
    """Shows masks in grey; white is masked. Shapes: mask [b h w], or one [h w]."""

    def __init__(self, mask: torch.Tensor, animated: bool = False, cls: Any = None, **further: Any) -> None:
        planes = mask.reshape((-1, 1, mask.shape[-2], mask.shape[-1])).movedim(1, -1).expand(-1, -1, -1, 3)
        super().__init__(planes, animated, cls, **further)


class PreviewAudio(_UIOutput):
    """Plays sounds without keeping them."""

    def __init__(self, audio: Mapping[str, Any], cls: Any = None, **_: Any) -> None:
        self.values = AudioSaveHelper.save_audio(audio, _saving.temporary_prefix(), FolderType.temp, cls)

    def as_dict(self) -> dict[str, Any]:
        """See ``_UIOutput``."""
        return {"audio": self.values}


class PreviewVideo(_UIOutput):
    """Plays videos that were saved."""

    def __init__(self, values: Sequence[Mapping[str, Any]], **_: Any) -> None:
        self.values = _listed(values)

    def as_dict(self) -> dict[str, Any]:
        """See ``_UIOutput``."""
        return {"images": self.values, "animated": (True,)}


class PreviewUI3D(_UIOutput):
    """Shows a 3-D model that was saved.

    Args:
        model_file: Its name.
        camera_info: Where it is looked at from.
        bg_image: A picture [b h w c] behind it; only the first is shown.
    """

    def __init__(self, model_file: str, camera_info: Any = None, **further: Any) -> None:
        self.model_file, self.camera_info = model_file, camera_info
        behind = further.get("bg_image")
        self.bg_image_path: str | None = None
        if behind is not None:
            saved = ImageSaveHelper.save_images(behind[:1], _saving.temporary_prefix(), FolderType.temp)
            self.bg_image_path = f"temp/{saved[0].filename}"

    def as_dict(self) -> dict[str, Any]:
        """See ``_UIOutput``."""
        return {"result": [self.model_file, self.camera_info, self.bg_image_path]}


class PreviewText(_UIOutput):
    """Shows a text."""

    def __init__(self, value: str, **_: Any) -> None:
        self.value = value

    def as_dict(self) -> dict[str, Any]:
        """See ``_UIOutput``."""
        return {"text": (self.value,)}


__getattr__ = absent("comfy_api.latest.ui")
