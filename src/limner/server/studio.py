"""The web studio's files: where they are, and how its page is sent.

The page is one document for all addresses below ``/studio/``; it reads from the address what to show.
"""

import os
from pathlib import Path

from aiohttp import hdrs, web

from limner.server.bodies import beside
from limner.server.frontend_pages import NEVER_KEPT, own_sockets
from limner.server.static_files import StaticFiles

PAGE = "index.html"
VARIABLE = "LIMNER_STUDIO"
"""Environment variable: another build of the studio, for those who work on it."""

HASHED = "assets/"
"""Names below this have their content's hash in them."""

POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self' {sockets} data: blob:; frame-src 'self'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'self'"
)
"""The page talks to this server and to nobody else."""

MISSING = "The studio is not built. In a checkout, run: make studio. The HTTP interfaces work without it."


def built_studio() -> Path | None:
    """The folder of the built studio: where ``LIMNER_STUDIO`` says, in the installed package, or in the repository.

    None if it is nowhere.
    """
    package = Path(__file__).resolve().parents[1]
    places = (package / "studio", package.parents[1] / "studio" / "dist")
    if own := os.environ.get(VARIABLE):
        places = (Path(own), *places)
    return next((place for place in places if (place / PAGE).is_file()), None)


class Studio:
    """The studio's files. One that is built anew while the server runs is taken at the next look at its page.

    Args:
        root: The folder they lie in, or None if they are not built.
    """

    def __init__(self, root: Path | None) -> None:
        self._root = root
        self._built = 0
        self._names: frozenset[str] = frozenset()
        self._files = StaticFiles({})
        self._read()

    @property
    def there(self) -> bool:
        """Whether it is built."""
        return PAGE in self._names

    async def page(self, request: web.Request) -> web.StreamResponse:
        """The page."""
        await beside(self._read)
        if not self.there:
            return web.Response(text=MISSING, status=404)
        headers = NEVER_KEPT | {"Content-Security-Policy": POLICY.format(sockets=own_sockets(request.host))}
        return await self._files.reply(request, PAGE, **headers)

    async def file(self, request: web.Request, name: str) -> web.StreamResponse:
        """A file; the page for what is no file's name."""
        if name in self._names and name != PAGE:
            return await self._files.reply(request, name)
        if name.startswith(HASHED):
            return web.Response(status=404, headers={hdrs.CACHE_CONTROL: "no-store"})
        return await self.page(request)

    def _read(self) -> None:
        """Lists the files, if the page is another one than at the last time."""
        if self._root is None:
            return
        try:
            built = (self._root / PAGE).stat().st_mtime_ns
        except OSError:
            return  # It is being built.
        if built == self._built:
            return
        found = {path.relative_to(self._root).as_posix(): path for path in self._root.rglob("*") if path.is_file()}
        self._built, self._names, self._files = built, frozenset(found), StaticFiles(found, HASHED)


STUDIO: web.AppKey[Studio] = web.AppKey("studio", Studio)
