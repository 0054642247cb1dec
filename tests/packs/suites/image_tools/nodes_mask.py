import comfy.utils
import numpy as np
import scipy.ndimage
import torch
from comfy_extras.nodes_mask import composite
from nodes import MAX_RESOLUTION

CATEGORY = "suite/mask"


class SuiteMaskBlur:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "blur", ("MASK",)

    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"mask": ("MASK",), "sigma": ("FLOAT", {"default": 2.0, "min": 0.0, "max": 100.0})}}

    def blur(self, mask, sigma):
        mask = mask.reshape((-1, mask.shape[-2], mask.shape[-1])).cpu().numpy()
        return (torch.from_numpy(np.stack([scipy.ndimage.gaussian_filter(one, sigma) for one in mask])),)


class SuiteMaskFill:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "fill", ("MASK",)

    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"mask": ("MASK",)}}

    def fill(self, mask):
        filled = [scipy.ndimage.binary_fill_holes(one.numpy() > 0.5) for one in mask]
        return (torch.from_numpy(np.stack(filled).astype(np.float32)),)


class SuiteMaskBounds:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "bounds", ("INT", "INT", "INT", "INT")
    RETURN_NAMES = ("x", "y", "width", "height")

    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"mask": ("MASK",), "padding": ("INT", {"default": 0, "max": MAX_RESOLUTION})}}

    def bounds(self, mask, padding):
        ys, xs = torch.where(mask[0] > 0.5)
        if not len(xs):
            return (0, 0, mask.shape[2], mask.shape[1])
        left, top = max(0, int(xs.min()) - padding), max(0, int(ys.min()) - padding)
        right, bottom = min(mask.shape[2], int(xs.max()) + 1 + padding), min(mask.shape[1], int(ys.max()) + 1 + padding)
        return (left, top, right - left, bottom - top)


class SuiteMaskPaste:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "paste", ("IMAGE",)

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "destination": ("IMAGE",),
                "source": ("IMAGE",),
                "x": ("INT", {"default": 0}),
                "y": ("INT", {"default": 0}),
            },
            "optional": {"mask": ("MASK",)},
        }

    def paste(self, destination, source, x, y, mask=None):
        out = composite(destination.clone().movedim(-1, 1), source.movedim(-1, 1), x, y, mask, 1, False)
        return (out.movedim(1, -1),)


class SuiteMaskGradient:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "gradient", ("MASK",)

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {"width": ("INT", {"default": 64}), "height": ("INT", {"default": 64}), "axis": (["x", "y"],)}
        }

    def gradient(self, width, height, axis):
        line = torch.linspace(0, 1, width if axis == "x" else height)
        mask = line.expand(height, width) if axis == "x" else line[:, None].expand(height, width)
        return (mask[None].clone(),)


class SuiteMaskBatch:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "batch", ("MASK",)

    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"mask": ("MASK",), "count": ("INT", {"default": 2, "min": 1, "max": 64})}}

    def batch(self, mask, count):
        return (comfy.utils.repeat_to_batch_size(mask, count),)


NODE_CLASS_MAPPINGS = {
    name: value for name, value in list(globals().items()) if isinstance(value, type) and name.startswith("Suite")
}
