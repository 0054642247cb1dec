"""Flags of the server, of a command line, and of clients."""

import pytest

from limner.dialects.comfy.features import client_features, read_flags, server_features
from limner.graph.errors import SettingsError


def test_the_newer_flags_are_there():
    flags = server_features(5, assets=True)
    assert flags["max_upload_size"] == 5
    assert flags["assets"] is True
    assert flags["node_replacements"] is flags["supports_model_type_tags"] is flags["supports_preview_metadata"] is True
    assert flags["extension"]["manager"] == {"supports_v4": False}


def test_a_dotted_name_is_a_path_and_changes_nothing_beside_it():
    further = read_flags(
        ["extension.manager.supports_v4=true", "extension.own.level=3", "show_signin_button=false", "x"]
    )
    flags = server_features(5, further=further)
    assert flags["extension"] == {"manager": {"supports_v4": True}, "own": {"level": 3}}
    assert flags["show_signin_button"] is False
    assert flags["x"] is True
    assert read_flags(["name=some text", "deep.er="]) == {"name": "some text", "deep.er": ""}
    with pytest.raises(SettingsError, match="key=value"):
        read_flags(["=1"])


def test_only_true_counts_as_a_clients_flag():
    said = {"type": "feature_flags", "data": {"a": True, "b": 1, "c": "true"}}
    assert client_features(said) == {"a": True, "b": False, "c": False}
    assert client_features({"type": "other"}) is None
