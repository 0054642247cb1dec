"""``comfy.cli_args``: the command line as packs look at it. Defaults are ComfyUI's; what Limner knows replaces them."""

from __future__ import annotations

import argparse
import enum
import os
from typing import Any

from comfy_host.context import folders, host
from comfy_host.missing import absent
from limner.graph.errors import SettingsError


class EnumAction(argparse.Action):
    """An option whose value is a member of an enumeration."""

    def __init__(self, **options: Any) -> None:
        self._enum = options.pop("type")
        options.setdefault("choices", tuple(member.value for member in self._enum))
        super().__init__(**options)

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        """Stores the member."""
        setattr(namespace, self.dest, self._enum(values))


class LatentPreviewMethod(enum.Enum):
    """How intermediate states are shown."""

    NoPreviews = "none"
    Auto = "auto"
    Latent2RGB = "latent2rgb"
    TAESD = "taesd"

    @classmethod
    def from_string(cls, value: str) -> LatentPreviewMethod | None:
        """The member of that value; None if there is none."""
        return next((member for member in cls if member.value == value), None)


class PerformanceFeature(enum.Enum):
    """What ``--fast`` may turn on."""

    Fp16Accumulation = "fp16_accumulation"
    Fp8MatrixMultiplication = "fp8_matrix_mult"
    CublasOps = "cublas_ops"
    AutoTune = "autotune"


_OFF = [
    "async_offload",
    "base_directory_set",
    "bf16_text_enc",
    "bf16_unet",
    "bf16_vae",
    "cache_classic",
    "cache_none",
    "cpu",
    "cpu_vae",
    "cuda_malloc",
    "debug_hang",
    "deterministic",
    "disable_all_custom_nodes",
    "disable_api_nodes",
    "disable_auto_launch",
    "disable_cuda_malloc",
    "disable_dynamic_vram",
    "disable_ipex_optimize",
    "disable_metadata",
    "disable_mmap",
    "disable_pinned_memory",
    "disable_smart_memory",
    "disable_xformers",
    "dont_print_server",
    "dont_upcast_attention",
    "enable_compress_response_body",
    "enable_manager",
    "fp16_text_enc",
    "fp16_unet",
    "fp16_vae",
    "fp32_text_enc",
    "fp32_unet",
    "fp32_vae",
    "fp64_unet",
    "fp8_e4m3fn_text_enc",
    "fp8_e4m3fn_unet",
    "fp8_e5m2_text_enc",
    "fp8_e5m2_unet",
    "fp8_e8m0fnu_unet",
    "force_channels_last",
    "force_fp16",
    "force_fp32",
    "force_non_blocking",
    "force_upcast_attention",
    "gpu_only",
    "highvram",
    "log_stdout",
    "lowvram",
    "mmap_torch_files",
    "multi_user",
    "normalvram",
    "novram",
    "quick_test_for_ci",
    "supports_fp8_compute",
    "use_flash_attention",
    "use_pytorch_cross_attention",
    "use_quad_cross_attention",
    "use_sage_attention",
    "use_split_cross_attention",
    "windows_standalone_build",
    "auto_launch",
    "disable_assets_autoscan",
    "disable_manager_ui",
    "enable_assets",
    "high_ram",
]

_VALUES: dict[str, Any] = {
    "listen": "127.0.0.1",
    "port": 8188,
    "tls_keyfile": None,
    "tls_certfile": None,
    "enable_cors_header": None,
    "max_upload_size": 100,
    "base_directory": None,
    "extra_model_paths_config": None,
    "output_directory": None,
    "temp_directory": None,
    "input_directory": None,
    "user_directory": None,
    "cuda_device": None,
    "default_device": None,
    "directml": None,
    "oneapi_device_selector": None,
    "preview_method": LatentPreviewMethod.NoPreviews,
    "preview_size": 512,
    "cache_lru": 0,
    "cache_ram": 0,
    "reserve_vram": None,
    "default_hashing_function": "sha256",
    "fast": set(),
    "whitelist_custom_nodes": [],
    "verbose": "INFO",
    "front_end_version": "comfyanonymous/ComfyUI@latest",
    "front_end_root": None,
    "comfy_api_base": "https://api.comfy.org",
    "database_url": "",
}


def _known() -> dict[str, Any]:
    """What Limner knows of its own command line."""
    own = folders()
    found: dict[str, Any] = {
        "base_directory": str(own.data),
        "output_directory": str(own.output),
        "input_directory": str(own.input),
        "user_directory": str(own.user),
    }
    try:
        worker = host()
    except SettingsError:  # a prestartup script: the worker is not there yet
        return found
    return found | {"cpu": worker.device.type == "cpu"} | dict(worker.arguments)


args = argparse.Namespace(**dict.fromkeys(_OFF, False) | _VALUES | _known())
parser = argparse.ArgumentParser(prog="limner", add_help=False)


def is_valid_directory(path: str) -> str:
    """A folder that exists.

    Raises:
        ArgumentTypeError: if it does not.
    """
    if not os.path.isdir(path):
        raise argparse.ArgumentTypeError(f"{path} is not a valid directory")
    return path


def enables_dynamic_vram() -> bool:
    """Whether weights are paged in piece by piece; Limner's ledger decides that by itself."""
    return False


__getattr__ = absent(__name__)
