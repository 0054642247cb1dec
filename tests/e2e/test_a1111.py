"""A1111's API, as its clients send it, against a whole server that draws with its built-in model."""

import base64
import io
import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from tests.e2e.conftest import READY_SECONDS, LiveServer
from tests.golden.a1111.exchange import exchanges
from tests.golden.a1111.exchange import told as answered

SMALL = {"width": 128, "height": 128, "steps": 2, "seed": 3}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server for all."""
    server = LiveServer(tmp_path_factory.mktemp("a1111") / "data")
    server.submit({"1": {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0}},
                   "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}})  # fmt: skip
    yield server
    server.close()


def ask(server, path, body=None):
    """Status and answer; bodies are sent without a content type, as some clients do."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{server.url}/sdapi/v1/{path}", data)
    try:
        with urllib.request.urlopen(request, timeout=READY_SECONDS) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def drawn(server, path="txt2img", **body):
    """The pictures of an answer, and its info."""
    status, told = ask(server, path, {**SMALL, **body})
    assert status == 200, told
    return [opened(text) for text in told["images"]], json.loads(told["info"])


def opened(text):
    return Image.open(io.BytesIO(base64.b64decode(text)))


def sent(picture, form="PNG"):
    buffer = io.BytesIO()
    picture.save(buffer, form)
    return base64.b64encode(buffer.getvalue()).decode()


def pixels(picture):
    return np.asarray(picture.convert("RGB")).astype(int)


NOISY = Image.fromarray(np.random.default_rng(1).integers(0, 255, (128, 192, 3), dtype=np.uint8))


def test_a_picture_with_its_settings_inside(server):
    [picture], info = drawn(server, prompt="a red apple", negative_prompt="blurry", sampler_name="DPM++ 2M Karras")
    assert picture.size == (128, 128)
    assert picture.info["parameters"] == info["infotexts"][0]
    assert picture.info["parameters"].startswith("a red apple\nNegative prompt: blurry\nSteps: 2, Sampler: DPM++ 2M, ")
    assert (info["seed"], info["all_seeds"], info["sampler_name"]) == (3, [3], "DPM++ 2M")


def test_sides_that_are_no_multiples_are_as_asked(server):
    [picture], _ = drawn(server, prompt="a fish", width=132, height=125)
    assert picture.size == (132, 125)


def test_each_of_several_pictures_is_what_it_would_be_alone(server):
    pictures, info = drawn(server, prompt="a frog", batch_size=2, n_iter=2)
    [alone], _ = drawn(server, prompt="a frog", seed=6)
    assert info["all_seeds"] == [3, 4, 5, 6]
    assert np.array_equal(pixels(pictures[3]), pixels(alone))
    assert not np.array_equal(pixels(pictures[0]), pixels(alone))


def test_a_second_pass_makes_it_larger(server):
    for upscaler in (None, "Lanczos"):
        told = {"enable_hr": True, "hr_scale": 1.5, "hr_upscaler": upscaler, "denoising_strength": 0.5}
        [picture], info = drawn(server, prompt="a house", **told)
        assert picture.size == (192, 192)
        assert (info["width"], info["height"]) == (128, 128)
        assert f"Hires upscaler: {upscaler or 'Latent'}" in info["infotexts"][0]


def test_without_pictures_there_is_still_info(server):
    status, told = ask(server, "txt2img", {"prompt": "a cat", **SMALL, "send_images": False})
    assert (status, told["images"]) == (200, [])
    assert json.loads(told["info"])["seed"] == 3


@pytest.mark.parametrize("mode", [0, 1, 2, 3])
def test_pictures_from_pictures_have_the_asked_size(server, mode):
    [picture], info = drawn(
        server,
        "img2img",
        prompt="a cow",
        init_images=[sent(NOISY)],
        resize_mode=mode,
        width=124,
        denoising_strength=0.4,
    )
    assert picture.size == (124, 128)
    assert "Denoising strength: 0.4" in info["infotexts"][0]


def test_an_init_image_comes_back_if_nothing_is_to_be_painted(server):
    [before], _ = drawn(server, prompt="a frog")
    [after], _ = drawn(server, "img2img", init_images=[sent(before)], denoising_strength=0)
    assert np.abs(pixels(after) - pixels(before)).mean() < 12


@pytest.mark.parametrize("filling", [0, 1, 2, 3])
def test_what_a_mask_keeps_stays_to_the_pixel(server, filling):
    mask = Image.new("L", (192, 128))
    mask.paste(255, (100, 30, 150, 90))
    told = {"prompt": "a lemon", "init_images": [sent(NOISY)], "mask": sent(mask), "mask_blur": 2}
    [picture], info = drawn(server, "img2img", **told, width=192, inpaint_full_res=False, inpainting_fill=filling)
    changed = np.abs(pixels(picture) - pixels(NOISY)).sum(-1)
    assert picture.size == NOISY.size
    assert changed[:, :80].max() == changed[:15].max() == 0
    assert changed[40:80, 110:140].mean() > 20
    assert f"Masked content: {['fill', 'original', 'latent noise', 'latent nothing'][filling]}" in info["infotexts"][0]


def test_only_the_masked_part_is_drawn_and_laid_into_the_whole(server):
    mask = Image.new("RGBA", (192, 128))
    mask.paste((255, 255, 255, 255), (120, 40, 160, 80))
    told = {"prompt": "a lemon", "init_images": [sent(NOISY)], "mask": sent(mask), "mask_blur": 0}
    [picture], info = drawn(server, "img2img", **told, inpaint_full_res_padding=8, inpainting_fill=1)
    changed = np.abs(pixels(picture) - pixels(NOISY)).sum(-1)
    assert picture.size == NOISY.size
    assert changed[40:80, 120:160].mean() > 20
    changed[40:80, 120:160] = 0
    assert changed.max() == 0
    assert "Inpaint area: Only masked" in info["infotexts"][0]


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("img2img", {}, 404, "Init image not found"),
        ("img2img", {"init_images": ["AAAA"]}, 500, "Invalid encoded image"),
        ("txt2img", {"steps": "many"}, 422, "steps"),
        ("txt2img", {"sampler_name": "none such"}, 404, "Sampler not found"),
        ("txt2img", {"prompt": "<lora:none:1>"}, 404, "none"),
        ("txt2img", {"enable_hr": True, "hr_upscaler": "none such"}, 422, "could not find upscaler"),
    ],
)
def test_what_cannot_be_done_is_told_in_their_shape(server, path, body, status, told):
    found, answer = ask(server, path, {**SMALL, **body})
    assert (found, told in json.dumps(answer)) == (status, True), answer


def test_a_prompt_that_changes_on_the_way(server):
    [changed], _ = drawn(server, prompt="a [frog:red apple:0.5], (round:1.2)", steps=4)
    [whole], _ = drawn(server, prompt="a frog, (round:1.2)", steps=4)
    [same], _ = drawn(server, prompt="a [frog:red apple:4], (round:1.2)", steps=4)
    assert not np.array_equal(pixels(changed), pixels(whole))
    assert np.array_equal(pixels(same), pixels(whole))


def test_pictures_in_another_format_keep_their_settings(server):
    [picture], info = drawn(server, prompt="a car", override_settings={"samples_format": "jpg"})
    comment = picture.getexif().get_ifd(0x8769)[0x9286]
    assert picture.format == "JPEG"
    assert comment == b"UNICODE\x00" + info["infotexts"][0].encode("utf-16-be")


def test_saved_pictures_come_with_a_sheet_of_all(server):
    saved = set((server.data / "output").glob("a1111*.png"))
    pictures, info = drawn(server, prompt="a car", batch_size=2, save_images=True)
    assert [picture.size for picture in pictures] == [(256, 128), (128, 128), (128, 128)]
    assert (info["index_of_first_image"], len(info["infotexts"])) == (1, 3)
    assert len(set((server.data / "output").glob("a1111*.png")) - saved) == 2


def test_who_stops_gets_what_is_there(server):
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(drawn, server, prompt="a boat", steps=400, batch_size=2)
        while ask(server, "progress")[1]["progress"] < 0.05:
            assert not asked.done()
        assert ask(server, "interrupt", {})[0] == 200
        pictures, _ = asked.result()
    assert [picture.size for picture in pictures] == [(128, 128)]
    assert ask(server, "progress")[1]["state"]["job_count"] == 0


def test_who_leaves_a_picture_gets_the_others(server):
    with ThreadPoolExecutor() as threads:
        asked = threads.submit(drawn, server, prompt="a bird", steps=40, batch_size=2)
        while ask(server, "progress")[1]["progress"] < 0.03:
            assert not asked.done()
        assert ask(server, "skip", {})[0] == 200
        pictures, _ = asked.result()
    [alone], _ = drawn(server, prompt="a bird", steps=40, seed=4)
    assert len(pictures) == 1
    assert np.array_equal(pixels(pictures[0]), pixels(alone))
    assert pictures[0].info["parameters"].count("Seed: 4") == 1


def test_scripts_that_are_not_there_are_named(server):
    status, told = ask(server, "txt2img", {**SMALL, "script_name": "none such", "script_args": []})
    assert (status, "x/y/z plot" in told["detail"]) == (422, True)
    status, told = ask(server, "txt2img", {**SMALL, "alwayson_scripts": {"ADetailer": {"args": []}}})
    assert (status, "ADetailer" in told["detail"][0]["msg"]) == (422, True)
    assert ask(server, "txt2img", {**SMALL, "alwayson_scripts": {"ControlNet": {"args": []}}})[0] == 200


def test_a_plot_shows_every_combination(server):
    args = ["Steps", "1, 2", "", "Sampler", "Euler, DPM++ 2M", "", 0, "", "", True, True, False, False, 0, 0, 0, 4]
    pictures, info = drawn(server, prompt="a frog", script_name="X/Y/Z plot", script_args=args)
    [alone], _ = drawn(server, prompt="a frog", sampler_name="DPM++ 2M", steps=1)
    assert [picture.size for picture in pictures[1:]] == [(128, 128)] * 4
    assert all(whole > 2 * 128 + 4 for whole in pictures[0].size)
    assert np.array_equal(pixels(pictures[3]), pixels(alone))
    assert 'X Values: "1, 2"' in pictures[0].info["parameters"]
    assert (info["index_of_first_image"], len(info["infotexts"])) == (1, 5)


def test_a_matrix_of_prompts(server):
    told = {"prompt": "a frog|a hat", "script_name": "prompt matrix", "script_args": [], "steps": 1}
    pictures, info = drawn(server, **told)
    assert info["all_prompts"] == ["a frog", "a frog, a hat"]
    assert [picture.width for picture in pictures] == [256, 128, 128]


def test_loops_paint_over_what_is_there(server):
    [before], _ = drawn(server, prompt="a frog")
    told = {"prompt": "a frog", "init_images": [sent(before)], "script_name": "loopback"}
    pictures, _ = drawn(server, "img2img", **told, script_args=[2, 0.5], denoising_strength=0.5)
    again = {**told, "init_images": [sent(pictures[0])], "script_name": None, "denoising_strength": 0.5, "seed": 4}
    [second], _ = drawn(server, "img2img", **again)
    assert len(pictures) == 2
    assert np.abs(pixels(pictures[1]) - pixels(second)).max() <= 2


def test_loops_paint_only_what_is_masked(server):
    mask = Image.new("L", (192, 128))
    mask.paste(255, (100, 30, 150, 90))
    told = {"init_images": [sent(NOISY)], "mask": sent(mask), "script_name": "loopback", "script_args": [2]}
    pictures, _ = drawn(server, "img2img", prompt="a lemon", mask_blur=0, **told)
    for picture in pictures:
        assert np.array_equal(pixels(picture)[:, :100], pixels(NOISY)[:, :100])
    assert not np.array_equal(pixels(pictures[0]), pixels(pictures[1]))


def test_a_picture_enlarged_in_tiles(server):
    told = {"init_images": [sent(NOISY)], "script_name": "sd upscale", "script_args": ["", 16, "Lanczos", 1.5]}
    [picture], _ = drawn(server, "img2img", prompt="a wall", **told, denoising_strength=0.2, width=128)
    wanted = NOISY.resize((288, 192), Image.Resampling.LANCZOS)
    assert picture.size == (288, 192)
    assert np.abs(pixels(picture) - pixels(wanted)).mean() < 60


def test_seeds_vary_by_subseeds(server):
    [plain], _ = drawn(server, prompt="a hat")
    pictures, info = drawn(server, prompt="a hat", subseed=9, subseed_strength=0.2, batch_size=2)
    assert (info["all_seeds"], info["all_subseeds"]) == ([3, 3], [9, 10])
    assert "Variation seed: 10, Variation seed strength: 0.2" in info["infotexts"][1]
    differences = [np.abs(pixels(picture) - pixels(plain)).mean() for picture in pictures]
    assert 0 < max(differences) < 60


def test_tiles_and_seeds_of_other_sizes(server):
    [tile], info = drawn(server, prompt="leaves", tiling=True, seed_resize_from_w=64, seed_resize_from_h=64)
    assert tile.size == (128, 128)
    assert "Seed resize from: 64x64" in info["infotexts"][0]
    assert "Tiling: True" in info["infotexts"][0]


def test_noise_on_the_way(server):
    for sampler in ("Euler a", "DPM++ SDE", "DPM++ 2M SDE Heun", "DPM++ 3M SDE", "DPM++ 2S a"):
        [quiet], _ = drawn(server, prompt="a key", sampler_name=sampler, eta=0.2)
        assert quiet.size == (128, 128)


def test_a_refiner_takes_the_last_steps(server):
    [model] = ask(server, "sd-models")[1]
    [refined], info = drawn(server, prompt="a key", refiner_checkpoint=model["title"], refiner_switch_at=0.5, steps=4)
    [plain], _ = drawn(server, prompt="a key", steps=4)
    assert np.abs(pixels(refined) - pixels(plain)).mean() < 4
    assert "Refiner switch at: 0.5" in info["infotexts"][0]


def test_settings_that_change_the_walk(server):
    [plain], _ = drawn(server, prompt="a key", steps=4)
    for told in ({"s_churn": 4.0}, {"sampler_name": "Restart", "steps": 8}, {"scheduler": "Align Your Steps"}):
        [other], _ = drawn(server, prompt="a key", **({"steps": 4} | told))
        assert not np.array_equal(pixels(other), pixels(plain))
    delta = {"override_settings": {"eta_noise_seed_delta": 7}, "sampler_name": "Euler a"}
    [with_delta], info = drawn(server, prompt="a key", steps=4, **delta)
    [without], _ = drawn(server, prompt="a key", steps=4, sampler_name="Euler a")
    assert not np.array_equal(pixels(with_delta), pixels(without))
    assert "ENSD: 7" in info["infotexts"][0]


def test_a_picture_that_stands_for_the_first_pass(server):
    told = {"enable_hr": True, "hr_scale": 1.5, "denoising_strength": 0.5, "hr_upscaler": "Lanczos"}
    [before], _ = drawn(server, prompt="a frog")
    [whole], _ = drawn(server, prompt="a frog", **told)
    [after], _ = drawn(server, prompt="a frog", **told, firstpass_image=sent(before))
    assert np.abs(pixels(after) - pixels(whole)).mean() < 12


def test_recorded_exchanges(server):
    """In their order: some set options."""
    differing = []
    for case in exchanges():
        answer = answered(server.url, case)
        if answer != case["answer"]:
            differing.append((case["name"], answer, case["answer"]))
    assert not differing
