"""Cache headers by path, as ComfyUI sets them; the path of ``/view`` has no image suffix, so it gets none here."""

from pathlib import PurePosixPath

from aiohttp import hdrs, web

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"})
KEPT_A_DAY = frozenset({200, 201, 202, 203, 204, 205, 206, 301, 308})
NEVER_KEPT = frozenset({302, 303, 307})


async def cache_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Sets Cache-Control, unless it is set; a signal handler."""
    wanted = _wanted(PurePosixPath(request.path), response.status)
    if wanted:
        response.headers.setdefault(hdrs.CACHE_CONTROL, wanted)


def _wanted(path: PurePosixPath, status: int) -> str | None:
    suffix = path.suffix.lower()
    if suffix in (".js", ".css") or (path.name.startswith("index") and suffix == ".json"):
        return "no-cache"
    if suffix not in IMAGE_SUFFIXES:
        return None
    if status == 404:
        return "public, max-age=3600"
    if status in NEVER_KEPT:
        return "no-cache"
    return "public, max-age=86400" if status in KEPT_A_DAY else None
