"""Well-known services: where they are, how they are spoken to, and what they call things. Data only.

Sources: the public API documentation of each service.
"""

from typing import Any

_MORE = {"negative": "negative_prompt", "seed": "seed"}

PRESETS: dict[str, dict[str, Any]] = {
    "openai": {
        "kind": "openai_images",
        "base_url": "https://api.openai.com/v1",
        "key": "OPENAI_API_KEY",
        "fields": {"sizes": ["1024x1024", "1536x1024", "1024x1536"]},
    },
    "openrouter": {
        "kind": "openai_chat",
        "base_url": "https://openrouter.ai/api/v1",
        "key": "OPENROUTER_API_KEY",
    },
    "siliconflow": {
        "kind": "openai_images",
        "base_url": "https://api.siliconflow.cn/v1",
        "key": "SILICONFLOW_API_KEY",
        "fields": {
            **_MORE,
            "size": "image_size",
            "steps": "num_inference_steps",
            "guidance": "guidance_scale",
            "image": "image",
            "edits": "",
            "extra": {"batch_size": 1},
        },
    },
    "gpustack": {
        "kind": "openai_images",
        "base_url": "http://127.0.0.1/v1",
        "key": "GPUSTACK_API_KEY",
        "fields": {
            **_MORE,
            "steps": "sampling_steps",
            "guidance": "cfg_scale",
            "sampler": "sample_method",
            "schedule": "schedule_method",
            "strength": "strength",
        },
    },
    "stepfun": {
        "kind": "openai_images",
        "base_url": "https://api.stepfun.com/v1",
        "key": "STEPFUN_API_KEY",
        "fields": {"seed": "seed", "steps": "steps", "guidance": "cfg_scale", "extra": {"response_format": "b64_json"}},
    },
    "limner": {"kind": "comfyui", "base_url": "http://127.0.0.1:8188"},
    "limner-openai": {
        "kind": "openai_images",
        "base_url": "http://127.0.0.1:8188/v1",
        "fields": {
            **_MORE,
            "steps": "steps",
            "guidance": "guidance_scale",
            "sampler": "sampler",
            "schedule": "scheduler",
            "strength": "strength",
            "extra": {"response_format": "b64_json"},
        },
    },
}
