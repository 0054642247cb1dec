"""Names that foreign servers give to files, made fit for our folders."""

import re
from email.message import Message
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from limner.hub.arrivals import TEXTS, WEIGHTS
from limner.hub.refusal import PullError

LONGEST = 200
"""Letters of a file's name; most file systems allow 255 bytes, and ``.part.json`` is still to come."""

_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]')


def fit_name(name: str) -> str:
    """A file's own name, without folders and without letters that some system refuses.

    Raises:
        PullError: if it is none that a model file may have.
    """
    bare = _UNFIT.sub("_", PurePosixPath(name.replace("\\", "/")).name).strip(" .")
    if not bare or len(bare) > LONGEST:
        raise PullError("invalid", f"{name!r:.120} cannot be a file's name here. Choose another with --name.")
    suffix = PurePosixPath(bare).suffix.lower()
    if suffix not in WEIGHTS | TEXTS:
        allowed = ", ".join(sorted(WEIGHTS))
        raise PullError("invalid", f"{bare!r} does not end like a model file ({allowed}). Choose its name with --name.")
    return bare


def fit_folder(folder: str) -> str:
    """A folder inside a kind's, part by part made fit.

    Raises:
        PullError: if it leaves the kind's folder.
    """
    parts = [_UNFIT.sub("_", part) for part in PurePosixPath(folder).parts]
    if folder.startswith("/") or any(part.startswith(".") for part in parts):
        raise PullError("invalid", f"{folder!r:.120} is no folder inside the model folders.")
    return "/".join(parts)


def name_of_url(url: str) -> str:
    """The last part of a URL's path."""
    return unquote(PurePosixPath(urlsplit(url).path).name)


def name_of_disposition(header: str) -> str:
    """The file name in a Content-Disposition header, or empty. Source: RFC 6266."""
    message = Message()
    message["Content-Disposition"] = header
    return message.get_filename() or ""
