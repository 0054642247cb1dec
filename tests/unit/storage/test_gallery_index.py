"""The index of the gallery: what it finds, how it pages, what stays when files go; and that it is quick."""

import time

import pytest

from limner.storage.asset_records import Sighting
from limner.storage.gallery_index import GalleryIndex
from limner.storage.gallery_records import Change, Known, Search, Sort, State, Term
from limner.storage.gallery_search import match_query, read_search

DAY = 86_400_000
MANY = 10_000


@pytest.fixture
def index(tmp_path):
    index = GalleryIndex(tmp_path / "gallery.sqlite")
    yield index
    index.close()


def seen(name, *, age=0, size=3):
    modified = time.time_ns() - age * DAY * 1_000_000
    return Sighting(place="output", name=name, size=size, modified=modified)


def fill(index, **prompts):
    """Pictures with prompts, the first the newest."""
    numbers = index.see([seen(f"{name}.png", age=at) for at, name in enumerate(prompts)])
    index.learn(
        (n, Known(width=640, height=480, prompt=text)) for n, text in zip(numbers, prompts.values(), strict=True)
    )


def found(index, text, **more):
    words, terms = read_search(text)
    return [
        entry.name.removesuffix(".png") for entry in index.page(Search(words=words, terms=terms, **more), 100).entries
    ]


def test_words_are_found_in_prompts_names_and_tags(index):
    fill(index, fox="a red fox", owl="an owl at night", boat="a red boat, watercolour")
    assert found(index, "red") == ["fox", "boat"]
    assert found(index, "RED wat") == ["boat"]
    assert found(index, '"red fox"') == ["fox"]
    assert found(index, "red -fox") == ["boat"]
    assert found(index, "owl") == ["owl"]
    index.change([index.at("owl.png").key], Change(add_tags=("favourite bird",)))
    assert found(index, "favourite") == ["owl"]
    assert found(index, 'tag:"favourite bird"') == ["owl"]
    assert found(index, "...") == found(index, "")


def test_settings_are_found_by_their_names(index):
    numbers = index.see([seen("one.png"), seen("two.png", age=3)])
    ink = Known(width=512, height=768, model="ink_v2.safetensors", seed="7", loras=("sketch.safetensors",))
    large = Known(width=1024, height=1024, model="sdxl.safetensors", seed="18446744073709551615", app="poster")
    index.learn(zip(numbers, (ink, large), strict=True))
    index.change([index.at("two.png").key], Change(rating=4, starred=True, board="animals/foxes"))
    searches = {
        "model:ink": ["one"],
        "lora:sketch": ["one"],
        "app:poster": ["two"],
        "seed:18446744073709551615": ["two"],
        "size>800": ["two"],
        "size:512x768": ["one"],
        "rating>3": ["two"],
        "is:starred": ["two"],
        "is:unsorted": ["one"],
        "-model:ink": ["two"],
        "board:animals": ["two"],
        "board:animals/foxes model:sdxl": ["two"],
        "date:2d": ["one"],
        "date:today": ["one"],
        "date:2001-01-01..2001-02-01": [],
        "date:2001-01-01..": ["one", "two"],
        "model:": [],
        "fox:hunt": [],
    }
    assert {text: found(index, text) for text in searches} == searches


@pytest.mark.parametrize(
    ("text", "words", "terms"),
    [
        ("", (), ()),
        ('red "two words" seed:7', ("red", "two words"), (Term("seed", "=", "7"),)),
        ("a:b 12:30 http://x", ("a:b", "12:30", "http://x"), ()),
        ("rating:many", ("rating:many",), ()),
        ("date:yesterdays", ("date:yesterdays",), ()),
        ('-"not this"', (), (Term("word", "=", "not this", excluded=True),)),
        ('unclosed "quote', ("unclosed", "quote"), ()),
    ],
)
def test_what_is_no_term_is_a_word(text, words, terms):
    assert read_search(text) == (words, terms)


@pytest.mark.parametrize("text", ['"', "*", 'a"b', "NEAR(", "(((", "^", "col:umn", "é" * 3000, "\0"])
def test_nothing_that_is_typed_breaks_the_search(index, text):
    fill(index, fox="a red fox")
    words, terms = read_search(text)
    index.page(Search(words=words, terms=terms), 10)
    assert '"*' not in match_query(('"',))


def test_pages_follow_each_other_in_every_order(index):
    fill(index, **{f"p{n:02}": f"number {n}" for n in range(25)})
    index.change([index.at(f"p{n:02}.png").key for n in range(0, 25, 3)], Change(rating=5))
    for sort in Sort:
        search, names, cursor = Search(sort=sort), [], ""
        while True:
            page = index.page(search, 7, cursor=cursor)
            names += [entry.name for entry in page.entries]
            cursor = page.after
            if not cursor:
                break
        assert page.total == 25
        assert names == [entry.name for entry in index.page(search, 100).entries]
        assert len(set(names)) == 25
        assert names[10:15] == [entry.name for entry in index.page(search, 5, start=10).entries]
    assert index.page(Search(), 5, cursor="nothing").entries == []


def test_positions_lay_out_what_pages_hold(index):
    numbers = index.see([seen("a.png"), seen("b.png"), seen("c.png", age=2)])
    index.learn((n, Known(width=w, height=100)) for n, w in zip(numbers, (200, 200, 50), strict=True))
    total, days, shapes = index.positions(Search())
    assert (total, shapes) == (3, [(200, 2), (50, 1)])
    assert [count for _, count in days] == [2, 1]
    assert days[0][0] > days[1][0]
    assert index.positions(Search(sort=Sort.NAME)).days == []


def test_days_are_those_of_whoever_asks(index):
    midnight = 20_000 * DAY
    index.see([Sighting(place="output", name="a.png", size=1, modified=(midnight - 60_000) * 1_000_000)])
    assert index.positions(Search()).days == [("2024-10-03", 1)]
    east = Search(offset=-120)
    assert index.positions(east).days == [("2024-10-04", 1)]
    words, terms = read_search("date:2024-10-04")
    assert index.count(Search(words=words, terms=terms)) == 0
    assert index.count(Search(words=words, terms=terms, offset=-120)) == 1


def test_what_people_said_outlives_the_file(index):
    fill(index, fox="a fox", owl="an owl")
    index.change([index.at("fox.png").key], Change(starred=True, add_tags=("keep",)))
    assert index.settle({"owl.png"}) == (1, 0)
    assert found(index, "") == ["owl"]
    assert index.at("fox.png").state == State.GONE
    assert index.settle({"owl.png", "fox.png"}) == (0, 1)
    assert found(index, "tag:keep") == ["fox"]
    assert index.see([seen("fox.png", size=9)]) != []
    assert index.at("fox.png").starred
    assert index.unknown_count() == 1


def test_ids_are_the_same_in_an_index_that_is_made_anew(index, tmp_path):
    fill(index, fox="a fox")
    other = GalleryIndex(tmp_path / "other.sqlite")
    fill(other, fox="a fox")
    assert other.at("fox.png").key == index.at("fox.png").key
    other.close()


def test_boards_nest_and_are_renamed_and_removed_with_what_is_in_them(index):
    fill(index, fox="", owl="", cat="")
    for name, board in (("fox", "animals/wild"), ("owl", "animals"), ("cat", "animalsx")):
        index.change([index.at(f"{name}.png").key], Change(board=board))
    index.add_board("empty")
    assert index.boards() == [("animals", 1), ("animals/wild", 1), ("animalsx", 1), ("empty", 0)]
    index.rename_board("animals", "zoo/all")
    assert index.boards() == [("animalsx", 1), ("empty", 0), ("zoo/all", 1), ("zoo/all/wild", 1)]
    assert sorted(found(index, "board:zoo")) == ["fox", "owl"]
    index.remove_board("zoo")
    assert index.boards() == [("animalsx", 1), ("empty", 0)]
    assert index.at("fox.png").board == ""


def test_facets_count_what_there_is(index):
    numbers = index.see([seen("a.png"), seen("b.png"), seen("c.mp4"), seen("notes.txt"), seen("d.svg")])
    assert len(numbers) == 3
    index.learn([(numbers[0], Known(model="m", loras=("l",))), (numbers[1], Known(model="m"))])
    index.change([index.at("a.png").key], Change(starred=True, add_tags=("x", "y"), board="b"))
    index.change([index.at("a.png").key], Change(remove_tags=("y",)))
    told = index.facets(0).told()
    assert told["counts"] == {"all": 3, "starred": 1, "untagged": 2, "unsorted": 2, "trash": 0}
    assert told["models"] == [{"name": "m", "count": 2}]
    assert told["tags"] == [{"name": "x", "count": 1}]
    assert told["loras"] == [{"name": "l", "count": 1}]
    assert sum(day["count"] for day in told["days"]) == 3


def test_a_damaged_index_is_made_anew(tmp_path):
    (tmp_path / "gallery.sqlite").write_bytes(b"no database" * 1000)
    index = GalleryIndex(tmp_path / "gallery.sqlite")
    fill(index, fox="a fox")
    assert found(index, "fox") == ["fox"]
    index.close()


def test_ten_thousand_pictures_are_paged_and_searched_at_once(index):
    numbers = index.see(seen(f"lot {n // 100}/picture_{n:05}.png", age=n / 50) for n in range(MANY))
    index.learn((n, Known(width=512, height=512, prompt=f"a red fox number {n} at dusk", seed=str(n))) for n in numbers)
    spent = {}
    for text in ("", "fox", "red fox number 77", "seed:5000", "size>500 fox", "-owl dus"):
        words, terms = read_search(text)
        search = Search(words=words, terms=terms)
        began = time.thread_time()
        assert index.page(search, 100, start=0).total > 0
        index.positions(search)
        spent[text] = time.thread_time() - began
    began = time.thread_time()
    assert len(index.page(Search(), 100, start=MANY - 50).entries) == 50
    spent["the end"] = time.thread_time() - began
    assert max(spent.values()) < 1.0, spent  # Seconds of the processor, many times what it takes.
