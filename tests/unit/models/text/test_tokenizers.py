"""Tokenizers of text encoders, from every form in which files carry them."""

import base64
import io
import json

import pytest
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer
from tests.models.text_files import CORPUS, SPECIAL, tiny_tokenizer

from limner.graph.errors import ModelFileError
from limner.models.parts.byte_pairs import LLAMA3, QWEN2, byte_pairs, visible
from limner.models.parts.gguf_tokenizer import gguf_tokenizer
from limner.models.parts.json_tokenizer import JsonTokenizer
from limner.models.parts.piece_tokenizer import PieceTokenizer
from limner.models.parts.tekken_tokenizer import tekken_tokenizer

TEXTS = ("a red apple on a table", "An IMAGE  of\na castle, 1234!", "", " spaces ", "été 真实")


@pytest.fixture(scope="module", params=["unigram", "bpe"])
def pieces(request):
    """A SentencePiece model."""
    written = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS * 3),
        model_writer=written,
        vocab_size=320,
        model_type=request.param,
        byte_fallback=True,
        control_symbols=["<start>"],
        normalization_rule_name="identity",
        minloglevel=2,
        hard_vocab_limit=False,
        pad_id=3,
    )
    return request.param, written.getvalue()


def table_of(model):
    """What a GGUF file says of a SentencePiece model."""
    theirs = SentencePieceProcessor(model_proto=model)
    count = theirs.GetPieceSize()
    kinds = [(theirs.IsUnknown, 2), (theirs.IsControl, 3), (theirs.IsUnused, 5), (theirs.IsByte, 6)]
    return {
        "tokenizer.ggml.tokens": [theirs.IdToPiece(n) for n in range(count)],
        "tokenizer.ggml.scores": [theirs.GetScore(n) for n in range(count)],
        "tokenizer.ggml.token_type": [next((kind for has, kind in kinds if has(n)), 1) for n in range(count)],
    }


@pytest.mark.parametrize("text", TEXTS)
def test_pieces(pieces, text):
    ours, theirs = PieceTokenizer(pieces[1]), SentencePieceProcessor(model_proto=pieces[1])
    assert ours.encode(text) == theirs.EncodeAsIds(text)


def test_names_of_special_pieces_stand_for_themselves(pieces):
    tokenizer = PieceTokenizer(pieces[1], ("[gMASK]", "sop"))
    count = SentencePieceProcessor(model_proto=pieces[1]).GetPieceSize()
    assert (tokenizer.number("[gMASK]"), tokenizer.number("sop"), tokenizer.number("none")) == (count, count + 1, None)
    assert tokenizer.name_of(count + 1) == "sop"
    assert tokenizer.encode("<start>a red[gMASK]") == [
        tokenizer.number("<start>"),
        *tokenizer.encode("a red"),
        count,
    ]
    assert tokenizer.number("</s>") == 2


@pytest.mark.parametrize("text", TEXTS)
def test_pieces_in_gguf_metadata(pieces, text):
    kind, model = pieces
    fields = {"tokenizer.ggml.model": {"unigram": "t5", "bpe": "llama"}[kind], **table_of(model)}
    ours = gguf_tokenizer({**fields, "tokenizer.ggml.remove_extra_whitespaces": True}, "a file")
    assert ours.encode(text) == PieceTokenizer(model).encode(text)


def qwen_fields(tokenizer):
    """What a GGUF file says of a tokenizer of byte-level pairs."""
    model = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().get)
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "qwen2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [3 if token in SPECIAL else 1 for token in tokens],
        "tokenizer.ggml.merges": [" ".join(pair) for pair in model["merges"]],
    }


def test_pairs_in_gguf_metadata():
    theirs = tiny_tokenizer()
    ours = gguf_tokenizer(qwen_fields(theirs), "a file")
    text = "<|im_start|>user\na red apple<|im_end|>"
    assert ours.encode(text) == JsonTokenizer(theirs).encode(text)
    assert ours.number("<|im_start|>") == theirs.token_to_id("<|im_start|>")


@pytest.mark.parametrize(
    ("pattern", "pieces"),
    [(QWEN2, ["abc", " d", "1", "2", "3", "4"]), (LLAMA3, ["abc", " d", "123", "4"])],
)
def test_how_words_are_cut(pattern, pieces):
    vocabulary = {symbol: n for n, symbol in enumerate(visible(bytes(range(256))))}
    merges = []
    for word in ("abc", " d", "123"):
        for cut in range(2, len(word) + 1):
            merges.append((visible(word[: cut - 1].encode()), visible(word[cut - 1 : cut].encode())))
            vocabulary[visible(word[:cut].encode())] = len(vocabulary)
    tokenizer = byte_pairs(vocabulary, merges, pattern, ())
    assert [tokenizer.name_of(n) for n in tokenizer.encode("abc d1234")] == [visible(p.encode()) for p in pieces]


def test_tekken_counts_from_behind_its_special_tokens():
    words = [bytes([byte]) for byte in range(256)] + [b"re", b"red", b"ed", b" red"]
    rows = [
        {"rank": n, "token_bytes": base64.b64encode(word).decode(), "token_str": ""} for n, word in enumerate(words)
    ]
    table = {
        "config": {"default_num_special_tokens": 10, "default_vocab_size": 10 + len(words)},
        "vocab": rows,
        "special_tokens": [{"rank": 1, "token_str": "<s>", "is_control": True}],
    }
    tokenizer = tekken_tokenizer(json.dumps(table).encode(), "a file")
    assert tokenizer.number("<s>") == 1
    assert tokenizer.encode("<s>red red") == [1, 10 + 257, 10 + 259]


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: PieceTokenizer(b"no model"),
        lambda: tekken_tokenizer(b'{"vocab": [1]}', "a file"),
        lambda: JsonTokenizer.of_text("{}", "a file"),
        lambda: gguf_tokenizer({"tokenizer.ggml.model": "gpt2"}, "a file"),
        lambda: gguf_tokenizer({"tokenizer.ggml.model": "rwkv"}, "a file"),
    ],
)
def test_what_is_no_tokenizer_is_told_so(attempt):
    with pytest.raises(ModelFileError):
        attempt()


def test_files_without_a_tokenizer_have_none():
    assert gguf_tokenizer({}, "a file") is None
