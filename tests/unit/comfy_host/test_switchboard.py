"""What packs say to clients, on its way to the server."""

import json
import struct

from comfy_host.switchboard import KEPT_MESSAGES, Switchboard


def read(data):
    found = []
    while data:
        kind, length = struct.unpack_from(">cI", data)
        found.append((kind, data[5 : 5 + length]))
        data = data[5 + length :]
    return found


def test_messages_wait_and_keep_their_order():
    board = Switchboard()
    board.send("event", {"n": 1, "odd": {1}}, "me")
    board.send_binary(3, b"text", None)
    first, second = read(board.submit(board.messages()).result(5))
    assert json.loads(first[1]) == {"event": "event", "data": {"n": 1, "odd": "{1}"}, "client": "me"}
    assert second == (b"B", struct.pack(">II", 3, 0) + b"text")
    board.close()


def test_a_message_wakes_who_waits():
    board = Switchboard()
    waiting = board.submit(board.messages())
    board.send("late", None, None)
    assert json.loads(read(waiting.result(5))[0][1])["event"] == "late"
    board.close()


def test_old_messages_go_when_nobody_listens():
    board = Switchboard()
    for number in range(KEPT_MESSAGES + 5):
        board.send("n", number, None)
    first = read(board.submit(board.messages()).result(5))[0]
    assert json.loads(first[1])["data"] == 5
    board.close()


def test_a_prompt_handler_that_fails_changes_nothing(caplog):
    board = Switchboard()
    board.prompt_handlers += [lambda body: {**body, "a": 1}, lambda body: 1 / 0, lambda body: {**body, "b": 2}]
    assert board.handle_prompt({}) == {"a": 1, "b": 2}
    assert "failed" in caplog.text
