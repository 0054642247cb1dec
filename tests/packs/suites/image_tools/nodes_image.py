import json
import os

import comfy.model_management
import comfy.utils
import folder_paths
import numpy as np
import torch
from nodes import MAX_RESOLUTION, ImageScale, LoadImage, PreviewImage, SaveImage
from PIL import Image, ImageFilter, ImageOps
from PIL.PngImagePlugin import PngInfo

CATEGORY = "suite/image"


def tensor2pil(image):
    return Image.fromarray(np.clip(255.0 * image.cpu().numpy().squeeze(), 0, 255).astype(np.uint8))


def pil2tensor(image):
    return torch.from_numpy(np.array(image).astype(np.float32) / 255.0).unsqueeze(0)


class PerImage:
    """Nodes that treat each picture of a batch with PIL."""

    CATEGORY = CATEGORY
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "apply"
    EXTRA = {}

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"image": ("IMAGE",), **cls.EXTRA}}

    def apply(self, image, **options):
        return (torch.cat([pil2tensor(self.change(tensor2pil(one), **options)) for one in image]),)


class SuiteEdge(PerImage):
    def change(self, picture):
        return picture.filter(ImageFilter.FIND_EDGES)


class SuitePosterize(PerImage):
    EXTRA = {"bits": ("INT", {"default": 4, "min": 1, "max": 8, "display": "slider"})}

    def change(self, picture, bits):
        return ImageOps.posterize(picture, bits)


class SuiteSolarize(PerImage):
    EXTRA = {"threshold": ("INT", {"default": 128, "min": 0, "max": 255})}

    def change(self, picture, threshold):
        return ImageOps.solarize(picture, threshold)


class SuiteGrey(PerImage):
    def change(self, picture):
        return ImageOps.grayscale(picture).convert("RGB")


class SuiteAutoContrast(PerImage):
    EXTRA = {"cutoff": ("FLOAT", {"default": 0.0, "min": 0.0, "max": 49.0, "step": 0.5})}

    def change(self, picture, cutoff):
        return ImageOps.autocontrast(picture, cutoff)


class SuiteMedian(PerImage):
    EXTRA = {"size": ("INT", {"default": 3, "min": 3, "max": 9, "step": 2})}

    def change(self, picture, size):
        return picture.filter(ImageFilter.MedianFilter(size))


class SuiteResize:
    CATEGORY, FUNCTION = CATEGORY, "resize"
    RETURN_TYPES = ("IMAGE", "INT", "INT")
    RETURN_NAMES = ("IMAGE", "width", "height")
    METHODS = ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "image": ("IMAGE",),
                "width": ("INT", {"default": 512, "min": 0, "max": MAX_RESOLUTION, "step": 8}),
                "height": ("INT", {"default": 512, "min": 0, "max": MAX_RESOLUTION, "step": 8}),
                "method": (s.METHODS,),
                "keep_proportion": ("BOOLEAN", {"default": False, "label_on": "yes", "label_off": "no"}),
            }
        }

    def resize(self, image, width, height, method, keep_proportion):
        samples = image.movedim(-1, 1)
        if keep_proportion:
            ratio = min(width / image.shape[2], height / image.shape[1])
            width, height = round(image.shape[2] * ratio), round(image.shape[1] * ratio)
        out = comfy.utils.common_upscale(samples, width, height, method, "disabled").movedim(1, -1)
        return (out, out.shape[2], out.shape[1])


class SuiteTile:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "tile", ("IMAGE",)

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "image": ("IMAGE",),
                "rows": ("INT", {"default": 2, "min": 1}),
                "cols": ("INT", {"default": 2}),
            }
        }

    def tile(self, image, rows, cols):
        return (image.repeat(1, rows, cols, 1),)


class SuiteSplit:
    CATEGORY, FUNCTION, RETURN_TYPES, OUTPUT_IS_LIST = CATEGORY, "split", ("IMAGE", "INT"), (True, False)

    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"image": ("IMAGE",)}}

    def split(self, image):
        return ([image[i : i + 1] for i in range(image.shape[0])], image.shape[0])


class SuiteJoin:
    CATEGORY, FUNCTION, RETURN_TYPES, INPUT_IS_LIST = CATEGORY, "join", ("IMAGE",), True

    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"images": ("IMAGE",), "size_of": (["first", "largest"],)}}

    def join(self, images, size_of):
        reference = images[0] if size_of[0] == "first" else max(images, key=lambda one: one.shape[1] * one.shape[2])
        height, width = reference.shape[1:3]
        fitted = [comfy.utils.common_upscale(one.movedim(-1, 1), width, height, "bilinear", "center") for one in images]
        return (torch.cat(fitted).movedim(1, -1),)


class SuiteScaleBySubclass(ImageScale):
    """A subclass of a core node that keeps its inputs and calls its method."""

    CATEGORY, FUNCTION = CATEGORY, "twice"

    def twice(self, image, upscale_method, width, height, crop):
        return self.upscale(image, upscale_method, width * 2, height * 2, crop)


class SuiteSaveWithText(SaveImage):
    CATEGORY, FUNCTION = CATEGORY, "save_with_text"

    def __init__(self):
        super().__init__()
        self.prefix_append = "_suite"

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "images": ("IMAGE",),
                "filename_prefix": ("STRING", {"default": "suite/pic"}),
                "note": ("STRING", {"default": ""}),
            },
            "hidden": {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"},
        }

    def save_with_text(self, images, filename_prefix, note, prompt=None, extra_pnginfo=None):
        result = self.save_images(images, filename_prefix, prompt, {**(extra_pnginfo or {}), "note": note})
        result["ui"]["text"] = [note]
        return result


class SuitePreviewTwice(PreviewImage):
    CATEGORY, FUNCTION = CATEGORY, "preview_twice"

    def preview_twice(self, images, **hidden):
        return self.save_images(torch.cat([images, 1 - images]), **hidden)

    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"images": ("IMAGE",)}, "hidden": {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}}


class SuiteSaver:
    """Writes files itself, as older packs do."""

    CATEGORY, FUNCTION, RETURN_TYPES, OUTPUT_NODE = CATEGORY, "save", ("STRING",), True

    def __init__(self):
        self.output_dir = folder_paths.get_output_directory()
        self.type = "output"

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "images": ("IMAGE",),
                "filename_prefix": ("STRING", {"default": "suite_%width%"}),
                "quality": ("INT", {"default": 90}),
            },
            "hidden": {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO", "unique_id": "UNIQUE_ID"},
        }

    def save(self, images, filename_prefix, quality, prompt=None, extra_pnginfo=None, unique_id=None):
        height, width = images[0].shape[0], images[0].shape[1]
        folder, name, counter, subfolder, _ = folder_paths.get_save_image_path(
            filename_prefix, self.output_dir, width, height
        )
        results = []
        for image in images:
            metadata = PngInfo()
            metadata.add_text("prompt", json.dumps(prompt))
            metadata.add_text("node", str(unique_id))
            file = f"{name}_{counter:05}_.png"
            tensor2pil(image).save(os.path.join(folder, file), pnginfo=metadata, compress_level=1)
            results.append({"filename": file, "subfolder": subfolder, "type": self.type})
            counter += 1
        return {"ui": {"images": results}, "result": (folder,)}


class SuiteLoad(LoadImage):
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "load", ("IMAGE", "MASK", "STRING")

    def load(self, image):
        picture, mask = self.load_image(image)
        return (picture, mask, os.path.basename(folder_paths.get_annotated_filepath(image)))


class SuiteInputFiles:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("STRING",)

    @classmethod
    def INPUT_TYPES(s):
        folder = folder_paths.get_input_directory()
        files = [name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name))]
        return {"required": {"file": (sorted(files) or ["none"], {"image_upload": True})}}

    @classmethod
    def IS_CHANGED(s, file):
        return os.path.getmtime(folder_paths.get_annotated_filepath(file))

    @classmethod
    def VALIDATE_INPUTS(s, file):
        return True if folder_paths.exists_annotated_filepath(file) else f"Invalid image file: {file}"

    def run(self, file):
        return (file,)


class SuiteSize:
    CATEGORY, FUNCTION = CATEGORY, "size"
    RETURN_TYPES, RETURN_NAMES = ("INT", "INT", "FLOAT", "STRING"), ("width", "height", "ratio", "device")

    @classmethod
    def INPUT_TYPES(s):
        return {"required": {"image": ("IMAGE",)}}

    def size(self, image):
        height, width = image.shape[1:3]
        return (width, height, width / height, str(comfy.model_management.get_torch_device()))


class SuiteBlend:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "blend", ("IMAGE",)
    MODES = {
        "mean": lambda a, b: (a + b) / 2,
        "max": torch.maximum,
        "min": torch.minimum,
        "difference": lambda a, b: (a - b).abs(),
    }

    @classmethod
    def INPUT_TYPES(s):
        return {
            "required": {
                "a": ("IMAGE",),
                "b": ("IMAGE",),
                "mode": (list(s.MODES), {"default": "mean", "tooltip": "how"}),
            }
        }

    def blend(self, a, b, mode):
        return (self.MODES[mode](*torch.broadcast_tensors(a, b)),)


NODE_CLASS_MAPPINGS = {
    name: value for name, value in list(globals().items()) if isinstance(value, type) and name.startswith("Suite")
}
