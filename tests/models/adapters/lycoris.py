"""Adapters as LyCORIS writes them, against its own forward pass (lycoris-lora, Apache-2.0)."""

import logging
from functools import partial

import torch
from tests.models.adapters.case import AdapterCase, disturbed


def _make(module, name, options, layer):
    logging.getLogger("LyCORIS").setLevel(logging.ERROR)
    import importlib

    kind = getattr(importlib.import_module(f"lycoris.modules.{module}"), name)
    adapted = kind("lora_unet_x", layer, 1.0, **{"lora_dim": 4, "alpha": 2, **options})
    disturbed(adapted)
    tensors = {f"lora_unet_x.{key}": value.detach().clone() for key, value in adapted.state_dict().items()}
    adapted.apply_to()
    adapted.eval()

    def expected(x):
        with torch.no_grad():
            return adapted(x)

    return tensors, expected


def _case(kind, layout, module, name, **options):
    return AdapterCase(kind, layout, "lycoris-lora", partial(_make, module, name, options))


CASES = [
    _case("lora", "LyCORIS (kohya)", "locon", "LoConModule"),
    _case("lora", "LyCORIS, Tucker", "locon", "LoConModule", use_tucker=True),
    _case("lora", "LyCORIS, DoRA", "locon", "LoConModule", weight_decompose=True),
    _case("lora", "LyCORIS, DoRA on columns", "locon", "LoConModule", weight_decompose=True, wd_on_out=False),
    _case("loha", "LyCORIS", "loha", "LohaModule"),
    _case("loha", "LyCORIS, Tucker", "loha", "LohaModule", use_tucker=True),
    _case("loha", "LyCORIS, DoRA", "loha", "LohaModule", weight_decompose=True),
    _case("lokr", "LyCORIS, whole", "lokr", "LokrModule"),
    _case("lokr", "LyCORIS, low rank", "lokr", "LokrModule", factor=2, lora_dim=2),
    _case("lokr", "LyCORIS, Tucker", "lokr", "LokrModule", factor=2, lora_dim=1, use_tucker=True),
    _case("lokr", "LyCORIS, both low rank", "lokr", "LokrModule", factor=2, lora_dim=1, decompose_both=True),
    _case("lokr", "LyCORIS, DoRA", "lokr", "LokrModule", weight_decompose=True),
    _case("oft", "LyCORIS", "diag_oft", "DiagOFTModule", alpha=0),
    _case("oft", "LyCORIS, constraint", "diag_oft", "DiagOFTModule", alpha=0.01, constraint=0.01),
    _case("oft", "LyCORIS, rescaled", "diag_oft", "DiagOFTModule", alpha=0, rescaled=True),
    _case("oft", "LyCORIS, BOFT", "boft", "ButterflyOFTModule", alpha=0),
    _case("oft", "LyCORIS, BOFT rescaled", "boft", "ButterflyOFTModule", alpha=0, rescaled=True),
    _case("glora", "LyCORIS", "glora", "GLoRAModule"),
    _case("ia3", "LyCORIS, outputs", "ia3", "IA3Module"),
    _case("ia3", "LyCORIS, inputs", "ia3", "IA3Module", train_on_input=True),
]
