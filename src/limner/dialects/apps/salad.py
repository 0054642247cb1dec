"""Fields of SaladTechnologies' comfyui-api that mean what a field of runs means: its clients may send them as they are.

``convert_output`` and ``webhook_v2`` are taken. What has no counterpart here (``s3`` with a bucket of its own, one
webhook for each picture) is refused rather than ignored, since somebody waits for what it promises. Answers are ours.
"""

from collections.abc import Mapping
from typing import Any

from limner.graph.errors import DocumentError

REFUSED = {
    "azure_blob_upload": "name a store that the server knows under 'store'",
    "hf_upload": "name a store that the server knows under 'store'",
    "http_upload": "name a store that the server knows under 'store'",
    "s3": "name a store that the server knows under 'store'",
    "credentials": "send pictures themselves, or addresses that need no key",
}


def with_salad_fields(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields of a body with those of that API as options of ours.

    Raises:
        DocumentError: if one promises what cannot be done here.
    """
    for name, advice in REFUSED.items():
        if isinstance(fields.get(name), Mapping | list):
            raise DocumentError(f"{name!r} of comfyui-api is not taken here: {advice}.")
    options: dict[str, Any] = {}
    hook = fields.get("webhook_v2")
    if isinstance(hook, str) and hook:
        options["webhook"] = hook
        options["mode"] = "async"
    convert = fields.get("convert_output")
    if isinstance(convert, Mapping):
        inner = convert.get("options")
        options["format"] = convert.get("format")
        options["quality"] = inner.get("quality") if isinstance(inner, Mapping) else None
    return {**options, **fields} if options else fields
