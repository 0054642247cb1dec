"""ComfyUI's command line options: which setting each one is here, or why it changes nothing."""

from limner.app.comfy_flag import ComfyFlag, constant, derived, flag, listed, number, numbers, renamed, text

MEMORY = "what memory holds follows its size, --vram, --ram and --residency"
PRECISION = "nothing computes in it or stores weights in it"
ATTENTION = "torch chooses the attention that is fastest"
LAUNCH = "Limner opens no window and prints its address only"
OFFLINE = "Limner calls no services"

FLAGS: tuple[ComfyFlag, ...] = (
    # Addresses and limits
    flag("listen", text("0.0.0.0,::"), renamed("host")),
    flag("tls-keyfile", text(), renamed("tls_key")),
    flag("tls-certfile", text(), renamed("tls_certificate")),
    flag("enable-cors-header", text("*"), renamed("cors")),
    flag("enable-compress-response-body", because="answers are compressed for every client that accepts it"),
    flag("comfy-api-base", text(), because=OFFLINE),
    # Places
    flag("base-directory", text(), renamed("data")),
    flag("models-directory", text(), derived(models=lambda value: (value,))),
    flag("input-directory", text(), renamed("input")),
    flag("output-directory", text(), renamed("output")),
    flag("temp-directory", text(), derived(temp=lambda value: f"{value}/temp")),
    flag("user-directory", text(), renamed("user")),
    flag("extra-model-paths-config", listed(), renamed("further_model_paths")),
    flag("database-url", text(), because="jobs and assets are kept in the data folder"),
    # Devices and precision
    flag("cpu", None, constant(device="cpu")),
    flag("cuda-device", text(), derived(device=lambda value: f"cuda:{value.split(',')[0].strip()}")),
    flag("default-device", text(), derived(device=lambda value: f"cuda:{value.split(',')[0].strip()}")),
    flag("force-fp32", None, constant(dtype="float32")),
    flag("force-fp16", None, constant(dtype="float16")),
    flag("fp32-unet", None, constant(network_dtype="float32")),
    flag("fp16-unet", None, constant(network_dtype="float16")),
    flag("bf16-unet", None, constant(network_dtype="bfloat16")),
    *(flag(f"{kind}-unet", None, constant(network_storage=kind)) for kind in ("fp8_e4m3fn", "fp8_e5m2")),
    *(flag(f"{kind}-unet", because=PRECISION) for kind in ("fp64", "fp8_e8m0fnu")),
    flag("fp32-vae", None, constant(vae_dtype="float32")),
    flag("fp16-vae", None, constant(vae_dtype="float16")),
    flag("bf16-vae", None, constant(vae_dtype="bfloat16")),
    flag("cpu-vae", None, constant(cpu_vae=True)),
    flag("fp32-text-enc", None, constant(text_dtype="float32")),
    flag("fp16-text-enc", None, constant(text_dtype="float16")),
    flag("bf16-text-enc", None, constant(text_dtype="bfloat16")),
    *(flag(f"{kind}-text-enc", None, constant(text_storage=kind)) for kind in ("fp8_e4m3fn", "fp8_e5m2")),
    flag("force-channels-last", because="layouts of tensors are chosen by torch"),
    flag("directml", text(""), because="there is no DirectML; --device names a device of torch"),
    flag("oneapi-device-selector", text(), because="there is no oneAPI; --device names a device of torch"),
    flag("disable-ipex-optimize", because="there is no IPEX"),
    flag("supports-fp8-compute", because="the device is asked"),
    flag("cuda-malloc", because="torch's own allocator is used"),
    flag("disable-cuda-malloc", because="torch's own allocator is used"),
    flag("deterministic", because="a seed gives the same picture on the same device anyway"),
    flag("fast", listed(), because="nothing is made faster at the cost of the picture"),
    # Attention
    *(
        flag(f"use-{kind}-attention", because=ATTENTION)
        for kind in ("split-cross", "quad-cross", "pytorch-cross", "sage", "flash")
    ),
    flag("disable-xformers", because=ATTENTION),
    flag("force-upcast-attention", because=ATTENTION),
    flag("dont-upcast-attention", because=ATTENTION),
    # Memory
    flag("gpu-only", None, constant(residency="whole", cpu_vae=False, cpu_text=False)),
    flag("highvram", None, constant(residency="whole")),
    flag("normalvram", None, constant(residency="auto")),
    flag("lowvram", None, constant(residency="low")),
    flag("novram", None, constant(residency="none")),
    flag("high-ram", because=MEMORY),
    flag("reserve-vram", number(), renamed("vram_reserve")),
    flag("async-offload", text("on"), constant(stream_blocks=True)),
    flag("disable-async-offload", None, constant(stream_blocks=False)),
    flag("force-non-blocking", because="copies wait for nothing where that is safe"),
    flag("disable-smart-memory", None, constant(keep_models=False)),
    flag("disable-pinned-memory", None, constant(stream_blocks=False)),
    flag("mmap-torch-files", because="files are mapped where their format allows it"),
    flag("disable-mmap", because="files are mapped where their format allows it"),
    # Pictures
    flag("preview-method", text(), derived(previews=lambda value: value != "none")),
    flag("preview-size", number(), renamed("preview_size")),
    flag("disable-metadata", None, constant(disable_metadata=True)),
    flag("date-based-output", because="write %year%-%month%-%day% into the filename prefix"),
    flag("default-hashing-function", text(), because="files are compared by SHA-256"),
    # Node packs, front end, assets
    flag("disable-all-custom-nodes", None, constant(disable_all_custom_nodes=True)),
    flag("whitelist-custom-nodes", listed(), renamed("whitelist_custom_nodes")),
    flag("disabled-nodes-config", text(), because="use `limner nodes disable`"),
    flag("disable-api-nodes", because=OFFLINE),
    flag("disable-partner-nodes", because=OFFLINE),
    flag("offline", because=OFFLINE),
    flag("enable-manager", because="use `limner nodes`"),
    flag("front-end-version", text(), because="the installed front end is served; choose it with --frontend"),
    flag("front-end-root", text(), renamed("frontend_root")),
    flag("list-feature-flags", because="GET /features lists them"),
    flag("disable-assets", None, constant(assets=False)),
    flag("enable-asset-hashing", because="assets are always known by their digest"),
    # Results of nodes
    flag("cache-classic", None, constant(cache_mode="classic")),
    flag("cache-none", None, constant(cache_mode="none")),
    flag("cache-lru", number(), derived(cache_mode=lambda _: "lru", cache_nodes=int)),
    flag(
        "cache-ram", numbers(), derived(cache_mode=lambda _: "ram", cache_headroom=lambda sizes: (sizes or [None])[0])
    ),
    # The program
    flag("verbose", text("debug"), derived(log_level=lambda value: value.lower())),
    flag("log-stdout", because="the log goes to standard error"),
    flag("auto-launch", because=LAUNCH),
    flag("disable-auto-launch", because=LAUNCH),
    flag("dont-print-server", because=LAUNCH),
    flag("windows-standalone-build", because=LAUNCH),
    flag("quick-test-for-ci", because="use `limner doctor`"),
)
