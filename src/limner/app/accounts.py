"""Who asks for models: tokens and addresses from the environment. They stay in this process."""

import os
from collections.abc import Mapping

from limner.hub.source import Accounts

CIVITAI_TOKENS = ("CIVITAI_TOKEN", "CIVITAI_API_TOKEN", "CIVITAI_API_KEY")
S3_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


def accounts_of(environment: Mapping[str, str] | None = None) -> Accounts:
    """Who asks, as the environment says: that of this process, if none is given."""
    variables = os.environ if environment is None else environment

    def first(*names: str) -> str:
        return next((value for name in names if (value := variables.get(name, "").strip())), "")

    return Accounts(
        huggingface=first("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"),
        civitai=first(*CIVITAI_TOKENS),
        huggingface_endpoint=first("HF_ENDPOINT").rstrip("/"),
        civitai_endpoint=first("CIVITAI_ENDPOINT").rstrip("/"),
        s3_endpoint=first(*S3_ENDPOINTS).rstrip("/"),
    )
