"""Settings: read once, here, and passed on as values.

Order of precedence: command line, environment (``LIMNER_DATA``, ``LIMNER_MODELS`` ...), defaults.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Any

import msgspec
from platformdirs import user_data_path

from limner.app.extra_paths import read_extra_paths
from limner.graph.errors import SettingsError
from limner.storage.builtin import builtin_models
from limner.storage.folders import Folders

PORT = 8188
"""ComfyUI's port, since that is where clients look."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a person can choose.

    Attributes:
        data: Root of all state.
        host: Address to listen on; anything but loopback is refused until there is authentication.
        port: TCP port, 0..65535; 0 takes a free one.
        models: Model roots, each laid out like ComfyUI's ``models``.
        input: Replaces ``data/input``.
        output: Replaces ``data/output``.
        temp: Replaces ``data/temp``.
        extra_model_paths: A file in the format of ``extra_model_paths.yaml``.
        substitute: The built-in model may stand in for missing ones.
        device: ``cpu``, ``cuda``, ``cuda:1``, ``mps``, or ``auto``.
        dtype: ``float32``, ``bfloat16``, ``float16``, or ``auto``.
        concurrency: Jobs that run at once on a device.
        cache_bytes: How much the results of nodes may hold.
        model_bytes: How much networks may hold; 0: four fifths of the device's memory.
        threads: Threads of a CPU worker; 0: all cores.
        previews: Pictures of intermediate states are sent to clients that take part in a run.
        allowed_origins: Web origins beside the server's own that may talk to it; ``*``: all.
        allow_remote: Listen on an address that is not loopback, although there is no authentication yet.
    """

    data: str = ""
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = PORT
    models: tuple[str, ...] = ()
    input: str | None = None
    output: str | None = None
    temp: str | None = None
    extra_model_paths: str | None = None
    substitute: bool = False
    device: str = "auto"
    dtype: str = "auto"
    concurrency: int = 4
    cache_bytes: int = 2 << 30
    model_bytes: int = 0
    threads: int = 0
    previews: bool = False
    allowed_origins: tuple[str, ...] = ()
    allow_remote: bool = False

    def folders(self) -> Folders:
        """The folders that these settings describe."""
        changes: dict[str, Any] = {
            name: Path(value).absolute() for name in ("input", "output", "temp") if (value := getattr(self, name))
        }
        data = Path(self.data).absolute() if self.data else user_data_path("limner", appauthor=False)
        roots = tuple(Path(root).expanduser().absolute() for root in self.models) or (data / "models",)
        extra_file = Path(self.extra_model_paths) if self.extra_model_paths else data / "extra_model_paths.yaml"
        extra = read_extra_paths(extra_file, required=self.extra_model_paths is not None)
        return Folders.under(data, model_roots=roots, extra=extra, builtin=builtin_models(), **changes)


def read_settings(chosen: dict[str, Any]) -> Settings:
    """Settings from what the command line chose (None: not chosen) and the environment.

    Raises:
        SettingsError: if a value cannot be what it should be.
    """
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        value = chosen.get(field.name)
        if value is None:
            value = _environment(field.name)
        if value is not None:
            values[field.name] = value
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(_explain(error, values)) from error


def _explain(error: msgspec.ValidationError, values: dict[str, Any]) -> str:
    """Which setting, by both its names, what was expected, and what came."""
    what, _, place = str(error).partition(" - at `$.")
    name = (re.match(r"\w*", place) or [""])[0]
    named = f"--{name.replace('_', '-')} (LIMNER_{name.upper()})" if name else "A setting"
    return f"{named} cannot be {values.get(name)!r}: {what.replace('`', '')}. See `limner serve --help`."


def _environment(name: str) -> Any:
    value = os.environ.get(f"LIMNER_{name.upper()}")
    if value is None:
        return None
    if name == "models":
        return value.split(os.pathsep)
    return value.split(",") if name == "allowed_origins" else value
