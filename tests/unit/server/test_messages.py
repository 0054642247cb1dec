"""Order of messages, late sockets, several sockets, previews."""

import asyncio


def kinds(messages):
    return [message["type"] if isinstance(message, dict) else "binary" for message in messages]


async def test_messages_come_in_the_order_of_the_contract(serving, document, follow):
    socket = await serving.socket("a")
    reply = await serving.post({"prompt": document("EmptyImage", "PreviewImage", "SaveImage"), "client_id": "a"})
    messages = await follow(socket)

    assert kinds(messages) == [
        *["status"] * 3,
        "execution_start",
        "execution_cached",
        *["progress_state", "executing", "progress_state"],
        *["progress_state", "executing", "executed", "progress_state"] * 2,
        "execution_success",
        "status",
        "executing",
    ]
    assert messages[0]["data"]["sid"] == "a"
    told = [message["data"]["prompt_id"] for message in messages if "prompt_id" in message["data"]]
    assert set(told) == {reply["prompt_id"]}
    assert messages[-1]["data"] == {"node": None, "prompt_id": reply["prompt_id"]}
    assert messages[-2]["data"]["status"]["exec_info"]["queue_remaining"] == 0


async def test_a_cached_run_tells_only_outputs(serving, document, follow):
    socket = await serving.socket("a")
    body = {"prompt": document("EmptyImage", "PreviewImage"), "client_id": "a"}
    await serving.post(body)
    await follow(socket)
    await serving.post(body)
    messages = await follow(socket)

    relevant = [message for message in messages if message["type"] != "status"]
    assert kinds(relevant) == [
        "execution_start",
        "execution_cached",
        "executed",
        "progress_state",
        "execution_success",
        "executing",
    ]
    assert relevant[1]["data"]["nodes"] == ["1", "2"]


async def test_history_is_there_when_success_is_told(serving, document):
    socket = await serving.socket("a")
    for _ in range(20):
        reply = await serving.post({"prompt": document("EmptyImage", "PreviewImage"), "client_id": "a"})
        async for message in socket:
            if message.json()["type"] == "execution_success":
                break
        entries = await (await serving.client.get(f"/history/{reply['prompt_id']}")).json()
        assert entries[reply["prompt_id"]]["status"]["completed"]
    await socket.close()


async def test_a_failing_run_ends_like_any_other(serving, document, follow):
    socket = await serving.socket("a")
    reply = await serving.post({"prompt": document("CapError", "PreviewImage"), "client_id": "a"})
    messages = await follow(socket)
    assert kinds(messages)[-3:] == ["execution_error", "status", "executing"]
    error = messages[-3]["data"]
    assert error["exception_message"] == "boom\n"
    assert error["node_id"] == "1"
    entry = await serving.finished(reply["prompt_id"])
    assert entry["status"]["status_str"] == "error"
    assert entry["status"]["messages"][-1] == ["execution_error", error]


async def test_a_socket_that_opens_late_is_told_everything(serving, document, follow):
    reply = await serving.post({"prompt": document("EmptyImage", "SaveImage"), "client_id": "late"})
    await serving.finished(reply["prompt_id"])
    socket = await serving.socket("late")
    messages = await follow(socket)
    assert [message["type"] for message in messages if message["type"] not in ("status", "progress_state")] == [
        "execution_start",
        "execution_cached",
        "executing",
        "executing",
        "executed",
        "execution_success",
        "executing",
    ]


async def test_what_was_told_is_not_told_again(serving, document, follow):
    first = await serving.socket("a")
    await serving.post({"prompt": document("EmptyImage", "SaveImage"), "client_id": "a"})
    await follow(first)
    await first.close()
    second = await serving.socket("a")
    assert (await second.receive_json())["type"] == "status"
    await serving.post({"prompt": document("EmptyImage", "PreviewImage"), "client_id": "a"})
    messages = await follow(second)
    assert kinds(messages).count("execution_start") == 1


async def test_two_sockets_with_one_id_are_both_told_and_one_may_go(serving, document, follow):
    first, second = await serving.socket("a"), await serving.socket("a")
    await serving.post({"prompt": document("EmptyImage", "SaveImage"), "client_id": "a"})
    assert kinds(await follow(first))[-1] == kinds(await follow(second))[-1] == "executing"
    await first.close()
    await serving.post({"prompt": document("EmptyImage", "PreviewImage"), "client_id": "a"})
    assert "execution_success" in kinds(await follow(second))


async def test_a_socket_that_joins_in_the_middle_learns_which_node_runs(serving, document):
    first = await serving.socket("a")
    await serving.post({"prompt": document("CapSleep", "PreviewImage"), "client_id": "a"})
    async for message in first:
        if message.json()["type"] == "executing":
            break
    second = await serving.socket("a")
    assert (await second.receive_json())["type"] == "status"
    assert await second.receive_json() == {"type": "executing", "data": {"node": "1"}}
    serving.worker.gate.set()


async def test_others_are_told_the_queue_and_nothing_else(serving, document, follow):
    owner, other = await serving.socket("a"), await serving.socket("b")
    await serving.post({"prompt": document("CapSleep", "PreviewImage"), "client_id": "a"})
    assert (await other.receive_json())["data"]["sid"] == "b"
    assert (await other.receive_json())["data"]["status"]["exec_info"]["queue_remaining"] == 1
    serving.worker.gate.set()
    await follow(owner)
    assert (await other.receive_json())["data"]["status"]["exec_info"]["queue_remaining"] == 0


async def test_a_job_without_a_client_shows_progress_to_all_but_no_execution(serving, document):
    socket = await serving.socket("a")
    reply = await serving.post({"prompt": document("CapPreview", "PreviewImage")})
    await serving.finished(reply["prompt_id"])
    await asyncio.sleep(0.15)
    await serving.client.post("/queue", json={})
    seen = []
    while True:
        try:
            seen.append((await socket.receive_json(timeout=0.2))["type"])
        except TimeoutError:
            break
    assert "progress" in seen
    assert not {"execution_start", "executing", "executed", "execution_success"} & set(seen)


async def test_previews_come_only_when_asked(serving, document, follow):
    plain, described = await serving.socket("plain"), await serving.socket("described")
    await described.send_str("no json")
    await described.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
    async for message in described:
        if message.json()["type"] == "feature_flags":
            flags = message.json()["data"]
            assert (flags["supports_preview_metadata"], flags["max_upload_size"]) == (True, 104857600)
            break
    body = {"prompt": document("CapPreview", "PreviewImage")}

    await serving.post(body | {"client_id": "plain"})
    assert "binary" not in kinds(await follow(plain))

    await serving.post(body | {"client_id": "plain", "extra_data": {"preview_method": "auto"}})
    told = await follow(plain)
    assert [message for message in told if isinstance(message, bytes)] == [b"\0\0\0\1\0\0\0\1jpeg"]
    at = kinds(told).index("binary")
    assert kinds(told)[at - 2 : at + 1] == ["progress_state", "progress", "binary"]

    await serving.post(body | {"client_id": "described"})
    told = await follow(described)
    [frame] = [message for message in told if isinstance(message, bytes)]
    at = kinds(told).index("binary")
    assert kinds(told)[at - 1 : at + 2] == ["progress_state", "binary", "progress"]
    assert frame[:4] == b"\0\0\0\4"
    length = int.from_bytes(frame[4:8])
    assert b'"image_type":"image/jpeg"' in frame[8 : 8 + length]
    assert frame[8 + length :] == b"jpeg"

    await serving.post(body | {"client_id": "described", "extra_data": {"preview_method": "none"}})
    assert "binary" not in kinds(await follow(described))


async def test_a_socket_that_did_not_ask_gets_no_previews_of_one_that_did(serving, document, follow):
    plain, described = await serving.socket("a"), await serving.socket("a")
    await described.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
    while (await described.receive_json())["type"] != "feature_flags":
        pass
    await serving.post({"prompt": document("CapPreview", "SaveImageWebsocket"), "client_id": "a"})
    told = await follow(plain)
    [picture] = [message for message in told if isinstance(message, bytes)]
    assert picture[:8] == b"\0\0\0\1\0\0\0\2"
    binary = [message[:4] for message in await follow(described) if isinstance(message, bytes)]
    assert binary == [b"\0\0\0\4"] * 2


async def test_the_server_may_send_previews_to_all(start, document, follow):
    serving = await start(previews=True)
    owner, other = await serving.socket("a"), await serving.socket("b")
    await serving.post({"prompt": document("CapPreview", "PreviewImage"), "client_id": "a"})
    assert "binary" in kinds(await follow(owner))
    reply = await serving.post({"prompt": document("CapPreview", "PreviewImage")})
    await serving.finished(reply["prompt_id"])
    seen = []
    while "binary" not in seen:
        message = await other.receive()
        seen += kinds([message.data if message.type.name == "BINARY" else message.json()])
    assert "executing" not in seen


async def test_flags_count_only_in_the_first_json_message(serving, document, follow):
    socket = await serving.socket("a")
    await socket.send_json({"type": "hello"})
    await socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
    await serving.post({"prompt": document("CapPreview", "PreviewImage"), "client_id": "a"})
    assert not {"feature_flags", "binary"} & set(kinds(await follow(socket)))


async def test_a_flag_counts_only_if_it_is_true(serving, document, follow):
    socket = await serving.socket("a")
    await socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": 1}})
    await serving.post({"prompt": document("CapPreview", "PreviewImage"), "client_id": "a"})
    told = kinds(await follow(socket))
    assert "feature_flags" in told and "binary" not in told


async def test_a_text_goes_to_everybody_in_the_form_that_each_understands(serving, document, follow):
    owner, other = await serving.socket("a"), await serving.socket("b")
    await other.send_json({"type": "feature_flags", "data": {"supports_progress_text_metadata": True}})
    while (await other.receive_json())["type"] != "feature_flags":
        pass
    reply = await serving.post({"prompt": document("CapText", "PreviewImage"), "client_id": "a"})
    job = reply["prompt_id"].encode()
    [frame] = [message for message in await follow(owner) if isinstance(message, bytes)]
    assert frame == b"\0\0\0\3" + b"\0\0\0\1" + b"1" + b"hello text"
    while True:
        message = (await other.receive()).data
        if isinstance(message, bytes):
            break
    assert message == b"\0\0\0\3" + len(job).to_bytes(4) + job + b"\0\0\0\1" + b"1" + b"hello text"


async def test_an_interruption_is_told_to_all_if_the_job_has_no_client(serving, document):
    socket = await serving.socket("a")
    reply = await serving.post({"prompt": document("CapSleep", "PreviewImage")})
    await serving.running(1)
    await serving.client.post("/interrupt", json={"prompt_id": reply["prompt_id"]})
    while (told := await socket.receive_json())["type"] != "execution_interrupted":
        assert told["type"] in ("status", "progress_state")
    assert told["data"]["prompt_id"] == reply["prompt_id"]
    assert (told["data"]["node_id"], told["data"]["node_type"]) == ("1", "CapSleep")


async def test_a_socket_that_reconnects_misses_nothing_and_hears_nothing_twice(serving, document, follow):
    first = await serving.socket("a")
    reply = await serving.post({"prompt": document("CapSleep", "SaveImage", "PreviewImage"), "client_id": "a"})
    heard = []
    async for message in first:
        heard.append(message.json())
        if heard[-1]["type"] == "executing":
            break
    await first.close()
    serving.worker.gate.set()
    await serving.finished(reply["prompt_id"])
    second = await serving.socket("a")
    heard += await follow(second)
    told = [message for message in heard if "prompt_id" in message["data"] and message["type"] != "progress_state"]
    assert [(message["type"], message["data"].get("node")) for message in told] == [
        ("execution_start", None),
        ("execution_cached", None),
        *[("executing", "1"), ("executing", "2"), ("executed", "2"), ("executing", "3"), ("executed", "3")],
        ("execution_success", None),
        ("executing", None),
    ]


async def test_execution_cached_has_its_own_time_in_history(serving, document, follow):
    socket = await serving.socket("a")
    reply = await serving.post({"prompt": document("EmptyImage", "PreviewImage"), "client_id": "a"})
    told = {message["type"]: message["data"] for message in await follow(socket) if message["type"].startswith("exec")}
    entry = await serving.finished(reply["prompt_id"])
    messages = dict(entry["status"]["messages"])
    assert messages["execution_cached"] == told["execution_cached"]
    assert messages["execution_start"] == told["execution_start"]


async def test_pictures_for_the_websocket_come_as_event_one_with_png(serving, document, follow):
    socket = await serving.socket("a")
    await serving.post({"prompt": document("EmptyImage", "SaveImageWebsocket"), "client_id": "a"})
    messages = await follow(socket)
    at = kinds(messages).index("binary")
    assert messages[at][:8] == b"\0\0\0\1\0\0\0\2"
    assert messages[at][8:12] == b"\x89PNG"
    node = [message["data"]["node"] for message in messages[:at] if message["type"] == "executing"][-1]
    assert node == "2"


async def test_deleted_jobs_leave_without_a_word(serving, document):
    socket = await serving.socket("a")
    running = [await serving.post({"prompt": document("CapSleep", "PreviewImage")}) for _ in range(2)]
    await serving.running(2)
    waiting = await serving.post({"prompt": document("EmptyImage", "PreviewImage"), "client_id": "a"})
    answer = await serving.client.post("/queue", json={"delete": [waiting["prompt_id"], "unknown"]})
    assert (answer.status, await answer.read()) == (200, b"")
    serving.worker.gate.set()
    for job in running:
        await serving.finished(job["prompt_id"])
    assert await (await serving.client.get(f"/history/{waiting['prompt_id']}")).json() == {}
    await serving.post({"prompt": document("EmptyImage", "SaveImage"), "client_id": "a"})
    async for message in socket:
        told = message.json()
        assert told["data"].get("prompt_id") != waiting["prompt_id"]
        if told["type"] == "execution_success":
            break
