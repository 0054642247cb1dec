"""``folder_paths``: where files lie. ``folder_names_and_paths`` is a plain dictionary that packs may change."""

from __future__ import annotations

import mimetypes
import os
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from comfy_host.context import folders, running
from comfy_host.missing import absent
from comfy_host.packs import pack_roots
from limner.storage.folders import KINDS, MODEL_SUFFIXES, ONLY_OWNER, resolve

supported_pt_extensions: set[str] = set(MODEL_SUFFIXES)

_EXTENSIONS: dict[str, set[str]] = {
    "configs": {".yaml"},
    "custom_nodes": set(),
    "classifiers": {""},
    "diffusers": {"folder"},
}


def _seeded() -> dict[str, tuple[list[str], set[str]]]:
    """The folders by kind, from Limner's own."""
    own = folders()
    found = {
        kind: ([str(path) for path in own.roots(kind)], _EXTENSIONS.get(kind, supported_pt_extensions))
        for kind in (*KINDS, *(kind for kind in own.extra if kind not in KINDS))
    }
    found["custom_nodes"] = ([str(path) for path in pack_roots(own)], set())
    return found


base_path = str(folders().data)
models_dir = str(folders().model_roots[0] if folders().model_roots else folders().data / "models")
folder_names_and_paths: dict[str, tuple[list[str], set[str]]] = _seeded()

output_directory = str(folders().output)
temp_directory = str(folders().temp)
input_directory = str(folders().input)
user_directory = str(folders().user)

filename_list_cache: dict[str, tuple[list[str], dict[str, float], float]] = {}
extension_mimetypes_cache = {"webp": "image", "fbx": "model"}


class CacheHelper:
    """Keeps lists of file names while it is entered."""

    def __init__(self) -> None:
        self.cache: dict[str, Any] = {}
        self.active = False

    def get(self, key: str, default: Any = None) -> Any:
        """A kept list."""
        return self.cache.get(key, default) if self.active else default

    def set(self, key: str, value: Any) -> None:
        """Keeps a list."""
        if self.active:
            self.cache[key] = value

    def clear(self) -> None:
        """Forgets all."""
        self.cache.clear()

    def __enter__(self) -> CacheHelper:
        self.active = True
        return self

    def __exit__(self, *error: object) -> None:
        self.active = False
        self.clear()


cache_helper = CacheHelper()


def map_legacy(folder_name: str) -> str:
    """The present name of a kind that had another one."""
    return {"unet": "diffusion_models", "clip": "text_encoders"}.get(folder_name, folder_name)


def set_output_directory(output_dir: str) -> None:
    """Says where results go."""
    global output_directory
    output_directory = output_dir


def set_temp_directory(temp_dir: str) -> None:
    """Says where previews go."""
    global temp_directory
    temp_directory = temp_dir


def set_input_directory(input_dir: str) -> None:
    """Says where pictures come from."""
    global input_directory
    input_directory = input_dir


def set_user_directory(user_dir: str) -> None:
    """Says where users' files lie."""
    global user_directory
    user_directory = user_dir


def _own(everybody: str, name: str) -> str:
    """A folder of whoever the job belongs to that runs in this thread; as it was set, if there is only one owner."""
    request = running().request
    return everybody if request is None or request.owner == ONLY_OWNER else str(getattr(folders(), name))


def get_output_directory() -> str:
    """Where results go."""
    return _own(output_directory, "output")


def get_temp_directory() -> str:
    """Where previews go; emptied at every start."""
    return _own(temp_directory, "temp")


def get_input_directory() -> str:
    """Where pictures come from."""
    return _own(input_directory, "input")


def get_user_directory() -> str:
    """Where users' files lie."""
    return _own(user_directory, "user")


def get_system_user_directory(name: str = "system") -> str:
    """A folder of a pack or part of the server among the users' folders."""
    return os.path.join(get_user_directory(), f"__{name}")


def get_public_user_directory(user_id: str) -> str | None:
    """A user's folder; None for names that are not a user's."""
    return None if user_id.startswith("__") else os.path.join(get_user_directory(), user_id)


def get_directory_by_type(type_name: str) -> str | None:
    """The folder that clients call ``output``, ``temp`` or ``input``; None for another name."""
    known = {"output": get_output_directory, "temp": get_temp_directory, "input": get_input_directory}
    return known[type_name]() if type_name in known else None


def filter_files_content_types(
    files: Sequence[str], content_types: Sequence[Literal["image", "video", "audio", "model"]]
) -> list[str]:
    """Those files whose name promises one of the contents."""
    return [file for file in files if _content(file) in content_types]


def _content(file: str) -> str:
    extension = file.rpartition(".")[2].lower()
    if extension not in extension_mimetypes_cache:
        guessed = mimetypes.guess_type(file, strict=False)[0] or ""
        extension_mimetypes_cache[extension] = guessed.partition("/")[0]
    return extension_mimetypes_cache[extension]


def annotated_filepath(name: str) -> tuple[str, str | None]:
    """Splits ``a.png [output]`` into the name and the folder; None for a name without annotation."""
    for kind in ("output", "input", "temp"):
        suffix = f"[{kind}]"
        if name.endswith(suffix):
            return name[: -len(suffix)].rstrip(), get_directory_by_type(kind)
    return name, None


def get_annotated_filepath(name: str, default_dir: str | None = None) -> str:
    """Path of a file that a client names; without annotation it lies in ``default_dir``, or among the inputs."""
    bare, folder = annotated_filepath(name)
    return os.path.join(folder or default_dir or get_input_directory(), bare)


def exists_annotated_filepath(name: str) -> bool:
    """Whether a file that a client names exists."""
    return os.path.exists(get_annotated_filepath(name))


def add_model_folder_path(folder_name: str, full_folder_path: str, is_default: bool = False) -> None:
    """Adds a folder to a kind, which is made if it is new; a default one comes first."""
    folder_name = map_legacy(folder_name)
    paths, _ = folder_names_and_paths.setdefault(folder_name, ([], set()))
    if full_folder_path in paths:
        if is_default:
            paths.remove(full_folder_path)
            paths.insert(0, full_folder_path)
    elif is_default:
        paths.insert(0, full_folder_path)
    else:
        paths.append(full_folder_path)


def get_folder_paths(folder_name: str) -> list[str]:
    """The folders of a kind; the list is a copy."""
    return list(folder_names_and_paths[map_legacy(folder_name)][0])


def recursive_search(
    directory: str, excluded_dir_names: Iterable[str] | None = None
) -> tuple[list[str], dict[str, float]]:
    """File names below a folder, relative to it, and when each folder changed."""
    if not os.path.isdir(directory):
        return [], {}
    excluded = set(excluded_dir_names or ())
    found: list[str] = []
    changed = {directory: os.path.getmtime(directory)}
    for folder, inner, files in os.walk(directory, followlinks=True):
        inner[:] = [name for name in inner if name not in excluded]
        found += [os.path.relpath(os.path.join(folder, name), directory) for name in files]
        changed |= {path: _mtime(path) for path in (os.path.join(folder, name) for name in inner)}
    return found, changed


def filter_files_extensions(files: Iterable[str], extensions: Iterable[str]) -> list[str]:
    """Those files whose name ends in one of the extensions, sorted; all if there are none."""
    allowed = set(extensions)
    return sorted(file for file in files if not allowed or os.path.splitext(file)[-1].lower() in allowed)


def get_full_path(folder_name: str, filename: str) -> str | None:
    """Path of a model file; None if there is none."""
    folder_name = map_legacy(folder_name)
    if folder_name not in folder_names_and_paths:
        return None
    inside = os.path.relpath(os.path.join("/", str(filename)), "/")
    for folder in folder_names_and_paths[folder_name][0]:
        path = os.path.join(folder, inside)
        if os.path.isfile(path):
            return path
    builtin = folders().builtin.get(folder_name, {}).get(filename)
    return None if builtin is None else str(builtin)


def get_full_path_or_raise(folder_name: str, filename: str) -> str:
    """Path of a model file.

    Raises:
        FileNotFoundError: if there is none.
    """
    path = get_full_path(folder_name, filename)
    if path is None:
        raise FileNotFoundError(f"Model in folder '{folder_name}' with filename '{filename}' not found.")
    return path


def get_filename_list_(folder_name: str) -> tuple[list[str], dict[str, float], float]:
    """File names of a kind, when the folders changed, and now."""
    folder_name = map_legacy(folder_name)
    paths, extensions = folder_names_and_paths[folder_name]
    names: set[str] = set()
    changed: dict[str, float] = {}
    for folder in paths:
        files, stamps = recursive_search(folder, excluded_dir_names=[".git"])
        names.update(filter_files_extensions(files, extensions))
        changed |= stamps
    own = [name for name in folders().builtin.get(folder_name, {}) if name not in names]
    return sorted(names) + own, changed, time.perf_counter()


def cached_filename_list_(folder_name: str) -> tuple[list[str], dict[str, float], float] | None:
    """What is kept of a kind, if it is still true."""
    kept = cache_helper.get(folder_name)
    if kept is not None:
        return kept
    held = filename_list_cache.get(map_legacy(folder_name))
    if held is None:
        return None
    stamps = held[1]
    folders_now = set(folder_names_and_paths[map_legacy(folder_name)][0])
    same = all(_mtime(path) == stamp for path, stamp in stamps.items())
    new = any(os.path.isdir(path) and path not in stamps for path in folders_now)
    return held if same and not new else None


def get_filename_list(folder_name: str) -> list[str]:
    """File names of a kind, relative to their folder; looked up again when a folder changed."""
    folder_name = map_legacy(folder_name)
    held = cached_filename_list_(folder_name)
    if held is None:
        held = filename_list_cache[folder_name] = get_filename_list_(folder_name)
    cache_helper.set(folder_name, held)
    return list(held[0])


def get_save_image_path(
    filename_prefix: str, output_dir: str, image_width: int = 0, image_height: int = 0
) -> tuple[str, str, int, str, str]:
    """Where a picture is to be saved: folder, file name, next number, subfolder, and the prefix with its tokens filled.

    Raises:
        Exception: if the prefix leaves the folder.
    """
    prefix = _filled(filename_prefix, image_width, image_height) if "%" in filename_prefix else filename_prefix
    subfolder, filename = os.path.split(os.path.normpath(prefix))
    folder = os.path.join(output_dir, subfolder)
    try:
        resolve(Path(output_dir), os.path.normpath(prefix))
    except Exception as error:
        raise Exception(
            "**** ERROR: Saving image outside the output folder is not allowed.\n"
            f" full_output_folder: {os.path.abspath(folder)}\n output_dir: {output_dir}\n ({error})"
        ) from error
    os.makedirs(folder, exist_ok=True)
    return folder, filename, _next_number(folder, filename), subfolder, prefix


def _filled(prefix: str, width: int, height: int) -> str:
    now = datetime.now()
    tokens = {"width": str(width), "height": str(height), "year": str(now.year)}
    tokens |= {name: f"{getattr(now, name):02}" for name in ("month", "day", "hour", "minute", "second")}
    for name, value in tokens.items():
        prefix = prefix.replace(f"%{name}%", value)
    return prefix


def _next_number(folder: str, filename: str) -> int:
    """One more than the largest number that follows the file name and an underscore."""
    start = os.path.normcase(filename) + "_"
    largest = 0
    for name in os.listdir(folder):
        digits = os.path.normcase(name)[len(start) :].split("_")[0].split(".")[0]
        if os.path.normcase(name).startswith(start) and digits.isdigit():
            largest = max(largest, int(digits))
    return largest + 1


def get_input_subfolders() -> list[str]:
    """Folders below that of inputs, relative to it, with ``/`` between parts."""
    root = Path(get_input_directory())
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_dir())


def _mtime(path: str) -> float:
    try:
        return os.path.getmtime(path)
    except OSError:
        return 0.0


__getattr__ = absent(__name__)
