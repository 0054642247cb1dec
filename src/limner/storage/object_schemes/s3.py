"""Amazon S3 and everything that speaks its protocol: MinIO, R2, Ceph, OSS ... by their endpoint."""

from collections.abc import Mapping
from urllib.parse import quote

from limner.storage.object_place import ObjectPlace
from limner.storage.object_store import ObjectScheme, ObjectStore
from limner.storage.obstore_objects import ObstoreObjects, client_options, opened

KEYS = ("access_key_id", "secret_access_key", "session_token")


def _open(place: ObjectPlace, keys: Mapping[str, str]) -> ObjectStore:
    endpoint, region = place.endpoint, place.options.get("region", "")
    by_host = place.options.get("style", "path") == "host"
    here = f"https://{place.bucket}.s3.{region or 'us-east-1'}.amazonaws.com"
    if endpoint:
        here = endpoint if by_host else f"{endpoint}/{place.bucket}"
    config = {
        "bucket": place.bucket,
        **({"region": region} if region else {}),
        **({"endpoint": endpoint} if endpoint else {}),
        "virtual_hosted_style_request": by_host,
        **{name: keys[name] for name in KEYS if keys.get(name)},
    }
    store = opened("S3Store", place, config, client_options(place, endpoint))
    return ObstoreObjects(store, place, lambda key: f"{here}/{quote(key)}")


SCHEME = ObjectScheme("s3", "S3", ("region", "endpoint", "style"), KEYS, 2, _open)
