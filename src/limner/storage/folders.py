"""The folders that users see: input, output, temp, user, and models by kind.

Every path that comes from outside (a file name in a node, a subfolder, a model name) goes through ``resolve`` or
``find``, which refuse to leave their root. Nothing else in Limner joins a foreign name to a path.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from limner.graph.errors import StorageError, UnknownNameError

MODEL_SUFFIXES = frozenset({".ckpt", ".pt", ".pt2", ".bin", ".pth", ".safetensors", ".pkl", ".sft"})

KINDS: Mapping[str, tuple[str, ...]] = {
    "checkpoints": ("checkpoints",),
    "configs": ("configs",),
    "loras": ("loras",),
    "vae": ("vae",),
    "text_encoders": ("text_encoders", "clip"),
    "diffusion_models": ("unet", "diffusion_models"),
    "clip_vision": ("clip_vision",),
    "style_models": ("style_models",),
    "embeddings": ("embeddings",),
    "diffusers": ("diffusers",),
    "vae_approx": ("vae_approx",),
    "controlnet": ("controlnet", "t2i_adapter"),
    "gligen": ("gligen",),
    "upscale_models": ("upscale_models",),
    "custom_nodes": ("custom_nodes",),
    "hypernetworks": ("hypernetworks",),
    "photomaker": ("photomaker",),
    "classifiers": ("classifiers",),
    "model_patches": ("model_patches",),
    "audio_encoders": ("audio_encoders",),
}
"""Model kinds and the folders under a model root that hold them, as in ComfyUI."""

ANNOTATIONS = ("input", "output", "temp")


@dataclass(frozen=True)
class Folders:
    """Where everything lies.

    Attributes:
        data: Root of all state.
        input: Pictures that workflows load.
        output: Pictures that workflows save.
        temp: Previews; emptied when the server starts.
        user: Settings and workflows of users.
        model_roots: Folders laid out like ComfyUI's ``models``; the first one receives new files.
        extra: Further folders by kind, from ``extra_model_paths.yaml``.
        builtin: Files that are always present, by kind and name (the built-in model).
    """

    data: Path
    input: Path
    output: Path
    temp: Path
    user: Path
    model_roots: tuple[Path, ...] = ()
    extra: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    builtin: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)

    @classmethod
    def under(cls, data: Path, **changes: object) -> "Folders":
        """Folders with everything under ``data``; ``changes`` replace single ones."""
        data = data.absolute()
        places: dict[str, object] = {name: data / name for name in ("input", "output", "temp", "user")}
        places["model_roots"] = (data / "models",)
        places |= {name: value for name, value in changes.items() if value is not None}
        return cls(data=data, **places)  # type: ignore[arg-type]

    def create(self) -> None:
        """Makes the folders that do not exist yet, but none in model folders outside of ``data``."""
        for folder in (self.data, self.input, self.output, self.temp, self.user):
            folder.mkdir(parents=True, exist_ok=True)
        if self.model_roots and self.model_roots[0].is_relative_to(self.data):
            for kind in ("checkpoints", "loras", "vae", "embeddings"):
                (self.model_roots[0] / kind).mkdir(parents=True, exist_ok=True)

    def of_type(self, name: str) -> Path:
        """The folder that clients call ``input``, ``output`` or ``temp``.

        Raises:
            UnknownNameError: for another name.
        """
        if name not in ANNOTATIONS:
            raise UnknownNameError("folder type", name, ANNOTATIONS)
        return getattr(self, name)

    def annotated(self, name: str, default: str = "input") -> tuple[str, str]:
        """Splits ``a.png [output]`` into ``("a.png", "output")``; without a suffix the type is ``default``."""
        for kind in ANNOTATIONS:
            suffix = f" [{kind}]"
            if name.endswith(suffix):
                return name[: -len(suffix)], kind
        return name, default

    def file(self, name: str, default: str = "input") -> Path:
        """Path of a file named by a client, ``sub/a.png [output]``. It need not exist.

        Raises:
            StorageError: if it leaves its folder.
        """
        bare, kind = self.annotated(name, default)
        return resolve(self.of_type(kind), bare)

    def has(self, name: str, default: str = "input") -> bool:
        """Whether a file named by a client exists; a name that leaves its folder names nothing."""
        try:
            return self.file(name, default).is_file()
        except StorageError:
            return False

    def roots(self, kind: str) -> list[Path]:
        """The folders that are searched for models of a kind, in order.

        Raises:
            UnknownNameError: for a kind that nobody declared.
        """
        if kind not in KINDS and kind not in self.extra:
            raise UnknownNameError("model folder", kind, [*KINDS, *self.extra])
        own = [root / folder for root in self.model_roots for folder in KINDS.get(kind, ())]
        return [*own, *self.extra.get(kind, ())]

    def list(self, kind: str) -> list[str]:
        """Model files of a kind: names relative to their folder, sorted, built-in ones last."""
        names = {name for root in self.roots(kind) for name in _walk(root, MODEL_SUFFIXES)}
        own = [name for name in self.builtin.get(kind, {}) if name not in names]
        return sorted(names, key=str.lower) + own

    def find(self, kind: str, name: str) -> Path:
        """Path of a model file.

        Raises:
            UnknownNameError: if there is none; the message says what is near and where it is looked for.
            StorageError: if the name leaves its folder.
        """
        for root in self.roots(kind):
            path = resolve(root, name)
            if path.is_file():
                return path
        builtin = self.builtin.get(kind, {}).get(name)
        if builtin is not None:
            return builtin
        where = ", ".join(str(root) for root in self.roots(kind)) or "no folder"
        raise UnknownNameError(f"file in {kind}", name, self.list(kind), f"Put the file into {where}.")


def resolve(root: Path, name: str) -> Path:
    """Joins a foreign relative name to a root.

    Links inside the root are followed, as users place model folders by links; the name itself may not climb.

    Raises:
        StorageError: if the name is empty, absolute, has a drive, or leaves the root.
    """
    pure = PurePosixPath(name.replace("\\", "/"))
    drive = len(name) > 1 and name[1] == ":"
    if not name or "\0" in name or pure.is_absolute() or drive or ".." in pure.parts:
        raise StorageError(f"{name!r} is not a name inside its folder: use a relative name without '..'.")
    return root / pure


def _walk(root: Path, suffixes: Iterable[str]) -> list[str]:
    """Names below a root with one of the suffixes, with '/' between parts."""
    found: list[str] = []
    allowed = tuple(suffixes)
    for folder, folders, files in os.walk(root, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(folder).relative_to(root)
        found += [(inside / name).as_posix() for name in files if name.lower().endswith(allowed)]
    return found


def pictures(folder: Path) -> Sequence[str]:
    """Picture files directly in a folder, sorted."""
    suffixes = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if entry.name.lower().endswith(suffixes) and entry.is_file())
