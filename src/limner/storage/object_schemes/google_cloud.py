"""Google Cloud Storage. Signed addresses need a service account's key."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from limner.graph.errors import SettingsError
from limner.storage.object_place import ObjectPlace
from limner.storage.object_store import ObjectScheme, ObjectStore
from limner.storage.obstore_objects import ObstoreObjects, client_options, opened

KEYS = ("service_account_key",)

HERE = "https://storage.googleapis.com"

_STRANGE = re.compile(r"[^\w./ ~-]")


def _open(place: ObjectPlace, keys: Mapping[str, str]) -> ObjectStore:
    if place.sign and _STRANGE.search(place.prefix):
        raise SettingsError(
            f"Signed addresses of gs:// do not open below {place.prefix!r:.200}: use letters, digits, '-', '_' and '.'."
        )
    endpoint = place.endpoint
    here = endpoint or HERE
    config = {
        "bucket": place.bucket,
        "base_url": here,  # Said always: a key's own `gcs_base_url` would lead wherever its sender likes.
        **{name: keys[name] for name in KEYS if keys.get(name)},
    }
    store = opened("GCSStore", place, config, client_options(place, endpoint))
    return ObstoreObjects(store, place, lambda key: f"{here}/{place.bucket}/{quote(key)}")


SCHEME = ObjectScheme("gs", "Google Cloud Storage", ("endpoint",), KEYS, 1, _open)
