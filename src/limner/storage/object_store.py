"""What a store of objects is: somewhere else to bring files, with an address for everybody who is given it.

A scheme (``object_schemes/<name>.py``) opens one from an ObjectPlace; it is found by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from limner.storage.object_place import ObjectPlace


@dataclass(frozen=True)
class StoredObject:
    """An object that is where it should be.

    Attributes:
        key: Its whole key.
        etag: What the service calls this content, without quotes.
        size: In bytes.
    """

    key: str
    etag: str
    size: int


class ObjectStore(Protocol):
    """Keeps objects under keys. Thread-safe; every method blocks.

    All methods raise StorageError with the reason if the service cannot be had or refuses.
    """

    def put(self, key: str, path: Path, media_type: str) -> StoredObject:
        """Brings a file; it is there, whole, when this returns.

        The same file brought again is one object, and if it is known to be there nothing is sent. Another file under
        the same key takes its place.

        Raises:
            FileNotFoundError: if there is no such file here.
        """
        ...

    def address(self, key: str) -> str:
        """An address under which the object can be fetched."""
        ...


@dataclass(frozen=True)
class ObjectScheme:
    """How a service is reached.

    Attributes:
        name: What its addresses begin with.
        title: What people call it.
        options: Names of its options.
        keys: Names of its credentials; the first ones are needed where they come with a request.
        needed: How many of them.
        open: Opens a store; with no keys given they are looked for in the environment. Imports what it needs.
        remote: It is elsewhere; a scheme that is not may only be chosen by whoever runs the server.
        signs_domains: Its signatures hold for addresses that begin with ``public_url``, too.
    """

    name: str
    title: str
    options: tuple[str, ...]
    keys: tuple[str, ...]
    needed: int
    open: Callable[[ObjectPlace, Mapping[str, str]], ObjectStore]
    remote: bool = True
    signs_domains: bool = False
