"""The header of a safetensors file, where models look for it; downloads read it too, so the reader is in storage."""

from limner.storage.safetensors_header import BITS, HEADER_LIMIT, NAMES, Header, TensorInfo, read_header

__all__ = ["BITS", "HEADER_LIMIT", "NAMES", "Header", "TensorInfo", "read_header"]
