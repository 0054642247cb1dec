"""What packs read of a model's configuration."""

from comfy_host.base_model import ModelConfig
from comfy_host.missing import absent


class ClipTarget:
    """Classes of a text encoder and its tokenizer."""

    def __init__(self, tokenizer, clip):
        self.tokenizer, self.clip, self.params = tokenizer, clip, {}


class BASE(ModelConfig):
    """A configuration of a family."""


__getattr__ = absent(__name__)
