"""Small GGUF files, written by the gguf package."""

import gguf
import numpy as np


def write_gguf(path, tensors, architecture="flux", packed="F16", fields=()):
    """Writes tensors; matrices whose rows fit are packed, as converters do.

    Args:
        path: The file.
        tensors: Numbers by name.
        architecture: What the file says it is.
        packed: The package's name of a format.
        fields: Further metadata: numbers and lists by name.
    """
    kind = gguf.GGMLQuantizationType[packed]
    writer = gguf.GGUFWriter(path, architecture)
    for key, value in dict(fields).items():
        if isinstance(value, list):
            writer.add_array(key, value)
        elif isinstance(value, float):
            writer.add_float32(key, value)
        else:
            writer.add_uint32(key, value)
    for name, tensor in tensors.items():
        array = np.ascontiguousarray(tensor, np.float32)
        if array.ndim > 1 and array.shape[-1] % gguf.GGML_QUANT_SIZES[kind][0] == 0:
            writer.add_tensor(name, gguf.quants.quantize(array, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
