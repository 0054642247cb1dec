"""Pulls from a server of our own: what arrives, what is refused, and what is fetched twice (nothing)."""

import hashlib
import threading
import time

import aiohttp
import pytest
from tests.unit.hub.conftest import names_in, pulling
from tests.unit.hub.models import gguf, safetensors

from limner.graph.errors import InterruptedRun
from limner.hub.events import FileChecked, FilePaused, FileProgress, FileStarted
from limner.hub.part_file import PartFile
from limner.hub.plan import Choice
from limner.hub.refusal import PullError
from limner.hub.source import Offer, RemoteFile, Wanted

MODEL = safetensors(1, size=300_000)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def refusal(action, *arguments, **more):
    with pytest.raises(PullError) as caught:
        action(*arguments, **more)
    return caught.value


def test_a_file_is_put_where_its_header_says(pull, remote, folders):
    remote.put("/things/My LoRA.safetensors", MODEL, etag='"1"')
    [done] = pull(f"{remote.url}/things/My%20LoRA.safetensors")
    assert (done.kind, done.how, done.sha256) == ("loras", "downloaded", digest(MODEL))
    assert folders.find("loras", "My LoRA.safetensors").read_bytes() == MODEL
    assert names_in(folders.model_roots[0]) == ["loras/My LoRA.safetensors"]


def test_the_name_is_the_one_that_the_server_states(pull, remote, folders):
    remote.put("/download/7", MODEL, headers={"Content-Disposition": 'attachment; filename="../../a.safetensors"'})
    pull(f"{remote.url}/download/7?type=Model")
    assert folders.list("loras") == ["a.safetensors"]


def test_into_and_name_are_obeyed(pull, remote, folders):
    remote.put("/x.bin", b"PK\x03\x04" + bytes(100))
    pull(f"{remote.url}/x.bin", into="embeddings", name="mine.pt")
    assert folders.list("embeddings") == ["mine.pt"]


def test_a_name_may_have_folders_inside_the_kinds_own(pull, remote, folders):
    remote.put("/a.safetensors", MODEL)
    pull(f"{remote.url}/a.safetensors", into="loras", name="styles/ink/b.safetensors")
    assert folders.list("loras") == ["styles/ink/b.safetensors"]
    for outside in ("../b.safetensors", "/etc/b.safetensors", "a/../../b.safetensors", "..\\b.safetensors"):
        assert refusal(pull, f"{remote.url}/a.safetensors", into="loras", name=outside).code == "invalid"


def test_a_gguf_file_is_recognised(pull, remote):
    remote.put("/a.gguf", gguf())
    [done] = pull(f"{remote.url}/a.gguf", into="text_encoders")
    assert done.path.endswith("text_encoders/a.gguf")


def test_three_cut_connections_cost_no_byte_twice(pull, remote, folders):
    remote.put("/a.safetensors", MODEL, etag='"1"', cuts=[1, 100_000, 70_000, 90_000])
    [done] = pull(f"{remote.url}/a.safetensors", into="loras")
    assert folders.find("loras", "a.safetensors").read_bytes() == MODEL
    assert remote.sent["/a.safetensors"] <= len(MODEL) + 1  # one byte was asked for its name and size
    assert done.received == len(MODEL)
    assert [event.reason for event in pull.told(FilePaused)] == ["the connection ended early"] * 3


def test_blocks_come_over_several_connections(pull, remote, monkeypatch):
    monkeypatch.setattr("limner.hub.transfer.BLOCK", 50_000)
    remote.put("/a.safetensors", MODEL, etag='"1"', pause=0.001)
    [done] = pull(f"{remote.url}/a.safetensors", into="loras", connections=3)
    ranges = [asked.headers["Range"] for asked in remote.requests("/a.safetensors")][1:]
    assert len(ranges) == len(MODEL) // 50_000 + 1 == len(set(ranges))
    assert done.sha256 == digest(MODEL)


def test_a_server_without_ranges_is_asked_anew(pull, remote, folders):
    remote.put("/a.safetensors", MODEL, ranges=False, cuts=[100, 150_000])
    pull(f"{remote.url}/a.safetensors", into="loras")
    assert folders.find("loras", "a.safetensors").read_bytes() == MODEL
    assert "begun anew" in pull.told(FilePaused)[-1].reason


def test_a_server_that_does_not_say_how_much_is_read_to_the_end(pull, remote, folders):
    remote.put("/a.safetensors", MODEL, ranges=False, length=False)
    pull(f"{remote.url}/a.safetensors", into="loras")
    assert folders.find("loras", "a.safetensors").read_bytes() == MODEL
    assert pull.told(FileStarted)[0].total == -1


def test_another_version_is_begun_anew(pull, remote, folders):
    other = safetensors(2, size=300_000)
    served = remote.put("/a.safetensors", MODEL, etag='"1"', cuts=[1, 130_000])

    def changed(event):
        pull.events.append(event)
        if isinstance(event, FilePaused) and served.etag == '"1"':
            served.data, served.etag = other, '"2"'

    plan = pull.plan(f"{remote.url}/a.safetensors", into="loras")
    pull.puller.carry_out(plan, changed)
    assert folders.find("loras", "a.safetensors").read_bytes() == other


def test_a_stopped_pull_goes_on_where_it_was(pull, remote, folders):
    served = remote.put("/a.safetensors", MODEL, etag='"1"', pause=0.02)
    stop = threading.Event()

    def tell(event):
        if isinstance(event, FileProgress) and event.done > 60_000:
            stop.set()

    with pytest.raises(InterruptedRun, match="goes on from there"):
        pull.puller.carry_out(pull.plan(f"{remote.url}/a.safetensors", into="loras"), tell, stop)
    assert folders.list("loras") == []
    before, served.pause = remote.sent["/a.safetensors"], 0
    [done] = pull(f"{remote.url}/a.safetensors", into="loras")
    assert pull.told(FileStarted)[-1].done > 60_000
    assert done.sha256 == digest(MODEL)
    assert done.received < len(MODEL)
    assert remote.sent["/a.safetensors"] - before < len(MODEL)


def test_a_part_of_another_file_is_not_gone_on_with(pull, remote, folders):
    remote.put("/a.safetensors", MODEL, etag='"1"')
    part = folders.place("loras") / "a.safetensors.part"
    part.write_bytes(bytes(1000))
    part.with_name(part.name + ".json").write_text('{"url": "http://else", "size": 5000, "done": [[0, 1000]]}')
    [done] = pull(f"{remote.url}/a.safetensors", into="loras")
    assert done.sha256 == digest(MODEL)
    assert names_in(folders.model_roots[0]) == ["loras/a.safetensors"]


def test_two_programs_do_not_write_one_file(pull, remote, folders):
    remote.put("/a.safetensors", MODEL)
    plan = pull.plan(f"{remote.url}/a.safetensors", into="loras")
    with PartFile(plan.items[0].target), pytest.raises(Exception, match="another program"):
        pull.puller.carry_out(plan)


@pytest.mark.parametrize("status", [429, 503, 500, (429, {"Retry-After": "7"})])
def test_a_busy_server_is_asked_again(pull, remote, status):
    remote.put("/a.safetensors", MODEL, statuses=[status])
    [done] = pull(f"{remote.url}/a.safetensors", into="loras")
    assert done.sha256 == digest(MODEL)
    assert len(pull.waits) == 1
    assert pull.waits[0] == 7 if isinstance(status, tuple) else pull.waits[0] < 1


def test_patience_ends(pull, remote):
    remote.put("/a.safetensors", MODEL, statuses=[503] * 20)
    error = refusal(pull, f"{remote.url}/a.safetensors", into="loras")
    assert (error.code, len(pull.waits)) == ("busy", 5)
    remote.put("/b.safetensors", MODEL, statuses=[(429, {"Retry-After": "86400"})])
    assert "86400 seconds" in str(refusal(pull, f"{remote.url}/b.safetensors", into="loras"))


def test_busy_in_the_middle_makes_it_one_connection_fewer(pull, remote, monkeypatch):
    monkeypatch.setattr("limner.hub.transfer.BLOCK", 20_000)
    served = remote.put("/a.safetensors", MODEL, etag='"1"')
    plan = pull.plan(f"{remote.url}/a.safetensors", into="loras", connections=4)
    served.statuses = []

    def tell(event):
        if isinstance(event, FileStarted):
            served.statuses = [429, 429, 503]

    [done] = pull.puller.carry_out(plan, tell)
    assert done.sha256 == digest(MODEL)


@pytest.mark.parametrize(
    ("status", "code"), [(401, "gated"), (403, "gated"), (404, "gone"), (410, "gone"), (418, "unreachable")]
)
def test_refusals_are_told_apart(pull, remote, status, code):
    remote.put("/a.safetensors", MODEL, statuses=[status])
    assert refusal(pull, f"{remote.url}/a.safetensors").code == code
    assert pull.waits == []


def test_nobody_there(pull):
    error = refusal(pull, "http://127.0.0.1:9/a.safetensors")
    assert error.code == "unreachable"
    assert "6 tries" in str(error)


def test_redirects_are_followed_and_end(pull, remote, folders):
    remote.put("/c/a.safetensors", MODEL)
    remote.redirects = {"/a": "/b", "/b": f"{remote.url}/c/a.safetensors", "/round": "/round"}
    pull(f"{remote.url}/a", into="loras")
    assert folders.list("loras") == ["a.safetensors"]
    assert "never arrives" in str(refusal(pull, f"{remote.url}/round"))


def test_a_web_page_is_refused_at_once(pull, remote, folders):
    remote.put("/a.safetensors", b"<!doctype html><p>Log in", headers={"Content-Type": "text/html"})
    assert "web page" in str(refusal(pull, f"{remote.url}/a.safetensors", into="loras"))
    remote.put("/b.safetensors", b"<!doctype html>" + bytes(300_000))
    error = refusal(pull, f"{remote.url}/b.safetensors", into="loras")
    assert "is a web page" in str(error)
    assert folders.list("loras") == []
    assert names_in(folders.model_roots[0]) == ["loras/b.safetensors.rejected"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.safetensors", MODEL[:-1]),
        ("a.safetensors", b"version https://git-lfs.github.com/spec/v1\n" * 10),
        ("a.gguf", MODEL),
        ("a.gguf", gguf()[:40]),
        ("a.ckpt", MODEL),
        ("a.pt", b""),
    ],
)
def test_what_is_no_model_is_put_aside(pull, remote, folders, name, data):
    remote.put(f"/{name}", data)
    error = refusal(pull, f"{remote.url}/{name}", into="checkpoints")
    assert error.code == "wrong_file"
    assert str(error).startswith(name)
    assert folders.list("checkpoints") == []


def test_a_name_that_no_model_has_is_refused(pull, remote, folders):
    remote.put("/a.exe", MODEL)
    remote.put("/b.safetensors", MODEL)
    assert refusal(pull, f"{remote.url}/a.exe", into="loras").code == "invalid"
    assert refusal(pull, f"{remote.url}/b.safetensors", into="custom_nodes").code == "invalid"
    assert refusal(pull, f"{remote.url}/b.safetensors", into="loras", name="../b.py").code == "invalid"
    assert names_in(folders.data) == []


def test_no_room_is_told_before_the_first_byte(pull, remote, monkeypatch):
    remote.put("/a.safetensors", MODEL)
    monkeypatch.setattr("limner.hub.room.free_bytes", lambda folder: 1000)
    error = refusal(pull, f"{remote.url}/a.safetensors", into="loras")
    assert error.code == "no_space"
    assert "300 kB" in str(error)
    assert "1 kB" in str(error)
    assert remote.bytes_sent == 1


def test_the_same_pull_again_fetches_nothing(pull, remote):
    remote.put("/a.safetensors", MODEL, etag='"1"')
    pull(f"{remote.url}/a.safetensors")
    before = remote.bytes_sent
    [done] = pull(f"{remote.url}/a.safetensors")
    assert (done.how, done.received) == ("present", 0)
    assert remote.bytes_sent - before == 1


def test_another_file_of_that_name_stays(pull, remote, folders):
    remote.put("/a.safetensors", MODEL, etag='"1"')
    mine = folders.place("loras") / "a.safetensors"
    mine.write_bytes(b"mine")
    error = refusal(pull, f"{remote.url}/a.safetensors", into="loras")
    assert error.code == "exists"
    assert mine.read_bytes() == b"mine"


def test_known_bytes_are_linked_under_another_name(pull, remote, folders):
    remote.put("/a.safetensors", MODEL, etag='"1"')
    pull(f"{remote.url}/a.safetensors", into="loras")
    before = remote.bytes_sent
    [done] = pull(f"{remote.url}/a.safetensors", into="loras", name="b.safetensors")
    first, second = (folders.find("loras", name) for name in ("a.safetensors", "b.safetensors"))
    assert (done.how, remote.bytes_sent - before) == ("linked", 1)
    assert first.samefile(second) or second.read_bytes() == MODEL


def test_bytes_that_turn_out_to_be_here_are_linked(pull, remote, folders):
    (folders.place("checkpoints") / "own.safetensors").write_bytes(MODEL)
    remote.put("/a.safetensors", MODEL)
    [done] = pull(f"{remote.url}/a.safetensors", into="loras")
    assert done.how == "linked"
    assert folders.find("loras", "a.safetensors").read_bytes() == MODEL


def test_private_addresses_are_refused_unless_allowed(folders, remote):
    remote.put("/a.safetensors", MODEL)
    careful = pulling(folders, private=False)
    port = remote.url.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "169.254.169.254"):
        error = refusal(careful, f"http://{host}:{port}/a.safetensors", into="loras")
        assert error.code == "refused" or host[0] in "02", host  # odd numbers may be no name at all
    assert remote.asked == []


def test_what_is_asked_for_is_planned_and_nothing_else_done(pull, remote, folders):
    remote.put("/a.ckpt", b"PK\x03\x04" + bytes(100))
    plan = pull.puller.plan(Wanted(f"{remote.url}/a.ckpt"), Choice(into="checkpoints"))
    assert (plan.items[0].action, plan.missing) == ("download", 104)
    assert "can carry programs" in plan.cautions[0]
    assert names_in(folders.data) == []


def test_stopping_does_not_wait_for_a_slow_server(pull, remote):
    remote.put("/a.safetensors", MODEL, pause=5)
    plan = pull.plan(f"{remote.url}/a.safetensors", into="loras")
    stop, began = threading.Event(), time.monotonic()
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(InterruptedRun):
        pull.puller.carry_out(plan, stop=stop)
    assert time.monotonic() - began < 3


def test_reading_what_is_here_can_be_stopped(pull, remote, folders, monkeypatch):
    (folders.place("checkpoints") / "big.safetensors").write_bytes(MODEL)
    stop = threading.Event()
    file = RemoteFile(url=f"{remote.url}/a", name="a.safetensors", size=len(MODEL), sha256="0" * 64)

    def tell(event):
        assert isinstance(event, FileChecked)
        stop.set()

    monkeypatch.setattr("limner.hub.digests.CHUNK", 1000)
    with pytest.raises(InterruptedRun):
        pull.puller.plan_for(Offer("test", "test", "a", (file,)), Choice(into="loras"), tell, stop)


def test_a_server_that_says_nothing_more_is_asked_again(pull, remote, monkeypatch):
    monkeypatch.setattr("limner.hub.web._TIMEOUT", aiohttp.ClientTimeout(sock_read=0.2))
    served = remote.put("/a.safetensors", MODEL, etag='"1"', pause=3)

    def tell(event):
        pull.events.append(event)
        if isinstance(event, FilePaused):
            served.pause = 0

    [done] = pull.puller.carry_out(pull.plan(f"{remote.url}/a.safetensors", into="loras"), tell)
    assert done.sha256 == digest(MODEL)
    assert pull.told(FilePaused)[0].reason == "no answer in time"
    assert done.received == len(MODEL)
