"""JSON of strangers becomes values that MessagePack and JSON can hold."""

import json

import msgspec
import pytest

from limner.graph.foreign_json import decode_foreign


@pytest.mark.parametrize("source", ['{"a": NaN, "b": -Infinity}', b'{"a": NaN, "b": Infinity}'])
def test_what_json_has_no_word_for_becomes_null(source):
    assert decode_foreign(source) == {"a": None, "b": None}


@pytest.mark.parametrize("source", [r'["\ud800"]', rb'["\uDFFF"]', b'["\xed\xa0\x80"]', '["\ud800"]'])
def test_half_a_surrogate_pair_becomes_a_question_mark(source):
    assert decode_foreign(source) == ["?"]


def test_whole_pairs_stay():
    assert decode_foreign(json.dumps(["😀"])) == ["😀"]


def test_integers_beyond_64_bits_become_floats_and_others_stay():
    assert decode_foreign(f"[{2**64 - 1}, {-(2**63)}]") == [2**64 - 1, -(2**63)]
    assert decode_foreign(f"[{2**64}]") == [float(2**64)]
    msgspec.msgpack.encode(decode_foreign(f"[{-(2**64)}]"))


@pytest.mark.parametrize("source", [b"", "{", b"\xff\xff", "[" + "9" * 5000 + "]"])
def test_what_is_no_json_is_a_value_error(source):
    with pytest.raises(ValueError):
        decode_foreign(source)
