"""``providers.yaml``: what it may say, and what is told of mistakes in it."""

import pytest

from limner.graph.errors import SettingsError
from limner.providers.opening import open_roster
from limner.providers.settings import FILE, Price, read_providers

GOOD = """
providers:
  openai: {preset: openai, models: {gpt-image-1: {price: {image: 0.04}}, gpt-image-2: }}
  studio: {kind: comfyui, base_url: "http://10.0.0.7:8188/", models: [sdxl.safetensors], price: {second: 0.001}}
models:
  photo:
    route: price
    targets: [openai/gpt-image-1, {to: studio/sdxl.safetensors, weight: 2, order: 1}]
"""


@pytest.fixture
def write(tmp_path):
    def put(text):
        (tmp_path / FILE).write_text(text)
        return tmp_path

    return put


def test_a_good_file(write):
    roster = open_roster(write(GOOD))
    openai = roster.file.providers["openai"]
    assert (openai.base_url, openai.key, openai.kind) == (
        "https://api.openai.com/v1",
        "OPENAI_API_KEY",
        "openai_images",
    )
    assert openai.price_of("gpt-image-1") == Price(image=0.04)
    assert openai.price_of("gpt-image-2") is None
    assert roster.file.providers["studio"].price_of("anything").of(1, 20.0, 0) == 0.02
    assert roster.names() == ["photo", "openai/gpt-image-1", "openai/gpt-image-2", "studio/sdxl.safetensors"]
    assert [aim.to for aim in roster.route("photo").aims()] == ["openai/gpt-image-1", "studio/sdxl.safetensors"]
    assert roster.graph_providers() == ["studio"]


def test_no_file_is_no_services_unless_it_was_named(tmp_path):
    assert open_roster(tmp_path).names() == []
    with pytest.raises(SettingsError, match="--providers"):
        open_roster(tmp_path, str(tmp_path / "other.yaml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("providers: [", "expected"),
        ("providers: {a: {kind: comfyui, base_url: 'http://x', colour: red}}", "colour"),
        ("providers: {a: {kind: comfyui}}", "base_url"),
        ("providers: {a: {base_url: 'http://x'}}", "needs a 'kind'"),
        ("providers: {a: {kind: telepathy, base_url: 'http://x'}}", "telepathy"),
        ("providers: {a: {preset: nowhere}}", "preset 'nowhere'"),
        ("providers: {a/b: {preset: openai}}", "a name is letters"),
        ("providers: {a: {preset: openai, fields: {sized: x}}}", "sized"),
        ("providers: {a: {preset: openai, fields: {sizes: [large]}}}", "'large' is no size"),
        ("providers: {a: {preset: openai, limits: {concurrency: 0}}}", "concurrency"),
        ("models: {photo: {targets: []}}", "at least one"),
        ("models: {photo: {targets: [gone/x]}}", "no provider 'gone'"),
        ("providers: {a: {preset: openai}}\nmodels: {a/b: {targets: [a/x]}}", "plain name"),
    ],
)
def test_mistakes_are_told_with_the_file_and_the_place(write, text, said):
    with pytest.raises(SettingsError) as refused:
        open_roster(write(text))
    assert said in str(refused.value)
    assert FILE in str(refused.value)


def test_a_key_in_place_of_its_variable_is_refused_and_not_repeated(write):
    with pytest.raises(SettingsError, match="environment variable") as refused:
        open_roster(write("providers: {a: {preset: openai, key: sk-secret-123}}"))
    assert "sk-secret-123" not in str(refused.value)
    with pytest.raises(SettingsError, match="holds a password") as refused:
        open_roster(write("providers: {a: {kind: a1111, base_url: 'http://me:secret-123@x'}}"))
    assert "secret-123" not in str(refused.value)


def test_bytes_that_are_no_text(tmp_path):
    (tmp_path / FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_providers(tmp_path / FILE)
