"""The folders that users see: input, output, temp, user, and models by kind.

Every path that comes from outside (a file name in a node, a subfolder, a model name) goes through ``resolve`` or
``find``, which refuse to leave their root. Nothing else in Limner joins a foreign name to a path.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from limner.graph.errors import SettingsError, StorageError, UnknownNameError

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
    "ipadapter": ("ipadapter",),
    "upscale_models": ("upscale_models",),
    "custom_nodes": ("custom_nodes",),
    "hypernetworks": ("hypernetworks",),
    "photomaker": ("photomaker",),
    "classifiers": ("classifiers",),
    "model_patches": ("model_patches",),
    "audio_encoders": ("audio_encoders",),
    "latent_upscale_models": ("latent_upscale_models",),
    "datasets": ("datasets",),
    "background_removal": ("background_removal",),
    "frame_interpolation": ("frame_interpolation",),
    "geometry_estimation": ("geometry_estimation",),
    "optical_flow": ("optical_flow",),
    "detection": ("detection",),
    "insightface": ("insightface",),
    "captioners": ("captioners",),
    "fonts": ("fonts",),
}
"""Model kinds and the folders under a model root that hold them, as in ComfyUI."""

_OR_ONNX = MODEL_SUFFIXES | {".onnx"}
_OR_GGUF = MODEL_SUFFIXES | {".gguf"}

PIPELINES = "diffusers"
"""The kind whose models are folders, each with a file that says what is in it."""

PIPELINE_FILE = "model_index.json"

SUFFIXES: Mapping[str, frozenset[str]] = {
    "configs": frozenset({".yaml", ".yml"}),
    "fonts": frozenset({".ttf", ".otf", ".ttc"}),
    "diffusion_models": _OR_GGUF,
    "text_encoders": _OR_GGUF,
    "background_removal": _OR_ONNX,
    "detection": _OR_ONNX,
    "insightface": _OR_ONNX,
}
"""What files of a kind end with, if it is not what model files end with."""

SAVED: Mapping[str, str] = {
    "checkpoints": "checkpoints",
    "loras": "loras",
    "vae": "vae",
    "text_encoders": "clip",
    "diffusion_models": "diffusion_models",
}
"""Kinds that workflows save, and the folders under the output folder that they save them to."""

ANNOTATIONS = ("input", "output", "temp")

ONLY_OWNER = "default"
"""Whose everything is while there are no accounts."""

OWNERS = "owners"
"""The folder under the data folder that holds everybody else's folders, by owner."""

DEEPEST = 64
"""Parts of a foreign name. Folders nested by the thousand could be walked and removed by hardly any program."""


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
        suffixes: What files of a kind that a node pack brought end with; empty: all files.
    """

    data: Path
    input: Path
    output: Path
    temp: Path
    user: Path
    model_roots: tuple[Path, ...] = ()
    extra: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    builtin: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    suffixes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def under(cls, data: Path, **changes: object) -> "Folders":
        """Folders with everything under ``data``; ``changes`` replace single ones."""
        data = data.absolute()
        places: dict[str, object] = {name: data / name for name in ("input", "output", "temp", "user")}
        places["model_roots"] = (data / "models",)
        places |= {name: value for name, value in changes.items() if value is not None}
        return cls(data=data, **places)  # type: ignore[arg-type]

    def create(self) -> None:
        """Makes the folders that do not exist yet, but none in model folders outside of ``data``.

        Raises:
            SettingsError: if one cannot be made.
        """
        for folder in (self.data, self.input, self.output, self.temp, self.user):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise SettingsError(f"{folder} cannot be used as a folder: {error.strerror or error}.") from error
        if self.model_roots and self.model_roots[0].is_relative_to(self.data):
            for kind in ("checkpoints", "loras", "vae", "embeddings"):
                (self.model_roots[0] / kind).mkdir(parents=True, exist_ok=True)

    def of_owner(self, owner: str) -> "Folders":
        """The same models, and the owner's own input, output, temp and user folders, which need not exist yet.

        Raises:
            StorageError: if the owner's name is none of a folder.
        """
        if owner == ONLY_OWNER:
            return self
        root = resolve(self.data / OWNERS, owner)
        return replace(self, **{name: root / name for name in (*ANNOTATIONS, "user")})

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
            raise UnknownNameError("model folder", kind, self.kinds())
        own = [root / folder for root in self.model_roots for folder in KINDS.get(kind, ())]
        if kind == "custom_nodes":
            own = [self.data / "custom_nodes"]
        if kind in SAVED:
            own.append(self.output / SAVED[kind])
        return [*own, *self.extra.get(kind, ())]

    def place(self, kind: str) -> Path:
        """The folder that receives new files of a kind: the one of its own name under the first model root.

        Raises:
            UnknownNameError: for a kind that nobody declared.
        """
        if kind in KINDS and self.model_roots:
            return self.model_roots[0] / (kind if kind in KINDS[kind] else KINDS[kind][0])
        return self.roots(kind)[0]

    def kinds(self) -> list[str]:
        """The kinds of models that are looked for."""
        return [*KINDS, *(kind for kind in self.extra if kind not in KINDS)]

    def add(self, further: Mapping[str, Sequence[Path]], suffixes: Mapping[str, Sequence[str]] | None = None) -> None:
        """Looks into further folders from now on, after those that are known; a new kind may come with none.

        Node packs add folders while they are loaded, so this is the one part of the record that changes.
        """
        if isinstance(self.extra, dict):
            for kind, paths in further.items():
                self.extra[kind] = tuple(dict.fromkeys((*self.extra.get(kind, ()), *paths)))
            self.suffixes.update({kind: tuple(ends) for kind, ends in (suffixes or {}).items()})

    def drop(self, further: Mapping[str, Sequence[Path]]) -> None:
        """Looks into some of the further folders no longer."""
        if isinstance(self.extra, dict):
            for kind, paths in further.items():
                self.extra[kind] = tuple(path for path in self.extra.get(kind, ()) if path not in paths)

    def list(self, kind: str) -> list[str]:
        """Model files of a kind: names relative to their folder, sorted, built-in ones last. Of pipelines: folders."""
        if kind == PIPELINES:
            return sorted({name for root in self.roots(kind) for name in _pipelines(root)}, key=str.lower)
        suffixes = (self.suffixes[kind] or ("",)) if kind in self.suffixes else SUFFIXES.get(kind, MODEL_SUFFIXES)
        names = {name for root in self.roots(kind) for name in _walk(root, suffixes)}
        own = [name for name in self.builtin.get(kind, {}) if name not in names]
        return sorted(names, key=str.lower) + own

    def find(self, kind: str, name: str) -> Path:
        """Path of a model file, or of the folder of a pipeline.

        Raises:
            UnknownNameError: if there is none; the message says what is near and where it is looked for.
            StorageError: if the name leaves its folder.
        """
        for root in self.roots(kind):
            path = resolve(root, name)
            if path.is_file() or (kind == PIPELINES and (path / PIPELINE_FILE).is_file()):
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
        StorageError: if the name is empty, absolute, has a drive or too many parts, or leaves the root.
    """
    pure = PurePosixPath(name.replace("\\", "/"))
    if len(pure.parts) > DEEPEST:
        raise StorageError(f"{name!r:.100} has more than {DEEPEST} parts: use fewer folders in folders.")
    drive = len(name) > 1 and name[1] == ":"
    if not name or "\0" in name or pure.is_absolute() or drive or ".." in pure.parts:
        raise StorageError(f"{name!r} is not a name inside its folder: use a relative name without '..'.")
    return root / pure


def resolve_closed(root: Path, name: str) -> Path:
    """Joins a foreign relative name to a root that links may not leave either.

    Raises:
        StorageError: as ``resolve`` does, and if a link on the way leads out of the root.
    """
    path = resolve(root, name)
    try:
        inside = path.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError, RuntimeError) as error:  # Links in a circle, letters that no file name has.
        raise StorageError(f"{name!r:.100} cannot be the name of a file ({error}).") from error
    if not inside:
        raise StorageError(f"{name!r:.100} is a link that leaves its folder.")
    return path


def _walk(root: Path, suffixes: Iterable[str]) -> list[str]:
    """Names of files below a root with one of the suffixes, with '/' between parts.

    Pipes and devices are none: to open a pipe is to wait for ever.
    """
    found: list[str] = []
    allowed = tuple(suffixes)
    for folder, folders, files in os.walk(root, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(folder).relative_to(root)
        named = (name for name in files if name.lower().endswith(allowed))
        found += [(inside / name).as_posix() for name in named if (Path(folder) / name).is_file()]
    return found


def _pipelines(root: Path) -> list[str]:
    """Folders of pipelines below a root, with '/' between parts."""
    return [str(PurePosixPath(name).parent) for name in _walk(root, (PIPELINE_FILE,)) if name != PIPELINE_FILE]


def pictures(folder: Path) -> Sequence[str]:
    """Picture files directly in a folder, sorted."""
    suffixes = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if entry.name.lower().endswith(suffixes) and entry.is_file())
