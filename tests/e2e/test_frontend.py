"""ComfyUI's official web page on this server, in a real browser: what a person does in the first ten minutes.

Needs ``pip install -e '.[frontend-test]'`` and a Chromium (``CHROMIUM``, or ``chromium`` in the path). Pictures of each
step are left in ``build/frontend``, with ``requests.json`` beside them: every answer that was not a success.
"""

import json
import os
import re
import shutil
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
playwright = pytest.importorskip("playwright.sync_api", reason="the browser's driver is not installed")

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "build" / "frontend"
WORKFLOW = ROOT / "tests/golden/workflows/SD1.5_text2image_vae-ft-mse-840000.json"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""

NORMAL = re.compile(r"/api/userdata/workflows%2F\.index\.json$|/files/mask-layers\?|/api/experiment/models/preview/")
"""What the page asks for and does without: bookmarks that nobody has set, layers that only the hosted service keeps,
pictures of models that have none."""

TEMPLATE = "template-workflow-image_sdxl_simple"

WITHOUT_CONTENT = "net::ERR_ABORTED"
"""What the browser's driver says of an answer that the page does not read."""


class Visit:
    """A page, and all that it asks for and complains about."""

    def __init__(self, page, url):
        self.page, self.url = page, url
        self.requests: Counter[tuple[str, str]] = Counter()
        self.refused: list[tuple[int, str, str]] = []
        self.failed: list[tuple[str, str, str]] = []
        self.complaints: list[tuple[str, str]] = []
        self.frames: Counter[str] = Counter()
        page.on("response", self._answered)
        page.on("requestfailed", self._failed)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(("page", str(error)[:500])))
        page.on("websocket", lambda socket: socket.on("framereceived", self._framed))

    def open(self):
        self.page.goto(self.url, wait_until="load")
        self.page.wait_for_function("() => window.app?.graph && window.app?.canvas", timeout=120_000)
        self.page.wait_for_selector("[data-testid=queue-button]", timeout=60_000)

    def shot(self, name):
        self.page.wait_for_timeout(700)
        self.page.screenshot(path=SHOTS / f"{name}.png")

    def foreign(self, address):
        return urlsplit(address).netloc != urlsplit(self.url).netloc

    def nodes(self):
        return self.page.evaluate("() => window.app.graph.nodes.map(node => node.type).sort()")

    def _answered(self, response):
        path = response.url.removeprefix(self.url)
        if not self.foreign(response.url):
            self.requests[(response.request.method, path.split("?")[0])] += 1
            if response.status >= 400:
                self.refused.append((response.status, response.request.method, path))

    def _failed(self, request):
        if not self.foreign(request.url) and request.failure != WITHOUT_CONTENT:
            self.failed.append((request.method, request.url.removeprefix(self.url), str(request.failure)))

    def _said(self, message):
        if message.type == "error":
            self.complaints.append(((message.location or {}).get("url", ""), message.text[:500]))

    def _framed(self, payload):
        if isinstance(payload, bytes):
            self.frames[f"binary {int.from_bytes(payload[:4])}"] += 1
        else:
            self.frames[json.loads(payload)["type"]] += 1


@pytest.fixture
def visit(start):
    SHOTS.mkdir(parents=True, exist_ok=True)
    if not CHROMIUM:
        pytest.skip("there is no Chromium here")
    server = start(None, "--substitute", "--frontend", "comfyui", "--threads", "1", "--previews")
    deadline = time.monotonic() + 120
    while server.call("/system_stats")["limner"]["worker"] != "ready" and time.monotonic() < deadline:
        time.sleep(0.3)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.set_default_timeout(60_000)
        visit = Visit(page, server.url)
        visit.server = server
        yield visit
        (SHOTS / "requests.json").write_text(
            json.dumps(
                {
                    "refused": visit.refused,
                    "failed": visit.failed,
                    "complaints": visit.complaints,
                    "frames": visit.frames,
                    "requests": sorted((count, *request) for request, count in visit.requests.items()),
                },
                indent=1,
            )
        )
        browser.close()


def test_the_official_page_works(visit):
    loads(visit)
    opens_a_workflow(visit)
    draws(visit)
    shows_what_was_done(visit)
    cancels(visit)
    shows_the_log(visit)
    saves_and_opens_again(visit)
    opens_a_template(visit)
    lists_models(visit)
    paints_a_mask(visit)
    refused = [entry for entry in visit.refused if not NORMAL.search(entry[2])]
    assert refused == []
    assert visit.failed == []
    complaints = [(where, text) for where, text in visit.complaints if not is_normal(visit, where, text)]
    assert complaints == []


def is_normal(visit, where, text):
    """Whether the page complains of another host, or that something normal is not there."""
    if NORMAL.search(where):
        return True
    hosts = re.findall(r"https?://[\w.:-]+", text)
    return any(visit.foreign(host) for host in hosts)


def loads(visit):
    visit.open()
    visit.page.wait_for_timeout(4000)
    visit.shot("1-loaded")
    dismiss(visit)


def opens_a_workflow(visit):
    visit.page.evaluate("() => window.app.graph.clear()")
    with visit.page.expect_file_chooser() as chooser:
        visit.page.keyboard.press("Control+o")
    chooser.value.set_files(WORKFLOW)
    visit.page.wait_for_function("() => window.app.graph.nodes.length === 8")
    visit.page.wait_for_timeout(1500)
    visit.shot("2-workflow-opened")
    dismiss(visit)


def draws(visit):
    set_steps(visit, 40)
    visit.page.get_by_test_id("queue-button").click()
    visit.page.wait_for_function("() => window.app.graph.nodes.some(node => node.progress > 0.1)", timeout=180_000)
    visit.shot("3-running")
    with visit.page.expect_response(lambda answer: "/api/view?" in answer.url and answer.ok, timeout=180_000):
        pass
    visit.page.wait_for_function(
        "() => window.app.graph.nodes.find(node => node.type === 'SaveImage').imgs?.[0]?.naturalWidth > 0"
    )
    visit.shot("4-picture-at-the-node")
    assert visit.frames["executed"] >= 1
    assert visit.frames["progress"] >= 5
    assert visit.frames["binary 4"] >= 1


def shows_what_was_done(visit):
    visit.page.get_by_test_id("queue-overlay-toggle").click()
    visit.shot("5-jobs")
    visit.page.keyboard.press("Escape")
    visit.page.get_by_test_id("assets-tab-button").click()
    visit.page.wait_for_selector(".side-bar-panel img, [data-testid*=asset] img", timeout=30_000)
    visit.shot("6-assets")
    visit.page.locator(".side-bar-panel img, [data-testid*=asset] img").first.click(button="right")
    visit.page.get_by_text("Open as workflow in new tab").first.click()
    visit.page.wait_for_timeout(2000)
    assert "KSampler" in visit.nodes()
    visit.shot("6-opened-from-its-picture")
    visit.page.get_by_test_id("assets-tab-button").click()
    with visit.page.expect_response(lambda answer: "/api/object_info" in answer.url):
        visit.page.keyboard.press("r")


def cancels(visit):
    set_steps(visit, 3000)
    visit.page.get_by_test_id("queue-button").click()
    visit.page.wait_for_function("() => window.app.graph.nodes.some(node => node.progress > 0)", timeout=180_000)
    visit.page.get_by_role("button", name="Cancel current run").click()
    deadline = time.monotonic() + 60
    while not (stopped := visit.server.call("/api/jobs?status=cancelled")["jobs"]) and time.monotonic() < deadline:
        visit.page.wait_for_timeout(200)
    assert len(stopped) == 1
    visit.shot("6-cancelled")


def shows_the_log(visit):
    visit.page.get_by_role("button", name="Toggle Bottom Panel").click()
    visit.page.wait_for_timeout(1500)
    visit.shot("6-log")
    visit.page.get_by_role("button", name="Toggle Bottom Panel").click()


def saves_and_opens_again(visit):
    visit.page.keyboard.press("Control+s")
    field = visit.page.locator("[role=dialog] input").first
    field.fill("a saved workflow")
    with visit.page.expect_response(lambda answer: answer.request.method == "POST" and "/api/userdata/" in answer.url):
        field.press("Enter")
    visit.shot("7-saved")
    saved = visit.server.data / "user/default/workflows/a saved workflow.json"
    assert len(json.loads(saved.read_text())["nodes"]) == 8
    visit.open()
    visit.page.wait_for_timeout(2000)
    dismiss(visit)
    visit.page.get_by_role("button", name="Create a new blank workflow").click()
    visit.page.wait_for_function("() => window.app.graph.nodes.length !== 8")
    visit.page.get_by_test_id("workflows-tab-button").click()
    visit.page.wait_for_timeout(1500)
    panel = visit.page.locator(".side-bar-panel, [class*=sidebar]")
    panel.get_by_text("a saved workflow").locator("visible=true").last.click()
    visit.page.wait_for_function("() => window.app.graph.nodes.length === 8")
    visit.shot("8-opened-again")
    visit.page.get_by_test_id("workflows-tab-button").click()


def opens_a_template(visit):
    visit.page.get_by_role("button", name="Templates").first.click()
    visit.page.get_by_placeholder("Search").first.fill("SDXL")
    visit.page.wait_for_timeout(2500)
    visit.shot("9-templates")
    with visit.page.expect_response(lambda answer: re.search(r"/templates/[^?]+\.json", answer.url)) as found:
        visit.page.get_by_test_id(TEMPLATE).click()
    assert found.value.ok
    visit.page.wait_for_timeout(2500)
    assert "KSampler" in visit.nodes()
    visit.shot("10-template-opened")
    dismiss(visit)
    visit.page.get_by_test_id("queue-button").click()
    visit.page.wait_for_function(
        "() => window.app.graph.nodes.find(node => node.type === 'SaveImage')?.imgs?.[0]?.naturalWidth > 0",
        timeout=240_000,
    )
    visit.shot("10-template-drawn")


def lists_models(visit):
    visit.page.get_by_test_id("model-library-tab-button").click()
    visit.page.get_by_text("checkpoints", exact=True).first.click()
    visit.page.get_by_text("Limner mini").first.wait_for()
    visit.shot("11-models")
    visit.page.get_by_test_id("model-library-tab-button").click()


def paints_a_mask(visit):
    picture = next((visit.server.data / "output").glob("*.png"))
    visit.page.evaluate("() => window.app.graph.clear()")
    visit.page.evaluate("() => { window.app.graph.add(window.LiteGraph.createNode('LoadImage')) }")
    with visit.page.expect_response(lambda answer: answer.url.endswith("/upload/image")) as sent:
        with visit.page.expect_file_chooser() as chooser:
            visit.page.evaluate(
                "() => window.app.graph.nodes[0].widgets.find(widget => widget.name === 'upload').callback()"
            )
        chooser.value.set_files(picture)
    assert sent.value.ok
    visit.page.wait_for_function("() => window.app.graph.nodes[0].imgs?.[0]?.naturalWidth > 0")
    visit.shot("12-picture-uploaded")
    visit.page.evaluate(
        """() => {
            window.app.canvas.selectNode(window.app.graph.nodes[0])
            window.app.extensionManager.command.execute('Comfy.MaskEditor.OpenMaskEditor')
        }"""
    )
    visit.page.wait_for_timeout(4000)
    visit.page.mouse.move(640, 420)
    visit.page.mouse.down()
    visit.page.mouse.move(760, 480, steps=12)
    visit.page.mouse.up()
    visit.shot("13-mask-editor")
    before = visit.requests[("POST", "/api/upload/image")]
    visit.page.get_by_role("button", name="Save").first.click()
    deadline = time.monotonic() + 60
    while visit.requests[("POST", "/api/upload/image")] < before + 4 and time.monotonic() < deadline:
        visit.page.wait_for_timeout(300)
    assert visit.requests[("POST", "/api/upload/image")] >= before + 4
    visit.page.wait_for_timeout(2000)
    visit.shot("14-masked")


def set_steps(visit, steps):
    visit.page.evaluate(
        """steps => {
            const node = window.app.graph.nodes.find(node => node.type === 'KSampler')
            node.widgets.find(widget => widget.name === 'steps').value = steps
            window.app.canvas.ds.scale = 0.7
        }""",
        steps,
    )


def dismiss(visit):
    """Closes whatever dialogs are open; on a slow machine one may take its time, and another follow."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        visit.page.wait_for_timeout(600)
        if not visit.page.locator("[role=dialog]:visible").count():
            return
        visit.page.keyboard.press("Escape")
    raise TimeoutError("a dialog stays open")
