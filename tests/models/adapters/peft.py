"""Adapters as peft writes them, against the weights that peft merges (peft, Apache-2.0)."""

import json
import warnings
from functools import partial

from tests.models.adapters.case import AdapterCase, applied, disturbed
from torch import nn

from limner.models.adapters.stated import METADATA


class _Net(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer


def _make(name, options, layer):
    import peft

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        adapted = peft.get_peft_model(_Net(layer), getattr(peft, name)(target_modules=["layer"], **options))
        disturbed(adapted)
        tensors = {key: value.detach().clone() for key, value in peft.get_peft_model_state_dict(adapted).items()}
        merged = adapted.merge_and_unload().layer
    state = {key: value.detach().clone() for key, value in merged.state_dict().items()}
    return tensors, lambda x: applied(merged, state, x).detach()


def _case(kind, layout, name, **options):
    return AdapterCase(kind, layout, "peft", partial(_make, name, options))


def _stated(layout, **options):
    """As diffusers writes it: the configuration in the metadata, under the network's name."""

    def make(layer):
        tensors, expected = _make("LoraConfig", options, layer)
        return {key.replace("base_model.model.", "transformer."): value for key, value in tensors.items()}, expected

    facts = {f"transformer.{name}": value for name, value in options.items()}
    return AdapterCase("lora", layout, "peft", make, metadata={METADATA: json.dumps(facts)})


CASES = [
    _case("lora", "peft", "LoraConfig", r=4, lora_alpha=4),
    _case("lora", "peft, DoRA", "LoraConfig", r=4, lora_alpha=4, use_dora=True),
    _case("lora", "peft, bias", "LoraConfig", r=4, lora_alpha=4, lora_bias=True),
    _stated("peft, alpha in metadata", r=4, lora_alpha=10),
    _stated("peft, alpha by pattern", r=4, lora_alpha=10, rank_pattern={"layer": 2}, alpha_pattern={"lay.r": 6}),
    _stated("peft, rank stabilised", r=4, lora_alpha=10, use_rslora=True),
    _case("loha", "peft", "LoHaConfig", r=4, alpha=4),
    _case("lokr", "peft", "LoKrConfig", r=2, alpha=2),
    _case("oft", "peft (inputs)", "OFTConfig", oft_block_size=4, r=0, use_cayley_neumann=False),
    _case("ia3", "peft, outputs", "IA3Config", feedforward_modules=[]),
    _case("ia3", "peft, inputs", "IA3Config", feedforward_modules=["layer"]),
]
