import pytest

from limner.models.text.prompt import EmbeddingName, pieces, segments


def read(prompt):
    return [(segment.text, round(segment.weight, 6)) for segment in segments(prompt)]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("", []),
        ("a cat", [("a cat", 1.0)]),
        ("a (red) cat", [("a ", 1.0), ("red", 1.1), (" cat", 1.0)]),
        ("((red))", [("red", 1.21)]),
        ("(red:1.4)", [("red", 1.4)]),
        ("(a (b:0.5) c:2)", [("a ", 2.0), ("b", 0.5), (" c", 2.0)]),
        ("((a:1.5) b:2)", [("a", 1.5), (" b", 2.0)]),
        ("(a (b))", [("a ", 1.1), ("b", 1.21)]),
        (r"\(literal\)", [("(literal)", 1.0)]),
        (r"(a \(b\):1.2)", [("a (b)", 1.2)]),
        ("[dim] text", [("[dim] text", 1.0)]),
        ("(ratio 16:9)", [("ratio 16", 9.0)]),
        ("(time: now)", [("time: now", 1.1)]),
        ("(a:nan)", [("a:nan", 1.1)]),
        ("(a:inf)", [("a:inf", 1.1)]),
        ("(:1.5)", [(":1.5", 1.1)]),
        ("open (never closed", [("open ", 1.0), ("(never closed", 1.0)]),
        ("smile :) (red:1.3)", [("smile :) (red:1.3)", 1.0)]),
        ("a BREAK b", [("a BREAK b", 1.0)]),
        ("(-:-1)", [("-", -1.0)]),
    ],
)
def test_weights(prompt, expected):
    assert read(prompt) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a cat", ["a cat"]),
        ("embedding:x", [EmbeddingName("x")]),
        ("a embedding:x b", ["a", EmbeddingName("x"), "b"]),
        ("embedding:x, b", [EmbeddingName("x,"), "b"]),
        ("a\nembedding:x\nb", ["a", EmbeddingName("x"), "b "]),
        ("embedding:x embedding:y", [EmbeddingName("x"), EmbeddingName("y")]),
        ("noembedding:x", ["noembedding:x"]),
    ],
)
def test_embeddings(text, expected):
    found = [piece.strip() if isinstance(piece, str) else piece for piece in pieces(text)]
    assert found == [piece.strip() if isinstance(piece, str) else piece for piece in expected]
