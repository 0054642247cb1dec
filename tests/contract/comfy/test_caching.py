"""Cache modes, what counts as equal, lists, expansions and hidden values, seen by a client (contract 4)."""

from typing import Annotated, Any

import pytest

from limner.backends.in_process_policy import CachePolicy
from limner.engine.overlay import Overlay
from limner.graph.declare import Flags, Hidden, NodeResult, Socket
from limner.graph.graph import Graph, Link, Node

ANYTHING = Annotated[Any, Socket("*")]
MODES = {
    "ram": CachePolicy.of("ram", capacity=1 << 30, headroom=1, available=lambda: 2),
    "ram short": CachePolicy.of("ram", capacity=1 << 30, headroom=1 << 40, available=lambda: 0),
    "classic": CachePolicy.of("classic", capacity=1 << 30),
    "lru": CachePolicy.of("lru", capacity=1 << 30, nodes=4),
    "lru 0": CachePolicy.of("lru", capacity=1 << 30),
    "none": CachePolicy.of("none", capacity=1 << 30),
}


def chain(make, value):
    return {"1": make("Value", value=value), "2": make("Show", value="@1")}


@pytest.mark.parametrize(
    ("mode", "again", "after_another", "after_three"),
    [
        ("ram", ["1", "2"], ["1", "2"], ["1", "2"]),
        ("ram short", [], [], []),
        ("classic", ["1", "2"], [], []),
        ("lru", ["1", "2"], ["1", "2"], []),
        ("lru 0", ["1", "2"], [], []),
        ("none", [], [], []),
    ],
)
async def test_what_each_mode_remembers(peer, make, mode, again, after_another, after_three):
    peer.policy = MODES[mode]
    await peer.run(chain(make, 1))
    run = await peer.run(chain(make, 1))
    if mode == "ram short":  # the machine is asked a few times a second at most
        assert set(run.cached) <= {"1", "2"}
        return
    assert run.cached == again and (run.executing == []) is bool(again)
    await peer.run(chain(make, 2))
    assert (await peer.run(chain(make, 1))).cached == after_another
    for value in (3, 4, 5):
        await peer.run(chain(make, value))
    assert (await peer.run(chain(make, 1))).cached == after_three
    assert (await peer.run(chain(make, 1))).shown == {"2": [1]}


async def test_without_a_cache_equal_nodes_of_one_prompt_still_share(peer, make):
    peer.policy = MODES["none"]
    run = await peer.run(chain(make, 1) | {"3": make("Show", value="@1")})
    assert len(run.executing) == 2 and run.shown == {"2": [1], "3": [1]}


async def test_classic_keeps_what_is_inside_expansions_of_the_prompt(peer, make):
    peer.policy = MODES["classic"]

    @peer.define()
    def Outer(*, value: int, other: int) -> ANYTHING:
        return NodeResult(values=(Link("in", 0),), expand=Graph({"in": Node(type="Value", inputs={"value": value})}))

    await peer.run({"1": make("Outer", value=7, other=1), "2": make("Show", value="@1")})
    run = await peer.run({"1": make("Outer", value=7, other=2), "2": make("Show", value="@1")})
    assert run.executing == ["1", "2"] and run.shown == {"2": [7]}


async def test_free_forgets_results(peer, make):
    await peer.run(chain(make, 1))
    await (await peer.client()).post("/free", json={"free_memory": True})
    assert (await peer.run(chain(make, 1))).cached == []


async def test_unique_ids_and_what_is_not_idempotent_count_their_place(peer, make):
    @peer.define()
    def Named(*, value: int, me: Annotated[str, Hidden("UNIQUE_ID")]) -> ANYTHING:
        return me

    @peer.define(idempotent=False)
    def Twice(*, value: int) -> ANYTHING:
        peer.calls["twice"] += 1
        return peer.calls["twice"]

    prompt = {
        name: make(kind, value=1) for name, kind in (("1", "Named"), ("2", "Named"), ("3", "Twice"), ("4", "Twice"))
    }
    prompt |= {f"o{name}": make("Show", value=f"@{name}") for name in "1234"}
    run = await peer.run(prompt)
    assert run.shown == {"o1": ["1"], "o2": ["2"], "o3": [1], "o4": [2]}
    assert set((await peer.run(prompt)).cached) == set(prompt)


async def test_undeclared_constants_count(peer, make):
    await peer.run(chain(make, 1))
    run = await peer.run({"1": make("Value", value=1, stray=5), "2": make("Show", value="@1")})
    assert run.cached == [] and run.shown == {"2": [1]}


async def test_hidden_values(peer, make):
    @peer.define(output=True)
    def Look(
        *,
        prompt: Annotated[Any, Hidden("PROMPT")],
        extra: Annotated[Any, Hidden("EXTRA_PNGINFO")],
        me: Annotated[str, Hidden("UNIQUE_ID")],
        live: Annotated[Any, Hidden("DYNPROMPT")],
        key: Annotated[Any, Hidden("API_KEY_COMFY_ORG")],
        token: Annotated[Any, Hidden("AUTH_TOKEN_COMFY_ORG")],
        source: Annotated[Any, Hidden("COMFY_USAGE_SOURCE")],
        own: Annotated[Any, Hidden("INT")] = 3,
    ) -> None:
        place = [live.get_real_node_id(me), live.get_display_node_id(me), live.get_parent_node_id(me)]
        assert live.has_node(me) and live.all_node_ids() == {"1"} and live.get_original_prompt() == prompt
        assert live.get_node(me)["class_type"] == "Look"
        return NodeResult(ui={"shown": [sorted(prompt), extra, me, place, key, token, source, own]})

    extra = {"extra_pnginfo": {"workflow": {"id": "w"}}, "api_key_comfy_org": "K", "comfy_usage_source": "s"}
    run = await peer.run({"1": make("Look", own=8)}, extra_data=extra)
    assert run.shown == {"1": [["1"], {"workflow": {"id": "w"}}, "1", ["1", "1", None], "K", None, "s", 8]}


async def test_extra_pnginfo_is_one_object_for_the_whole_run(peer, make):
    @peer.define()
    def Mark(*, value: int, extra: Annotated[Any, Hidden("EXTRA_PNGINFO")]) -> ANYTHING:
        extra["marked"] = value
        return value

    @peer.define(output=True)
    def Save(*, value: ANYTHING, extra: Annotated[Any, Hidden("EXTRA_PNGINFO")]) -> None:
        return NodeResult(ui={"shown": [extra]})

    prompt = {"1": make("Mark", value=5), "2": make("Save", value="@1")}
    run = await peer.run(prompt, extra_data={"extra_pnginfo": {}})
    assert run.shown == {"2": [{"marked": 5}]}


class TestLists:
    @pytest.fixture(autouse=True)
    def nodes(self, peer):
        @peer.define(list_outputs=(True,))
        def Items(*, count: int) -> ANYTHING:
            return list(range(count))

        @peer.define(output=True)
        def Pair(
            *, a: Annotated[ANYTHING, Flags(optional=True)] = None, b: Annotated[ANYTHING, Flags(optional=True)] = None
        ) -> None:
            return NodeResult(ui={"shown": [[a, b]]})

        @peer.define(output=True, takes_lists=True)
        def Whole(*, a: ANYTHING, b: int) -> None:
            return NodeResult(ui={"shown": [a, b]})

    async def test_mapping(self, peer, make):
        prompt = {"1": make("Items", count=3), "2": make("Items", count=2), "3": make("Pair", a="@1", b="@2")}
        assert (await peer.run(prompt)).shown == {"3": [[0, 0], [1, 1], [2, 1]]}

    async def test_whole_lists(self, peer, make):
        prompt = {"1": make("Items", count=3), "2": make("Whole", a="@1", b=7)}
        assert (await peer.run(prompt)).shown == {"2": [[0, 1, 2], [7]]}

    async def test_an_empty_list_beside_others(self, peer, make):
        run = await peer.run({"1": make("Items", count=0), "2": make("Pair", a="@1", b=7)})
        assert run.error["exception_type"] == "IndexError"
        assert run.error["exception_message"] == "list index out of range\n"

    async def test_nothing_but_empty_lists(self, peer, make):
        run = await peer.run({"1": make("Items", count=0), "2": make("Pair", a="@1")})
        assert run.shown == {"2": [[None, None]]}

    async def test_short_tuples_give_none(self, peer, make):
        @peer.define()
        def Short() -> tuple[ANYTHING, ANYTHING]:
            return (1,)

        prompt = {"1": make("Short"), "2": make("Show", value="@1:1"), "3": make("Show", value="@1")}
        assert (await peer.run(prompt)).shown == {"2": [None], "3": [1]}

    async def test_none_where_values_are_declared(self, peer, make):
        @peer.define()
        def Nothing() -> ANYTHING:
            return None

        run = await peer.run({"1": make("Nothing"), "2": make("Show", value="@1")})
        assert run.error["exception_type"] == "TypeError" and run.error["node_id"] == "1"

    async def test_ui_of_several_calls_is_joined_by_the_keys_of_the_first(self, peer, make):
        @peer.define(output=True)
        def Tell(*, value: ANYTHING) -> None:
            return NodeResult(ui={"a": [value], "b": (value,)} if value < 2 else {"a": [value]})

        run = await peer.run({"1": make("Items", count=2), "2": make("Tell", value="@1")})
        assert run.history["outputs"] == {"2": {"a": [0, 1], "b": [0, 1]}}
        run = await peer.run({"1": make("Items", count=3), "2": make("Tell", value="@1")})
        assert run.error["exception_type"] == "KeyError"


class TestExpansion:
    @pytest.fixture(autouse=True)
    def nodes(self, peer):
        @peer.define()
        def Outer(*, value: int) -> ANYTHING:
            inner = {"1.0.0.1": Node(type="Show", inputs={"value": value}), "1.0.0.2": Node(type="Value", inputs={})}
            return NodeResult(values=(value,), expand=Graph(inner))

    async def test_outputs_inside_are_told_under_their_own_id(self, peer, make):
        prompt = {"1": make("Outer", value=4), "2": make("Show", value="@1")}
        run = await peer.run(prompt)
        place = {"node": "1.0.0.1", "display_node": "1"}
        executed = next(data for data in run.of("executed") if data["node"] == "1.0.0.1")
        assert {key: executed[key] for key in place} == place and executed["output"] == {"shown": [4]}
        assert run.history["meta"]["1.0.0.1"] == {
            "node_id": "1.0.0.1",
            "display_node": "1",
            "parent_node": "1",
            "real_node_id": "1",
        }
        assert not run.ran("1.0.0.2")  # nothing needs it
        assert run.executing.count("1") == 1
        again = await peer.run(prompt)
        assert set(again.shown) == {"2"}

    async def test_display_may_be_chosen(self, peer, make):
        @peer.define()
        def Dressed() -> ANYTHING:
            inner = Node(type="Show", inputs={"value": 1}, display="9")
            return NodeResult(values=(1,), expand=Graph({"x": inner}))

        run = await peer.run({"1": make("Dressed"), "2": make("Show", value="@1")})
        assert next(data for data in run.of("executed") if data["node"] == "x")["display_node"] == "9"

    async def test_an_unknown_class_inside_is_named(self, peer, make):
        @peer.define()
        def Wrong() -> ANYTHING:
            return NodeResult(values=(Link("x", 0),), expand=Graph({"x": Node(type="Valu")}))

        run = await peer.run({"1": make("Wrong"), "2": make("Show", value="@1")})
        assert "'Valu'" in run.error["exception_message"] and "Value" in run.error["exception_message"]

    async def test_the_live_graph_shows_expansions(self, peer, make):
        seen: list[Any] = []

        @peer.define()
        def Inner(
            *, value: int, live: Annotated[Any, Hidden("DYNPROMPT")], me: Annotated[str, Hidden("UNIQUE_ID")]
        ) -> int:
            seen.append((sorted(live.all_node_ids()), live.get_parent_node_id(me), isinstance(live, Overlay)))
            return value

        @peer.define()
        def Holder() -> ANYTHING:
            return NodeResult(values=(Link("in", 0),), expand=Graph({"in": Node(type="Inner", inputs={"value": 2})}))

        run = await peer.run({"1": make("Holder"), "2": make("Show", value="@1")})
        assert run.shown == {"2": [2]} and seen == [(["1", "2", "in"], "1", False)]


async def test_shapes_that_do_not_fit_come_with_a_tip(peer, make):
    @peer.define(output=True)
    def Multiply() -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied (77x768 and 1024x320)")

    message = (await peer.run({"1": make("Multiply")})).error["exception_message"]
    assert message.startswith("mat1 and mat2") and "\nTIPS: " in message and "text encoder" in message


async def test_scheduling_order(peer, make):
    """Outputs and coroutines first, then what feeds outputs, then what feeds those, else as the prompt says."""

    @peer.define()
    def Pass(*, value: ANYTHING) -> ANYTHING:
        return value

    prompt = {
        "a": make("Value", value=1), "b": make("Pass", value="@a"), "c": make("Pass", value="@b"),
        "x": make("Value", value=2), "out1": make("Show", value="@c"), "out2": make("Show", value="@x"),
    }  # fmt: skip
    assert (await peer.run(prompt)).executing == ["x", "out2", "a", "b", "c", "out1"]
