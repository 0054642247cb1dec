"""Alpha that is stated beside tensors counts where layers have none of their own."""

import json

import pytest
import torch
from safetensors.torch import save_file

from limner.models.adapters.registry import load_kinds, read_adapter
from limner.models.adapters.stated import METADATA, Stated, stated_of
from limner.models.load.model_file import ModelFile

RANK = 2
PEFT = "base_model.model.layers.0.attn.to_q"


def amount(path):
    (change,) = read_adapter("tiny", ModelFile.open(path), load_kinds()).changes.values()
    return change.amount((3, 5))


@pytest.fixture
def written(tmp_path):
    """Writes an adapter of one layer, ones times ones, with metadata and a configuration beside it."""

    def write(module, metadata=None, config=None):
        tensors = {f"{module}.lora_A.weight": torch.ones(RANK, 5), f"{module}.lora_B.weight": torch.ones(3, RANK)}
        path = tmp_path / "adapter_model.safetensors"
        save_file(tensors, path, metadata)
        if config is not None:
            (tmp_path / "adapter_config.json").write_text(config)
        return path

    return write


def test_without_a_word_alpha_is_the_rank(written):
    assert torch.equal(amount(written(PEFT)), torch.full((3, 5), float(RANK)))


def test_the_configuration_beside_the_file(written):
    config = json.dumps({"peft_type": "LORA", "r": RANK, "lora_alpha": 6, "alpha_pattern": {"attn.to_k": 1}})
    assert torch.equal(amount(written(PEFT, config=config)), torch.full((3, 5), 6.0))


def test_the_metadata_counts_for_its_network(written):
    facts = {"transformer.lora_alpha": 8, "transformer.r": RANK, "text_encoder.lora_alpha": 100}
    path = written("transformer.layers.0.attn.to_q", {METADATA: json.dumps(facts)}, "{}")
    assert torch.equal(amount(path), torch.full((3, 5), 8.0))


def test_text_that_is_no_configuration_is_passed_over(written):
    assert torch.equal(amount(written(PEFT, {METADATA: "[1"}, "nothing")), torch.full((3, 5), float(RANK)))


def test_patterns_fit_ends_of_names():
    stated = Stated(4.0, {"to_q": 1.0, "[": 2.0})
    assert stated.filled("layers.0.to_q", {})["alpha"] == 1.0
    assert stated.filled("layers.0.into_q", {})["alpha"] == 4.0
    assert stated.filled("[", {})["alpha"] == 2.0
    assert stated.filled("layers.0.to_q", {"alpha": torch.tensor(9.0)})["alpha"] == 9.0


def test_the_longest_beginning_counts():
    general, own = Stated(1.0), Stated(2.0)
    assert stated_of("unet.x", {"": general, "unet.": own}) is own
    assert stated_of("other.x", {"": general, "unet.": own}) is general
    assert stated_of("other.x", {"unet.": own}) == Stated()
