"""The stores of objects that this server knows: the default one, those in a file, those that come with a request.

The file names stores and says where keys are::

    pictures:
      url: s3://pictures/made?region=eu-central-1
      access_key_id: $PICTURES_KEY       # from the environment
      secret_access_key: $PICTURES_SECRET
"""

import importlib.util
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from limner.graph.discovery import discover
from limner.graph.errors import SettingsError, UnknownNameError
from limner.storage import object_schemes
from limner.storage.object_place import ObjectPlace, check_options, read_place
from limner.storage.object_store import ObjectScheme, ObjectStore

DEFAULT = ""
"""Name of the default store."""


@dataclass(frozen=True)
class StoreAddress:
    """Where a store is, and its keys.

    Attributes:
        scheme: How it is reached.
        place: Where.
        keys: Credentials by name; empty: from the environment. Never shown.
    """

    scheme: ObjectScheme
    place: ObjectPlace
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)

    def open(self) -> ObjectStore:
        """Opens it. Cost: loads a library the first time.

        Raises:
            SettingsError: if it cannot be used like this.
        """
        return self.scheme.open(self.place, self.keys)


class ObjectStores:
    """Stores by name, opened when they are needed. Thread-safe.

    Args:
        addresses: Where they are; the default one under ``DEFAULT``.
    """

    def __init__(self, addresses: Mapping[str, StoreAddress]) -> None:
        self.addresses = addresses
        self._open: dict[str, ObjectStore] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> ObjectStore:
        """A store by its name.

        Raises:
            UnknownNameError: if there is none.
            SettingsError: if it cannot be used.
        """
        with self._lock:
            if name not in self._open:
                self._open[name] = self.address(name).open()
            return self._open[name]

    def address(self, name: str) -> StoreAddress:
        """Where a store is.

        Raises:
            UnknownNameError: if there is none.
        """
        if name in self.addresses:
            return self.addresses[name]
        if name == DEFAULT:
            raise UnknownNameError("store", "default", self.addresses, "Start the server with --store ADDRESS.")
        raise UnknownNameError("store", name, [known for known in self.addresses if known])


def read_address(url: str, keys: Mapping[str, str] | None = None) -> StoreAddress:
    """A store by its address.

    Raises:
        SettingsError: if it is none.
        UnknownNameError: for a scheme, an option or a key that there is not.
    """
    place = read_place(url)
    schemes = discover(object_schemes, ObjectScheme, lambda scheme: scheme.name)
    if place.scheme not in schemes:
        raise UnknownNameError("scheme of stores", place.scheme, schemes, f"There are {', '.join(schemes)}.")
    scheme = schemes[place.scheme]
    check_options(place, scheme.options)
    if scheme.remote and not place.bucket:
        raise SettingsError(f"{place.scheme}:// needs a bucket: {place.scheme}://bucket/prefix.")
    if not scheme.remote:
        place = replace(place, sign=False)
    if place.public_url and place.sign and not scheme.signs_domains:
        raise SettingsError(f"Signatures of {place.scheme}:// do not hold for a public_url: leave sign=yes away.")
    for name in keys or {}:
        if name not in scheme.keys:
            raise UnknownNameError(f"key of {place.scheme}://", name, scheme.keys)
    if scheme.remote and importlib.util.find_spec("obstore") is None:
        raise SettingsError(f"{place.scheme}:// needs a library: `pip install 'limner[storage]'`.")
    return StoreAddress(scheme, place, dict(keys or {}))


def read_stores(default: str, file: Path | None) -> ObjectStores:
    """The stores of a server.

    Args:
        default: Address of the default store, or the name of one in the file; empty: none.
        file: A file of stores; None: none.

    Raises:
        SettingsError: if one of them cannot be read.
    """
    addresses = _from_file(file) if file is not None else {}
    if default:
        known = addresses.get(default)
        if known is None and "://" not in default:
            raise UnknownNameError("store", default, addresses, "Or give an address: scheme://bucket/prefix.")
        addresses[DEFAULT] = known or read_address(default)
    return ObjectStores(addresses)


def _from_file(file: Path) -> dict[str, StoreAddress]:
    try:
        document = yaml.safe_load(file.read_text("utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"The file of stores {file} cannot be read: {error}") from error
    if not isinstance(document, dict) or not all(isinstance(entry, dict) for entry in document.values()):
        raise SettingsError(f"The file of stores {file} must name stores, each with url: and its keys.")
    return {str(name): _entry(file, str(name), entry) for name, entry in document.items()}


def _entry(file: Path, name: str, entry: Mapping[str, Any]) -> StoreAddress:
    url = entry.get("url")
    if not isinstance(url, str) or not name:
        raise SettingsError(f"The store {name!r} in {file} needs url: scheme://bucket/prefix.")
    keys = {str(key): _value(file, name, str(value)) for key, value in entry.items() if key != "url"}
    return read_address(url, keys)


def _value(file: Path, name: str, text: str) -> str:
    """A key as it is written, or from the environment."""
    if not text.startswith("$"):
        return text
    value = os.environ.get(text[1:])
    if not value:
        raise SettingsError(f"The store {name!r} in {file} takes a key from {text[1:]}, which is not set.")
    return value
