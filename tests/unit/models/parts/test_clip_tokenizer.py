import pytest

from limner.models.parts.clip_tokenizer import ClipTokenizer


@pytest.fixture(scope="module")
def tokenizer():
    return ClipTokenizer()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("a photo of a cat", [320, 1125, 539, 320, 2368]),
        ("A PHOTO  of\n a cat", [320, 1125, 539, 320, 2368]),
    ],
)
def test_known_tokens(tokenizer, text, tokens):
    assert tokenizer.encode(text) == tokens


def test_digits_stand_alone(tokenizer):
    assert tokenizer.encode("2026") == [token for digit in "2026" for token in tokenizer.encode(digit)]


def test_composed_and_decomposed_letters_are_equal(tokenizer):
    assert tokenizer.encode("caf\u00e9") == tokenizer.encode("cafe\u0301")


@pytest.mark.parametrize("text", ["😀", "猫", "ŁÓDŹ", "\x00", "it's", "<|endoftext|>", "\u200b"])
def test_every_text_has_tokens_in_range(tokenizer, text):
    tokens = tokenizer.encode(text)
    assert tokens
    assert all(0 <= token < 49408 for token in tokens)
