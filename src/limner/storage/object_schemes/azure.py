"""Azure Blob Storage: ``az://container/prefix?account=name``."""

import os
import time
from collections.abc import Mapping
from urllib.parse import quote

from limner.graph.errors import SettingsError
from limner.storage.azure_signature import signed_address
from limner.storage.object_place import ObjectPlace
from limner.storage.object_store import ObjectScheme, ObjectStore
from limner.storage.obstore_objects import ObstoreObjects, client_options, opened

KEYS = ("account_key", "sas_key")

EARLY = 60
"""Seconds before now from which on addresses hold, for clocks that are behind."""


def _open(place: ObjectPlace, keys: Mapping[str, str]) -> ObjectStore:
    endpoint = place.endpoint
    account = place.options.get("account") or os.environ.get("AZURE_STORAGE_ACCOUNT_NAME", "")
    if not account:
        raise SettingsError(f"az://{place.bucket} needs ?account=NAME, or AZURE_STORAGE_ACCOUNT_NAME.")
    config = {
        "account_name": account,
        "container_name": place.bucket,
        **({"endpoint": endpoint} if endpoint else {}),
        **{name: keys[name] for name in KEYS if keys.get(name)},
    }
    store = opened("AzureStore", place, config, client_options(place, endpoint))
    here = f"{endpoint or f'https://{account}.blob.core.windows.net'}/{place.bucket}"
    account_key = keys.get("account_key") or ("" if keys else os.environ.get("AZURE_STORAGE_ACCOUNT_KEY", ""))

    def signed(key: str) -> str:
        now = time.time()
        return signed_address(
            here,
            key,
            account=account,
            container=place.bucket,
            account_key=account_key,
            begins=now - EARLY,
            ends=now + place.expires,
        )

    return ObstoreObjects(store, place, lambda key: f"{here}/{quote(key)}", signed if account_key else None)


SCHEME = ObjectScheme("az", "Azure Blob Storage", ("account", "endpoint"), KEYS, 1, _open)
