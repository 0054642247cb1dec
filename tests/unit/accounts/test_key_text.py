"""What keys look like, and what is kept of them."""

import pytest

from limner.accounts.key_text import KeyText, digest_of, is_same, new_key, read_key


def test_keys_are_long_and_differ():
    made = {str(new_key()) for _ in range(100)}
    assert len(made) == 100
    assert all(text.startswith("lk_") and len(text) == 57 for text in made)


def test_a_key_is_read_back():
    key = new_key()
    assert read_key(str(key)) == key
    assert is_same(key, digest_of(key))
    assert not is_same(KeyText(key.id, new_key().secret), digest_of(key))
    assert not is_same(KeyText(new_key().id, key.secret), digest_of(key))
    assert key.secret.encode() not in digest_of(key)


@pytest.mark.parametrize(
    "text", ["", "None", "lk_", "lk_0123456789", "sk-proj-abc", "lk_0123456789_" + "a" * 42, "é" * 57]
)
def test_other_texts_are_no_keys(text):
    assert read_key(text) is None
