"""What settings say of memory, and what follows for a model's parts."""

import argparse

import pytest
import torch

from limner.app.commands.serve import SERVE
from limner.app.placing import placement_of
from limner.app.settings import Settings, read_settings
from limner.app.sizes import read_size
from limner.graph.errors import SettingsError
from limner.models.memory.devices import TRAITS, device_memory
from limner.models.memory.ledgers import Ledgers, capacity_of
from limner.models.memory.placement import CPU, PartKind, Placement

CUDA = torch.device("cuda")


@pytest.mark.parametrize(
    ("text", "size"),
    [("6G", 6 << 30), ("6 GiB", 6 << 30), ("512m", 512 << 20), ("1.5g", 3 << 29), ("80%", 800), ("4096", 4096)],
)
def test_sizes(text, size):
    assert read_size(text, 1000) == size


@pytest.mark.parametrize("text", ["", "much", "-1G", "0", "120%", "6X", "G"])
def test_what_is_no_size(text):
    with pytest.raises(SettingsError, match="no size of memory"):
        read_size(text, 1000)


def test_a_bad_size_is_refused_before_anything_starts():
    with pytest.raises(SettingsError, match=r"--vram \(LIMNER_VRAM\): 'much'"):
        read_settings({"vram": "much"})


def test_options_become_settings():
    parser = argparse.ArgumentParser()
    SERVE.configure(parser)
    words = "--vram 6G --ram 50% --cpu-vae --cpu-text --vae-dtype float32 --network-storage fp8_e4m3fn --residency low"
    settings = read_settings(vars(parser.parse_args(words.split())))
    assert (settings.vram, settings.ram, settings.residency) == ("6G", "50%", "low")
    assert settings.cpu_vae
    assert settings.cpu_text
    assert (settings.vae_dtype, settings.network_storage) == ("float32", "fp8_e4m3fn")


def test_budgets():
    total = device_memory(CPU).total
    assert placement_of(Settings(device="cpu", ram="1G", vram="2G")).budgets == {"cpu": 1 << 30}
    assert placement_of(Settings(device="cpu", vram="2G")).budgets == {"cpu": 2 << 30}
    assert placement_of(Settings(device="cpu", ram="50%")).budgets == {"cpu": total // 2}
    assert placement_of(Settings(device="cpu", model_bytes=5)).budgets == {"cpu": 5}
    usual = capacity_of(placement_of(Settings(device="cpu")), CPU)
    assert usual == pytest.approx(total * TRAITS["cpu"].share, rel=0.01)


def test_types_by_part():
    chosen = placement_of(Settings(device="cpu", dtype="bfloat16", vae_dtype="float32", text_storage="int8"))
    assert chosen.of(PartKind.NETWORK).dtype == torch.bfloat16
    assert chosen.of(PartKind.VAE).dtype == torch.float32
    assert chosen.of(PartKind.TEXT).storage == "int8"
    assert chosen.of(PartKind.NETWORK).storage is None
    assert chosen.of(PartKind.NETWORK, storage="fp8_e5m2", dtype=torch.float32).storage == "fp8_e5m2"
    assert placement_of(Settings(device="cpu")).of().dtype == torch.float32, "the golden outputs rely on it"


def test_parts_that_go_to_the_cpu():
    placement = Placement(CUDA, on_cpu=frozenset({PartKind.VAE}))
    assert placement.of(PartKind.NETWORK).device == CUDA
    assert placement.of(PartKind.VAE).device == CPU
    assert placement.of(PartKind.VAE).dtype == torch.float32
    assert placement.of(PartKind.TEXT).device == CUDA
    assert placement.of(PartKind.TEXT, device="cpu").device == CPU, "a loader's own input"
    assert placement.of(PartKind.TEXT, device="default").device == CUDA


@pytest.mark.parametrize(("residency", "share"), [("auto", 1), ("whole", None), ("low", 0.5), ("none", 0)])
def test_residency_is_about_accelerators(residency, share):
    placement = placement_of(Settings(device="cpu", residency=residency, stream_blocks=False))
    assert placement.of().offload.share == 1
    there = Placement(CUDA, offload=placement.offload).of()
    assert (there.offload.share, there.offload.streams) == (share, False)


def test_a_device_that_is_not_there():
    with pytest.raises(SettingsError, match="no device"):
        placement_of(Settings(device="abacus"))


def test_every_device_has_its_own_account():
    ledgers = Ledgers(Placement(CPU, budgets={"cpu": 7}))
    assert ledgers.of(CPU) is ledgers.main
    (device,) = ledgers.status()["devices"]
    assert (device["device"], device["capacity"], device["bytes"], device["tested"]) == ("cpu", 7, 0, True)
    assert device["total"] >= device["free"] > 0
