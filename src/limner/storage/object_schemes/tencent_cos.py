"""Tencent Cloud Object Storage: ``cos://bucket-appid/prefix?region=ap-nanjing``.

Objects are brought through its S3 protocol; addresses carry its own signature, which custom domains and the CDN take.
"""

import os
import time
from collections.abc import Mapping
from urllib.parse import quote

from limner.graph.errors import SettingsError
from limner.storage.cos_signature import signed_address
from limner.storage.object_place import ObjectPlace
from limner.storage.object_store import ObjectScheme, ObjectStore
from limner.storage.obstore_objects import ObstoreObjects, client_options, opened

KEYS = ("secret_id", "secret_key", "token")

ENVIRONMENT = {
    "secret_id": ("COS_SECRET_ID", "TENCENTCLOUD_SECRET_ID"),
    "secret_key": ("COS_SECRET_KEY", "TENCENTCLOUD_SECRET_KEY"),
    "token": ("COS_TOKEN", "TENCENTCLOUD_SESSION_TOKEN"),
}

EARLY = 60
"""Seconds before now from which on addresses hold, for clocks that are behind."""


def _open(place: ObjectPlace, keys: Mapping[str, str]) -> ObjectStore:
    region = place.options.get("region", "")
    if not region and "endpoint" not in place.options:
        raise SettingsError(f"cos://{place.bucket} needs ?region=NAME (ap-nanjing for instance).")
    keys = keys or _from_environment(place)
    endpoint = place.endpoint
    here = f"{endpoint}/{place.bucket}" if endpoint else f"https://{place.bucket}.cos.{region}.myqcloud.com"
    token = keys.get("token", "")
    config = {
        "bucket": place.bucket,
        "region": region or "auto",
        "endpoint": endpoint or here,
        "virtual_hosted_style_request": not endpoint,
        "access_key_id": keys["secret_id"],
        "secret_access_key": keys["secret_key"],
        **({"session_token": token} if token else {}),
    }
    store = opened("S3Store", place, config, client_options(place, endpoint))

    def signed(key: str) -> str:
        now = int(time.time())
        return signed_address(
            place.public_url or here,
            key,
            secret_id=keys["secret_id"],
            secret_key=keys["secret_key"],
            begins=now - EARLY,
            ends=now + place.expires,
            query={"x-cos-security-token": token} if token else {},
        )

    return ObstoreObjects(store, place, lambda key: f"{here}/{quote(key)}", signed)


def _from_environment(place: ObjectPlace) -> dict[str, str]:
    found = {
        name: next((value for variable in variables if (value := os.environ.get(variable))), "")
        for name, variables in ENVIRONMENT.items()
    }
    if not found["secret_id"] or not found["secret_key"]:
        raise SettingsError(
            f"cos://{place.bucket} needs keys: set COS_SECRET_ID and COS_SECRET_KEY, or name them in a file of stores."
        )
    return found


SCHEME = ObjectScheme("cos", "Tencent COS", ("region", "endpoint"), KEYS, 2, _open, signs_domains=True)
