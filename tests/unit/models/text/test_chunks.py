from hypothesis import given
from hypothesis import strategies as st

from limner.models.parts.clip_text import END, START
from limner.models.text.chunks import LENGTH, UNBROKEN, Token, chunk


def numbers(chunks):
    return [[token.value for token in tokens] for tokens in chunks]


def stretch(count, first=1):
    return [Token(first + index) for index in range(count)]


def test_empty_prompt():
    assert numbers(chunk([], padding=END)) == [[START, END, *[END] * 75]]
    assert numbers(chunk([], padding=0)) == [[START, END, *[0] * 75]]


def test_short_stretch_moves_to_the_next_chunk_whole():
    first, second = numbers(chunk([stretch(70), stretch(7, 100)], padding=0))
    assert first == [START, *range(1, 71), END, *[0] * 5]
    assert second[:9] == [START, *range(100, 107), END]


def test_long_stretch_is_torn():
    first, second = numbers(chunk([stretch(70), stretch(8, 100)], padding=0))
    assert first == [START, *range(1, 71), *range(100, 105), END]
    assert second[:5] == [START, 105, 106, 107, END]


def test_exactly_full():
    assert len(chunk([stretch(75)], padding=0)) == 1
    assert len(chunk([stretch(76)], padding=0)) == 2


@given(st.lists(st.integers(1, 200), max_size=12))
def test_nothing_is_lost_and_short_stretches_stay_whole(counts):
    begin, stretches = 1, []
    for count in counts:
        stretches.append(stretch(count, begin))
        begin += count
    chunks = numbers(chunk(stretches, padding=0))
    assert all(len(tokens) == LENGTH and tokens[0] == START and END in tokens for tokens in chunks)
    inner = [[value for value in tokens if value not in (START, END, 0)] for tokens in chunks]
    assert [value for tokens in inner for value in tokens] == list(range(1, begin))
    for one in stretches:
        if len(one) < UNBROKEN:
            assert any({token.value for token in one} <= set(tokens) for tokens in inner)
