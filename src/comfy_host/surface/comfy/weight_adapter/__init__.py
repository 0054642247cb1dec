"""Kinds of layers that adapters bring."""

from comfy_host.missing import absent
from comfy_host.weights import LowRankPatch as LoRAAdapter


class WeightAdapterBase:
    """A layer of an adapter; packs subclass it and give ``calculate_weight``."""

    name = "base"
    loaded_keys: set
    weights: tuple


adapters = [LoRAAdapter]

__getattr__ = absent(__name__)
