"""Devices, types and memory. What is loaded is the residency ledger's business; this answers, and passes wishes on."""

from __future__ import annotations

import platform
import threading
from enum import Enum

import psutil
import torch

from comfy_host import context
from comfy_host.missing import absent
from limner.graph.errors import InterruptedRun, SettingsError


class VRAMState(Enum):
    """How scarce a device's memory is."""

    DISABLED = 0
    NO_VRAM = 1
    LOW_VRAM = 2
    NORMAL_VRAM = 3
    HIGH_VRAM = 4
    SHARED = 5


class CPUState(Enum):
    """What computes."""

    GPU = 0
    CPU = 1
    MPS = 2


class InterruptProcessingException(InterruptedRun):
    """Ends the job as interrupted."""


vram_state = VRAMState.NORMAL_VRAM
set_vram_to = VRAMState.NORMAL_VRAM
cpu_state = CPUState.GPU if torch.cuda.is_available() else CPUState.CPU
total_vram = 0.0
total_ram = psutil.virtual_memory().total / 2**20
OOM_EXCEPTION = torch.OutOfMemoryError
DISABLE_SMART_MEMORY = False
XFORMERS_IS_AVAILABLE = False
XFORMERS_ENABLED_VAE = False
ENABLE_PYTORCH_ATTENTION = True
FORCE_FP32 = FORCE_FP16 = False
EXTRA_RESERVED_VRAM = 0
NUM_STREAMS = 1
current_loaded_models: list = []
interrupt_processing = False
interrupt_processing_mutex = threading.RLock()
_CPU = torch.device("cpu")


def get_torch_device():
    """Where networks compute."""
    try:
        return context.host().device
    except SettingsError:  # at import, before there is a worker
        return _CPU


def intermediate_device():
    """Where values between nodes lie."""
    return _CPU


unet_inital_load_device = lambda parameters=0, dtype=None: get_torch_device()  # noqa: E731
text_encoder_device = text_encoder_initial_device = vae_device = lambda *_, **__: get_torch_device()
unet_offload_device = text_encoder_offload_device = vae_offload_device = lambda *_, **__: _CPU


def get_torch_device_name(device):
    """A device's name, for people."""
    if hasattr(device, "type") and device.type == "cuda":
        return f"{device} {torch.cuda.get_device_name(device)}"
    return str(device)


def is_nvidia():
    """Whether networks compute on one of NVIDIA's devices."""
    return get_torch_device().type == "cuda" and torch.version.cuda is not None


def is_amd():
    """Whether networks compute on one of AMD's devices."""
    return get_torch_device().type == "cuda" and getattr(torch.version, "hip", None) is not None


def is_intel_xpu():
    """Whether networks compute on one of Intel's devices."""
    return get_torch_device().type == "xpu"


is_ascend_npu = is_mlu = is_ixuca = is_directml_enabled = is_wsl = lambda *_: False


def cpu_mode():
    """Whether networks compute on the CPU."""
    return get_torch_device().type == "cpu"


def mps_mode():
    """Whether networks compute on an Apple device."""
    return get_torch_device().type == "mps"


def get_device_type(device):
    """``cpu``, ``cuda`` ..."""
    return getattr(device, "type", "cuda")


def is_device_type(device, kind):
    """Whether a device is of a type."""
    return get_device_type(device) == kind


is_device_cpu = lambda device: is_device_type(device, "cpu")  # noqa: E731
is_device_mps = lambda device: is_device_type(device, "mps")  # noqa: E731
is_device_cuda = lambda device: is_device_type(device, "cuda")  # noqa: E731
is_device_xpu = lambda device: is_device_type(device, "xpu")  # noqa: E731


def mac_version():
    """The version of macOS as numbers; None elsewhere."""
    found = platform.mac_ver()[0]
    return tuple(int(part) for part in found.split(".")) if found else None


# Memory.


def get_total_memory(dev=None, torch_total_too=False):
    """Bytes that a device has."""
    device = get_torch_device() if dev is None else dev
    total = torch.cuda.mem_get_info(device)[1] if is_device_cuda(device) else psutil.virtual_memory().total
    return (total, total) if torch_total_too else total


def get_free_memory(dev=None, torch_free_too=False):
    """Bytes that a device has left."""
    device = get_torch_device() if dev is None else dev
    if is_device_cuda(device):
        held = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        free = torch.cuda.mem_get_info(device)[0] + held
        return (free, held) if torch_free_too else free
    free = psutil.virtual_memory().available
    return (free, free) if torch_free_too else free


def maximum_vram_for_weights(device=None):
    """Bytes that weights may take."""
    return get_total_memory(device) * 0.88


def minimum_inference_memory():
    """Bytes that should stay free for work."""
    return 2**30


def extra_reserved_memory():
    """Bytes that others need."""
    return 400 * 2**20


def module_size(module):
    """Bytes of a module's weights."""
    return sum(tensor.nelement() * tensor.element_size() for tensor in module.state_dict().values())


def dtype_size(dtype):
    """Bytes of a value."""
    return 4 if dtype is None else dtype.itemsize


def free_memory(memory_required, device, keep_loaded=(), *_):
    """Makes room: unloads networks that are not in use if less is free. Returns what was unloaded, which is ours."""
    if get_free_memory(device) < memory_required:
        context.host().library.release()
    return []


def soft_empty_cache(force=False):
    """Gives memory back that torch holds without using it."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def unload_all_models():
    """Unloads every network that is not in use."""
    context.host().library.release()


unload_model_clones = unload_model = lambda *_, **__: None
cleanup_models = cleanup_models_gc = cleanup_ = lambda *_, **__: None


def load_models_gpu(models, memory_required=0, force_patch_weights=False, minimum_memory_required=None, **_):
    """Loads models' networks now instead of when they are used."""
    for model in models:
        networks = model.model.networks() if hasattr(getattr(model, "model", None), "networks") else ()
        for network in networks:
            with network.lease("a node pack asked for it"):
                pass
        if not networks and isinstance(getattr(model, "model", None), torch.nn.Module):
            model.model.to(model.load_device)


class LoadedModel:
    """A model that is loaded; ours are in the residency ledger, so none is ever listed."""

    def __init__(self, model):
        self.model, self.device = model, model.load_device
        self.currently_used = True

    def model_memory(self):
        """Bytes of the weights."""
        return self.model.model_size()

    def model_loaded_memory(self):
        """Bytes that are loaded."""
        return self.model.model_size()

    def is_dead(self):
        """False."""
        return False


def use_more_memory(extra_memory, loaded_models, device):
    """Nothing: the ledger decides."""


def offloaded_memory(loaded_models, device):
    """Bytes that wait for a place: none."""
    return 0


def load_model_gpu(model):
    """Loads one."""
    load_models_gpu([model])


def loaded_models(only_currently_used=False):
    """Models of packs' own that are loaded: none, ours are in the ledger."""
    return []


# Types.


def should_use_fp16(device=None, model_params=0, prioritize_performance=True, manual_cast=False):
    """Whether float16 is the better choice on a device."""
    return not is_device_cpu(get_torch_device() if device is None else device)


def should_use_bf16(device=None, model_params=0, prioritize_performance=True, manual_cast=False):
    """Whether bfloat16 is one."""
    device = get_torch_device() if device is None else device
    return is_device_cuda(device) and torch.cuda.is_bf16_supported()


def supports_fp8_compute(device=None):
    """Whether a device multiplies 8-bit floats."""
    return is_nvidia() and torch.cuda.get_device_capability(get_torch_device()) >= (8, 9)


def unet_dtype(
    device=None, model_params=0, supported_dtypes=(torch.float16, torch.bfloat16, torch.float32), weight_dtype=None
):
    """What networks compute in."""
    return torch.float16 if should_use_fp16(device) and torch.float16 in supported_dtypes else torch.float32


def unet_manual_cast(weight_dtype, inference_device, supported_dtypes=()):
    """What weights of a type should be cast to for work; None: nothing."""
    wanted = unet_dtype(inference_device)
    return None if weight_dtype in (None, wanted, torch.float32) else wanted


def text_encoder_dtype(device=None):
    """What text encoders compute in."""
    return unet_dtype(device)


def vae_dtype(device=None, allowed_dtypes=()):
    """What autoencoders compute in."""
    return torch.float32 if is_device_cpu(get_torch_device() if device is None else device) else torch.bfloat16


def supports_dtype(device, dtype):
    """Whether a device computes in a type."""
    return dtype in (torch.float32, torch.float16, torch.bfloat16) and not (
        is_device_cpu(device) and dtype.itemsize < 2
    )


def supports_cast(device, dtype):
    """Whether a device can cast to a type."""
    return True


supports_non_blocking = device_supports_non_blocking = device_should_use_non_blocking = lambda device: False
force_channels_last = force_upcast_attention_dtype = lambda *_: None
pick_weight_dtype = lambda dtype, fallback_dtype, device=None: fallback_dtype if dtype is None else dtype  # noqa: E731


def get_autocast_device(dev):
    """A device's name for ``torch.autocast``."""
    return getattr(dev, "type", "cuda")


def cast_to(weight, dtype=None, device=None, non_blocking=False, copy=False, stream=None):
    """A tensor of another type and at another place."""
    return weight.to(device=device, dtype=dtype, non_blocking=non_blocking, copy=copy)


def cast_to_device(tensor, device, dtype, copy=False):
    """The same, device first."""
    return tensor.to(device=device, dtype=dtype, copy=copy)


def lora_compute_dtype(device):
    """What patches are computed in."""
    return torch.float32


def resolve_lowvram_weight(weight, model, key):
    """The weight."""
    return weight


def batch_area_memory(area):
    """Bytes of work for an area."""
    return (area / 20) * 2**20


def xformers_enabled():
    """Attention is torch's."""
    return False


xformers_enabled_vae = sage_attention_enabled = flash_attention_enabled = xformers_enabled


def pytorch_attention_enabled():
    """Attention is torch's."""
    return True


pytorch_attention_enabled_vae = pytorch_attention_flash_attention = pytorch_attention_enabled


def get_supported_float8_types():
    """8-bit floats that torch knows."""
    return [torch.float8_e4m3fn, torch.float8_e5m2]


FLOAT8_TYPES = get_supported_float8_types()


# Interruption.


def interrupt_current_processing(value=True):
    """Asks that what runs is interrupted; looked at when a pack asks the next time."""
    global interrupt_processing
    with interrupt_processing_mutex:
        interrupt_processing = value


def processing_interrupted():
    """Whether the job was asked to stop."""
    if interrupt_processing:
        return True
    try:
        context.running().progress.check()
    except InterruptedRun:
        return True
    return False


def throw_exception_if_processing_interrupted():
    """Ends the step if the job was asked to stop."""
    if interrupt_processing:
        interrupt_current_processing(False)
        raise InterruptProcessingException("A node pack interrupted the run.")
    context.running().progress.check()


__getattr__ = absent(__name__)
