"""Pictures that came with requests go when they are old, and not before."""

import os
import time

from tests.unit.server.conftest import PNG

from limner.server.form_parts import keep_picture
from limner.server.kept_inputs import KEPT, remove_old
from limner.storage.folders import OWNERS


def aged(path, seconds):
    os.utime(path, (time.time() - seconds, time.time() - seconds))


def placed(folder, name, seconds):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PNG)
    aged(path, seconds)
    return path


async def test_old_pictures_go_and_young_ones_stay(serving):
    folders, journal = serving.folders, serving.dispatcher.journal
    old = placed(folders.input, f"openai/{'a' * 32}.png", KEPT + 9)
    of_user = placed(folders.data / OWNERS / "ann" / "input", f"a1111/{'b' * 32}.jpg", KEPT + 9)
    staying = [
        placed(folders.input, f"openai/{'c' * 32}.png", KEPT - 9),
        placed(folders.input, "openai/mine.png", KEPT + 9),
        placed(folders.input, f"{'d' * 32}.png", KEPT + 9),
        placed(folders.input, f"holiday/{'e' * 32}.png", KEPT + 9),
    ]
    assert remove_old(folders, journal, time.time()) == 2
    assert not old.exists()
    assert not of_user.exists()
    assert all(path.exists() for path in staying)


async def test_what_a_job_needs_stays(serving, document):
    folders, journal = serving.folders, serving.dispatcher.journal
    path = placed(folders.input, f"openai/{'a' * 32}.png", 0)
    graph = document("CapSleep", "PreviewImage")
    graph["3"] = {"class_type": "LoadImage", "inputs": {"image": f"openai/{path.name}"}}
    graph["4"] = {"class_type": "PreviewImage", "inputs": {"images": ["3", 0]}}
    job = await serving.post({"prompt": graph})
    aged(path, KEPT + 9)
    assert remove_old(folders, journal, time.time()) == 0
    serving.worker.gate.set()
    await serving.finished(job["prompt_id"])
    assert remove_old(folders, journal, time.time()) == 1


async def test_a_picture_that_comes_again_is_young(serving):
    kept = serving.folders.input / keep_picture(PNG, serving.folders.input, "openai").name
    aged(kept, KEPT + 9)
    keep_picture(PNG, serving.folders.input, "openai")
    assert remove_old(serving.folders, serving.dispatcher.journal, time.time()) == 0
