"""Text and conditioning."""

import re

import folder_paths
import node_helpers
import nodes
import torch

CATEGORY = "suite/prompt"
WORD = re.compile(r"\[([^:\]]*):([^:\]]*):([0-9.]+)\]")


def text_node(name, function, **inputs):
    def run(self, **given):
        return (function(**given),)

    required = {"text": ("STRING", {"multiline": True, "dynamicPrompts": True}), **inputs}
    return type(
        name,
        (),
        {
            "CATEGORY": CATEGORY,
            "FUNCTION": "run",
            "RETURN_TYPES": ("STRING",),
            "INPUT_TYPES": classmethod(lambda cls: {"required": required}),
            "run": run,
        },
    )


STRING = ("STRING", {"default": ""})
SuiteUpper = text_node("SuiteUpper", lambda text: text.upper())
SuiteLower = text_node("SuiteLower", lambda text: text.lower())
SuiteAppend = text_node("SuiteAppend", lambda text, more: f"{text}, {more}", more=STRING)
SuiteReplace = text_node("SuiteReplace", lambda text, old, new: text.replace(old, new), old=STRING, new=STRING)
SuiteWeight = text_node(
    "SuiteWeight", lambda text, weight: f"({text}:{weight:.2f})", weight=("FLOAT", {"default": 1.1})
)
SuiteClean = text_node("SuiteClean", lambda text: ", ".join(part.strip() for part in text.split(",") if part.strip()))
SuiteLine = text_node(
    "SuiteLine", lambda text, number: text.splitlines()[number % len(text.splitlines())], number=("INT", {"default": 0})
)
SuiteStyle = text_node(
    "SuiteStyle", lambda text, style: f"{text}, {style} style", style=(["oil", "ink", "pixel"], {"default": "ink"})
)


class SuiteEncode(nodes.CLIPTextEncode):
    """A subclass of the core node."""

    CATEGORY = CATEGORY


class SuiteEncodeBoth:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("CONDITIONING", "CONDITIONING")
    RETURN_NAMES = ("positive", "negative")

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"clip": ("CLIP",), "positive": STRING, "negative": STRING}}

    def run(self, clip, positive, negative):
        encode = nodes.CLIPTextEncode()
        return (encode.encode(clip, positive)[0], encode.encode(clip, negative)[0])


class SuiteEncodeTokens:
    """Tokenises and encodes by hand."""

    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("CONDITIONING", "INT")

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"clip": ("CLIP",), "text": STRING}}

    def run(self, clip, text):
        tokens = clip.tokenize(text)
        cond, pooled = clip.encode_from_tokens(tokens, return_pooled=True)
        count = sum(len(chunk) for chunks in tokens.values() for chunk in chunks)
        return ([[cond, {"pooled_output": pooled}]], count)


class SuiteEncodeSkip:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("CONDITIONING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"clip": ("CLIP",), "text": STRING, "layer": ("INT", {"default": -2, "min": -24, "max": -1})}
        }

    def run(self, clip, text, layer):
        clip = clip.clone()
        clip.clip_layer(layer)
        return (clip.encode_from_tokens_scheduled(clip.tokenize(text)),)


class SuiteSchedule:
    """``[from:to:when]`` becomes two conditionings with ranges of the walk."""

    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("CONDITIONING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"clip": ("CLIP",), "text": STRING}}

    def run(self, clip, text):
        found = WORD.search(text)
        if found is None:
            return (clip.encode_from_tokens_scheduled(clip.tokenize(text)),)
        first, second, when = found.groups()
        parts = []
        for word, start, end in ((first, 0.0, float(when)), (second, float(when), 1.0)):
            tokens = clip.tokenize(text.replace(found[0], word))
            cond = clip.encode_from_tokens_scheduled(tokens)
            parts += node_helpers.conditioning_set_values(cond, {"start_percent": start, "end_percent": end})
        return (parts,)


class SuiteConcatMany:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("CONDITIONING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"a": ("CONDITIONING",), "b": ("CONDITIONING",)}, "optional": {"c": ("CONDITIONING",)}}

    def run(self, a, b, c=None):
        (joined,) = nodes.ConditioningConcat().concat(a, b)
        return nodes.ConditioningConcat().concat(joined, c) if c is not None else (joined,)


class SuiteMix:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("CONDITIONING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "a": ("CONDITIONING",),
                "b": ("CONDITIONING",),
                "share": ("FLOAT", {"default": 0.5, "min": 0, "max": 1}),
            }
        }

    def run(self, a, b, share):
        return nodes.ConditioningAverage().addWeighted(a, b, share)


class SuiteCombine:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("CONDITIONING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"a": ("CONDITIONING",), "b": ("CONDITIONING",)}}

    def run(self, a, b):
        return nodes.ConditioningCombine().combine(a, b)


class SuiteZero:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("CONDITIONING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"conditioning": ("CONDITIONING",)}}

    def run(self, conditioning):
        return nodes.ConditioningZeroOut().zero_out(conditioning)


class SuiteScaleCond:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("CONDITIONING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"conditioning": ("CONDITIONING",), "factor": ("FLOAT", {"default": 1.0, "step": 0.01})}}

    def run(self, conditioning, factor):
        return ([[tensor * factor, dict(extras)] for tensor, extras in conditioning],)


class SuiteCondInfo:
    CATEGORY, FUNCTION, RETURN_TYPES, OUTPUT_NODE = CATEGORY, "run", ("STRING",), True

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"conditioning": ("CONDITIONING",)}}

    def run(self, conditioning):
        text = "; ".join(f"{tuple(tensor.shape)} {sorted(extras)}" for tensor, extras in conditioning)
        return {"ui": {"text": [text]}, "result": (text,)}


class SuiteMaskedPrompt:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("CONDITIONING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"conditioning": ("CONDITIONING",), "mask": ("MASK",), "strength": ("FLOAT", {"default": 1.0})}
        }

    def run(self, conditioning, mask, strength):
        values = {
            "mask": mask if mask.dim() == 3 else mask[None],
            "set_area_to_bounds": False,
            "mask_strength": strength,
        }
        return (node_helpers.conditioning_set_values(conditioning, values),)


class SuiteLoraTags:
    """Loads the LoRAs that a text names."""

    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("MODEL", "CLIP", "STRING")

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"model": ("MODEL",), "clip": ("CLIP",), "text": STRING}}

    def run(self, model, clip, text):
        known = folder_paths.get_filename_list("loras")
        for name, weight in re.findall(r"<lora:([^:>]+):([-0-9.]+)>", text):
            match = next((file for file in known if file.startswith(name)), None)
            if match is not None:
                model, clip = nodes.LoraLoader().load_lora(model, clip, match, float(weight), float(weight))
        return (model, clip, re.sub(r"<lora:[^>]+>", "", text).strip())


class SuiteEmbeddings:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("STRING",)

    @classmethod
    def INPUT_TYPES(cls):
        names = [name.rsplit(".", 1)[0] for name in folder_paths.get_filename_list("embeddings")]
        return {"required": {"name": (names or ["none"],), "text": STRING}}

    def run(self, name, text):
        return (f"{text} embedding:{name}",)


class SuitePad:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("CONDITIONING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"conditioning": ("CONDITIONING",), "tokens": ("INT", {"default": 154, "min": 77})}}

    def run(self, conditioning, tokens):
        padded = []
        for tensor, extras in conditioning:
            missing = max(0, tokens - tensor.shape[1])
            padded.append([torch.cat([tensor, torch.zeros_like(tensor[:, :1]).repeat(1, missing, 1)], 1), extras])
        return (padded,)


NODE_CLASS_MAPPINGS = {
    name: value for name, value in list(globals().items()) if isinstance(value, type) and name.startswith("Suite")
}
