"""Objects in any service that the library obstore speaks to. It is imported when a store is opened and not before.

Every object is compared with its file after it was sent: by the service's ETag where that is a digest of the content,
else by a digest that is kept beside the object.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from limner.graph.errors import SettingsError, StorageError
from limner.storage.object_digest import DIGEST, PART, WHOLE, Content, content_of
from limner.storage.object_place import ObjectPlace
from limner.storage.object_store import StoredObject

PARTS_AT_ONCE = 4
NO_CONDITIONS = "501 Not Implemented"
"""What services answer that know no "only if it is not there" (Backblaze B2, older ones that speak S3)."""

_MD5 = re.compile(r"[0-9a-f]{32}(-\d+)?")
_RETRIES = {
    "max_retries": 2,
    "retry_timeout": timedelta(seconds=15),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2},
}
"""The library tries again for a moment; whoever calls does so for days."""


class ObstoreObjects:
    """An ObjectStore over one of obstore's stores.

    Args:
        store: The library's store.
        place: What it was opened from.
        plain: The unsigned address of a key at the service itself.
        signed: Makes signed addresses where the library's would not do.
    """

    def __init__(
        self,
        store: Any,
        place: ObjectPlace,
        plain: Callable[[str], str],
        signed: Callable[[str], str] | None = None,
    ) -> None:
        self._store, self._place, self._plain, self._signed = store, place, plain, signed
        self._conditions = True

    def put(self, key: str, path: Path, media_type: str) -> StoredObject:
        """Brings a file; see ObjectStore."""
        from obstore.exceptions import BaseError

        content = content_of(path)
        body = path if content.size > WHOLE else path.read_bytes()
        try:
            return self._brought(key, body, content, {"Content-Type": media_type, DIGEST: content.sha256})
        except (BaseError, OSError) as error:  # the library says FileNotFoundError if there is no such bucket
            raise _refused(error, self._place) from error

    def address(self, key: str) -> str:
        """An address under which the object can be fetched."""
        if self._signed is not None and self._place.sign:
            return self._signed(key)
        if self._place.public_url:
            return f"{self._place.public_url}/{quote(key)}"
        if not self._place.sign:
            return self._plain(key)
        from obstore import sign
        from obstore.exceptions import BaseError

        try:
            return sign(self._store, "GET", key, timedelta(seconds=self._place.expires))
        except BaseError as error:
            raise _refused(error, self._place) from error

    def _brought(self, key: str, body: bytes | Path, content: Content, attributes: dict[str, str]) -> StoredObject:
        """Sends an object, unless it is there."""
        from obstore.exceptions import AlreadyExistsError, BaseError

        if self._conditions and not isinstance(body, Path):
            try:
                return self._put(key, body, content, attributes=attributes, mode="create")
            except AlreadyExistsError:
                pass
            except BaseError as error:
                if NO_CONDITIONS not in str(error):
                    raise
                self._conditions = False
        return self._known(key, content) or self._put(key, body, content, attributes=attributes, chunk_size=PART)

    def _put(self, key: str, body: bytes | Path, content: Content, **how: Any) -> StoredObject:
        from obstore import put

        sent = put(self._store, key, body, max_concurrency=PARTS_AT_ONCE, **how)
        etag = _bare(sent["e_tag"])
        if etag in content.etags:
            return StoredObject(key, etag, content.size)
        known = self._known(key, content)
        if known is None:
            raise StorageError(f"What {self._place.bucket} has under {key} is not what was sent.")
        return known

    def _known(self, key: str, content: Content) -> StoredObject | None:
        """The object, if it is there and has this content."""
        from obstore import get
        from obstore.exceptions import NotFoundError

        try:
            found = get(self._store, key, options={"head": True})
        except (NotFoundError, FileNotFoundError):
            return None
        etag, digest = _bare(found.meta["e_tag"]), found.attributes.get(DIGEST)
        # A service that keeps neither digest can only be asked how much it has.
        named = etag in content.etags or digest == content.sha256 or (digest is None and not _MD5.fullmatch(etag))
        same = found.meta["size"] == content.size and named
        return StoredObject(key, etag, content.size) if same else None


def client_options(place: ObjectPlace, endpoint: str = "") -> dict[str, Any]:
    """How the library's HTTP client behaves."""
    return {
        "timeout": timedelta(seconds=place.timeout),
        "connect_timeout": timedelta(seconds=min(5.0, place.timeout)),
        "allow_http": endpoint.startswith("http://"),
    }


def opened(kind: str, place: ObjectPlace, config: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    """One of the library's stores.

    Args:
        kind: The name of its class.
        place: For messages.
        config: What the class calls its configuration.
        options: From ``client_options``.

    Raises:
        SettingsError: if the library is not installed, or makes nothing of the configuration.
    """
    try:
        from obstore import store
        from obstore.exceptions import BaseError
    except ImportError as error:
        raise SettingsError(
            f"Objects cannot be brought to {place.scheme}://{place.bucket}: install what speaks to it with "
            "`pip install 'limner[storage]'`."
        ) from error
    try:
        return getattr(store, kind)(config=dict(config), client_options=dict(options), retry_config=_RETRIES)
    except (BaseError, ValueError, TypeError) as error:
        raise SettingsError(f"{place.scheme}://{place.bucket} cannot be used: {_in_words(error)}") from error


def _bare(etag: str | None) -> str:
    return (etag or "").removeprefix("W/").strip('"')


def _refused(error: Exception, place: ObjectPlace) -> StorageError:
    return StorageError(f"{place.scheme}://{place.bucket} cannot take or name objects now: {_in_words(error)}")


def _in_words(error: Exception) -> str:
    """What the library says, without its own state behind it."""
    return " ".join(str(error).partition("\n\nDebug source")[0].split())[:400]
