import pytest

from limner.app.extra_paths import read_extra_paths
from limner.app.settings import read_settings
from limner.graph.errors import SettingsError, StorageError, UnknownNameError
from limner.storage.folders import Folders, resolve


def test_command_line_comes_before_environment_and_defaults(monkeypatch):
    monkeypatch.setenv("LIMNER_PORT", "9000")
    monkeypatch.setenv("LIMNER_SUBSTITUTE", "1")
    settings = read_settings({"port": 9001, "host": None})
    assert (settings.port, settings.substitute, settings.host) == (9001, True, "127.0.0.1")


def test_a_setting_that_makes_no_sense_is_named(monkeypatch):
    monkeypatch.setenv("LIMNER_PORT", "many")
    with pytest.raises(SettingsError, match="port"):
        read_settings({})


def test_extra_paths_of_several_sections_and_lines(tmp_path):
    file = tmp_path / "extra_model_paths.yaml"
    file.write_text(
        "comfyui:\n  base_path: models\n  checkpoints: checkpoints/\n  loras: |\n    loras\n    more/loras\n"
        "a111:\n  base_path: /sd\n  unet: models/unet\n"
    )
    found = read_extra_paths(file)
    assert found["loras"] == (tmp_path / "models/loras", tmp_path / "models/more/loras")
    assert str(found["diffusion_models"][0]) == "/sd/models/unet"


def test_extra_paths_of_the_default_section_come_first(tmp_path):
    file = tmp_path / "extra_model_paths.yaml"
    file.write_text("a111:\n  loras: one\ncomfyui:\n  is_default: true\n  loras: two\n")
    assert read_extra_paths(file)["loras"] == (tmp_path / "two", tmp_path / "one")


def test_extra_paths_say_what_is_wrong(tmp_path):
    with pytest.raises(SettingsError, match="no file"):
        read_extra_paths(tmp_path / "absent.yaml", required=True)
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [")
    with pytest.raises(SettingsError, match="no YAML"):
        read_extra_paths(broken)


def test_folders_find_models_in_every_root_and_name_the_nearest(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    (second / "checkpoints" / "sub").mkdir(parents=True)
    (second / "checkpoints" / "sub" / "anime.safetensors").write_bytes(b"")
    folders = Folders.under(tmp_path / "data", model_roots=(first, second))
    assert folders.list("checkpoints") == ["sub/anime.safetensors"]
    assert folders.find("checkpoints", "sub\\anime.safetensors").parent.name == "sub"
    with pytest.raises(UnknownNameError, match=r"Nearest: sub/anime\.safetensors"):
        folders.find("checkpoints", "anime.safetensors")


@pytest.mark.parametrize("name", ["", "../a", "a/../../b", "/etc/passwd", "C:\\x", "..\\x", "a\0b", "\\\\host\\share"])
def test_names_cannot_leave_their_folder(tmp_path, name):
    with pytest.raises(StorageError):
        resolve(tmp_path, name)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_beyond_all_ports_is_refused_by_its_name(port):
    with pytest.raises(SettingsError, match=rf"--port \(LIMNER_PORT\) cannot be {port}"):
        read_settings({"port": port})


def test_a_public_address_is_one():
    assert read_settings({"public_url": "https://pictures.example.org"}).public_url == "https://pictures.example.org"
    with pytest.raises(SettingsError, match=r"--public-url.*'pictures.example.org'.*https://"):
        read_settings({"public_url": "pictures.example.org"})
