"""ComfyUI's command line: every option is taken, and means what it can mean here."""

import argparse
import re

import pytest
from msgspec.structs import fields

from limner.app.comfy_flag_keys import FLAGS
from limner.app.comfy_flags import add_comfy_flags, with_comfy_flags
from limner.app.commands.serve import SERVE
from limner.app.settings import Settings, read_settings
from limner.graph.errors import SettingsError

ALONE_TEXT = """
--enable-cors-header --auto-launch --disable-auto-launch --cuda-malloc --disable-cuda-malloc --force-fp32 --force-fp16
--fp32-unet --fp64-unet --bf16-unet --fp16-unet --fp8_e4m3fn-unet --fp8_e5m2-unet --fp8_e8m0fnu-unet --fp16-vae
--fp32-vae --bf16-vae --cpu-vae --fp8_e4m3fn-text-enc --fp8_e5m2-text-enc --fp16-text-enc --fp32-text-enc
--bf16-text-enc --force-channels-last --directml --disable-ipex-optimize --supports-fp8-compute --cache-classic
--cache-none --use-split-cross-attention --use-quad-cross-attention --use-pytorch-cross-attention
--use-sage-attention --use-flash-attention --disable-xformers --force-upcast-attention --dont-upcast-attention
--gpu-only --highvram --normalvram --lowvram --novram --cpu --async-offload --force-non-blocking
--disable-smart-memory --deterministic --fast --mmap-torch-files --disable-mmap --dont-print-server
--quick-test-for-ci --windows-standalone-build --disable-metadata --disable-all-custom-nodes --disable-api-nodes
--multi-user --verbose --log-stdout --enable-compress-response-body --listen --cache-ram --high-ram --enable-manager
--disable-partner-nodes --offline --list-feature-flags --disable-assets --enable-asset-hashing --date-based-output
"""

VALUED_TEXT = """
--listen=127.0.0.1 --port=9 --tls-keyfile=k --tls-certfile=c --enable-cors-header=https://a.b --max-upload-size=5
--base-directory=b --extra-model-paths-config=e --output-directory=o --temp-directory=t --input-directory=i
--user-directory=u --cuda-device=1 --default-device=0 --directml=0 --oneapi-device-selector=s --preview-method=auto
--preview-size=256 --cache-lru=10 --reserve-vram=1.5 --default-hashing-function=md5 --whitelist-custom-nodes=a
--verbose=DEBUG --front-end-version=v --front-end-root=r --comfy-api-base=http://a --database-url=sqlite://
--cache-ram=4 --models-directory=m --feature-flag=a=b --disabled-nodes-config=d --fast=fp16_accumulation
"""

ALONE, VALUED = ALONE_TEXT.split(), VALUED_TEXT.split()


@pytest.fixture
def parser():
    parser = argparse.ArgumentParser(prog="limner serve", exit_on_error=False)
    SERVE.configure(parser)
    return parser


def parsed(parser, *arguments):
    return with_comfy_flags(vars(parser.parse_args(list(arguments))))


@pytest.mark.parametrize("option", ALONE + VALUED)
def test_every_option_is_taken(parser, option):
    name, _, value = option.partition("=")
    settings, notes = parsed(parser, name, *([value] if value else []))
    assert settings or notes
    assert all(re.fullmatch(rf"{name} has no effect: \S.*\.", note) for note in notes)
    assert len(notes) < 2


def test_all_at_once_and_limners_own_options_count(parser):
    arguments = [part for option in VALUED for part in option.split("=", 1)]
    settings, _ = parsed(parser, *arguments, *ALONE[1:])
    assert settings["port"] == 9
    settings, _ = parsed(parser, "--input-directory", "theirs", "--input", "own", "--cpu", "--device", "cuda")
    assert (settings["input"], settings["device"]) == ("own", "cuda")


def test_what_they_mean(parser, tmp_path):
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text("x:\n  loras: /one\n")
    second.write_text("x:\n  loras: /two\n  unet: /three\n")
    chosen, notes = parsed(
        parser,
        *("--listen", "127.0.0.1,::1", "--base-directory", str(tmp_path), "--temp-directory", str(tmp_path / "t")),
        *("--user-directory", str(tmp_path / "people"), "--models-directory", str(tmp_path / "m")),
        *("--extra-model-paths-config", str(first), str(second), "--max-upload-size", "2.5", "--multi-user"),
        *("--enable-cors-header", "--preview-method", "latent2rgb", "--preview-size", "256", "--cpu", "--force-fp16"),
        *("--verbose", "--lowvram"),
    )
    settings = read_settings(chosen)
    assert (settings.host, settings.cors, settings.multi_user, settings.previews) == ("127.0.0.1,::1", "*", True, True)
    assert (settings.max_upload_size, settings.preview_size, settings.device) == (2.5, 256, "cpu")
    assert (settings.dtype, settings.log_level) == ("float16", "debug")
    folders = settings.folders()
    assert (folders.data, folders.temp, folders.user) == (tmp_path, tmp_path / "t" / "temp", tmp_path / "people")
    assert folders.model_roots == (tmp_path / "m",)
    assert [str(path) for path in folders.extra["loras"]] == ["/one", "/two"]
    assert [str(path) for path in folders.extra["diffusion_models"]] == ["/three"]
    assert settings.residency == "low"
    assert notes == []


@pytest.mark.parametrize(
    ("arguments", "setting", "value"),
    [
        (["--listen"], "host", "0.0.0.0,::"),
        (["--enable-cors-header", "https://a.b"], "cors", "https://a.b"),
        (["--cache-none"], "cache_mode", "none"),
        (["--cache-classic"], "cache_mode", "classic"),
        (["--cache-lru", "10"], "cache_nodes", 10),
        (["--cache-lru", "10"], "cache_mode", "lru"),
        (["--cache-ram"], "cache_mode", "ram"),
        (["--cache-ram", "4"], "cache_headroom", 4.0),
        (["--disable-assets"], "assets", False),
        (["--disable-metadata"], "disable_metadata", True),
        (["--disable-all-custom-nodes"], "disable_all_custom_nodes", True),
        (["--whitelist-custom-nodes", "a", "b"], "whitelist_custom_nodes", ("a", "b")),
        (["--front-end-root", "/x"], "frontend_root", "/x"),
        (["--preview-method", "none"], "previews", False),
        (["--cuda-device", "1,2"], "device", "cuda:1"),
        (["--verbose", "WARNING"], "log_level", "warning"),
        (["--tls-keyfile", "k", "--tls-certfile", "c"], "tls_certificate", "c"),
        (["--gpu-only"], "residency", "whole"),
        (["--highvram"], "residency", "whole"),
        (["--normalvram"], "residency", "auto"),
        (["--novram"], "residency", "none"),
        (["--reserve-vram", "1.5"], "vram_reserve", 1.5),
        (["--disable-smart-memory"], "keep_models", False),
        (["--disable-async-offload"], "stream_blocks", False),
        (["--disable-pinned-memory"], "stream_blocks", False),
        (["--cpu-vae"], "cpu_vae", True),
        (["--fp32-vae"], "vae_dtype", "float32"),
        (["--bf16-unet"], "network_dtype", "bfloat16"),
        (["--fp16-text-enc"], "text_dtype", "float16"),
        (["--fp8_e4m3fn-unet"], "network_storage", "fp8_e4m3fn"),
        (["--fp8_e5m2-text-enc"], "text_storage", "fp8_e5m2"),
    ],
)
def test_values(parser, arguments, setting, value):
    chosen, notes = parsed(parser, *arguments)
    assert getattr(read_settings(chosen), setting) == value
    assert notes == []


def test_values_that_make_no_sense_are_refused(parser):
    for arguments in (["--preview-size", "4"], ["--max-upload-size", "0"], ["--verbose", "loud"]):
        chosen, _ = parsed(parser, *arguments)
        with pytest.raises(SettingsError):
            read_settings(chosen)


def test_an_option_that_limner_has_itself_stays_limners():
    parser = argparse.ArgumentParser()
    parser.add_argument("--fast", dest="own", action="store_true")
    add_comfy_flags(parser)
    assert parser.parse_args(["--fast"]).own is True


def test_every_setting_exists():
    known = {field.name for field in fields(Settings)}
    assert {name for flag in FLAGS for name in flag.settings} <= known


def test_an_option_either_sets_something_or_says_why_not():
    assert all(bool(flag.settings) != bool(flag.because) for flag in FLAGS)
    assert len({flag.name for flag in FLAGS}) == len(FLAGS)
