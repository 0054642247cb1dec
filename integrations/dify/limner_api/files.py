"""Files that Dify hands to tools, as uploads."""

from collections.abc import Mapping
from typing import Any

from limner_api.server import LimnerError, Upload


def uploads(field: str, given: Any) -> list[Upload]:
    """One file or several, each under the same name.

    Raises:
        LimnerError: if Dify does not give one out.
    """
    files = given if isinstance(given, list) else [given] if given else []
    return [Upload(field, file.filename or f"picture{file.extension or ''}", _bytes(file)) for file in files]


def named_uploads(given: Mapping[str, Any]) -> list[Upload]:
    """Files among parameters, each under its parameter's name."""
    return [upload for name, value in given.items() if is_file(value) for upload in uploads(name, value)]


def is_file(value: Any) -> bool:
    """Whether a parameter is a file, or a list of them."""
    return hasattr(value, "blob") or (isinstance(value, list) and bool(value) and hasattr(value[0], "blob"))


def _bytes(file: Any) -> bytes:
    try:
        return file.blob
    except Exception as error:
        advice = "Dify's FILES_URL has to be an address that the plugin's process reaches."
        raise LimnerError(f"{file.filename or file.url} cannot be fetched from Dify ({error}). {advice}") from error
