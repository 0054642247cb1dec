"""``cuda_malloc``: nothing is chosen here; PyTorch's own allocator settings hold."""

from comfy_host.missing import absent


def cuda_malloc_supported() -> bool:
    """Whether the asynchronous allocator may be used."""
    return False


__getattr__ = absent(__name__)
