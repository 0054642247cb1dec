"""Sends files that do not change while the server runs: compressed once, tagged, kept by browsers if they may be."""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

from aiohttp import hdrs, web

from limner.server.bodies import beside
from limner.server.compression import accepts_gzip
from limner.server.replies import empty_reply
from limner.storage.media_types import media_type

CACHE_BYTES = 48 << 20
FOR_EVER = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"
COMPRESSED = frozenset({"application/json", "application/javascript", "image/svg+xml", "application/wasm"})


class StaticFiles:
    """Files by name. There are no other names, so none can lead elsewhere.

    Args:
        files: The files.
        for_ever: What names begin with whose content never changes.
    """

    def __init__(self, files: Mapping[str, Path], for_ever: str | None = None) -> None:
        self._files, self._for_ever = files, for_ever
        self._cache: OrderedDict[Path, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    async def reply(self, request: web.Request, name: str, **headers: str) -> web.StreamResponse:
        """A file, or 404."""
        path = self._files.get(name)
        if path is None or (state := await beside(lambda: path.stat() if path.is_file() else None)) is None:
            return empty_reply(404)
        lasting = self._for_ever is not None and name.startswith(self._for_ever)
        known = {hdrs.CACHE_CONTROL: FOR_EVER if lasting else REVALIDATED} | headers
        kind = media_type(name)
        if not (kind.startswith("text/") or kind in COMPRESSED):
            return web.FileResponse(path, headers=known | {hdrs.CONTENT_TYPE: kind}, chunk_size=1 << 18)
        tag = f'"{state.st_mtime_ns:x}-{state.st_size:x}"'
        known |= {hdrs.ETAG: tag, hdrs.VARY: hdrs.ACCEPT_ENCODING}
        if tag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
            return web.Response(status=304, headers=known)
        if accepts_gzip(request.headers.get(hdrs.ACCEPT_ENCODING, "")) and hdrs.RANGE not in request.headers:
            body = await beside(lambda: self._compressed(path))
            known[hdrs.CONTENT_ENCODING] = "gzip"
        else:
            body = await beside(path.read_bytes)
        charset = "utf-8" if kind.startswith("text/") or kind == "application/json" else None
        return web.Response(body=body, headers=known, content_type=kind, charset=charset)

    def _compressed(self, path: Path) -> bytes:
        with self._lock:
            held = self._cache.get(path)
            if held is not None:
                self._cache.move_to_end(path)
                return held
        body = gzip.compress(path.read_bytes(), 6, mtime=0)
        with self._lock:
            if path not in self._cache:
                self._cache[path] = body
                self._bytes += len(body)
            while self._bytes > CACHE_BYTES:
                self._bytes -= len(self._cache.popitem(last=False)[1])
        return body
