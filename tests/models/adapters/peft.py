"""Adapters as peft writes them, against the weights that peft merges (peft, Apache-2.0)."""

import warnings
from functools import partial

from tests.models.adapters.case import AdapterCase, applied, disturbed
from torch import nn


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


CASES = [
    _case("lora", "peft", "LoraConfig", r=4, lora_alpha=4),
    _case("lora", "peft, DoRA", "LoraConfig", r=4, lora_alpha=4, use_dora=True),
    _case("loha", "peft", "LoHaConfig", r=4, alpha=4),
    _case("lokr", "peft", "LoKrConfig", r=2, alpha=2),
    _case("oft", "peft (inputs)", "OFTConfig", oft_block_size=4, r=0, use_cayley_neumann=False),
    _case("ia3", "peft, outputs", "IA3Config", feedforward_modules=[]),
    _case("ia3", "peft, inputs", "IA3Config", feedforward_modules=["layer"]),
]
