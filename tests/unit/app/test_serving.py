"""HTTPS, logging: what the server is started with."""

import logging

import pytest

from limner.app.serving import _begin_logging, _tls
from limner.app.settings import Settings
from limner.graph.errors import SettingsError


def test_https_needs_two_files_that_can_be_used(tmp_path):
    assert _tls(Settings()) is None
    (tmp_path / "no.pem").write_text("nothing")
    name = str(tmp_path / "no.pem")
    for settings in (Settings(tls_key=name), Settings(tls_certificate=name)):
        with pytest.raises(SettingsError, match="both"):
            _tls(settings)
    for certificate in (name, str(tmp_path / "absent.pem")):
        with pytest.raises(SettingsError, match="cannot be used"):
            _tls(Settings(tls_key=name, tls_certificate=certificate))


def test_the_log_goes_into_a_book():
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        book = _begin_logging("info")
        logging.getLogger("limner.some").warning("noted")
        assert "[WARNING] noted\n" in [entry["m"] for entry in book.entries()]
    finally:
        root.handlers[:] = before
        root.setLevel(level)
