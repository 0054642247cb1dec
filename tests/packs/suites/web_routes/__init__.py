"""Routes, events, prompt handlers and a web directory."""

import json
import os
import threading

import execution
import folder_paths
import nodes
from aiohttp import web
from comfy.cli_args import args
from server import BinaryEventTypes, PromptServer

CATEGORY = "suite/web"
WEB_DIRECTORY = "./web/js"
HERE = os.path.dirname(os.path.realpath(__file__))
STATE = {"prompts": 0, "notes": {}}
LOCK = threading.Lock()
folder_paths.add_model_folder_path("suite_notes", os.path.join(folder_paths.models_dir, "suite_notes"))
folder_paths.folder_names_and_paths["suite_notes"] = (
    folder_paths.folder_names_and_paths["suite_notes"][0],
    {".txt"},
)

routes = PromptServer.instance.routes


@routes.get("/suite/state")
async def state(request):
    return web.json_response({"prompts": STATE["prompts"], "port": isinstance(args.port, int)})


@routes.post("/suite/notes/{name}")
async def put_note(request):
    with LOCK:
        STATE["notes"][request.match_info["name"]] = await request.json()
    PromptServer.instance.send_sync("suite.note", {"name": request.match_info["name"]})
    return web.json_response({"ok": True}, status=201)


@routes.get("/suite/notes/{name}")
async def get_note(request):
    name = request.match_info["name"]
    if name not in STATE["notes"]:
        return web.Response(status=404, text="no such note")
    return web.json_response(STATE["notes"][name])


@routes.delete("/suite/notes/{name}")
async def drop_note(request):
    STATE["notes"].pop(request.match_info["name"], None)
    return web.Response(status=204)


@routes.post("/suite/upload")
async def upload(request):
    form = await request.post()
    return web.json_response({"size": len(form["file"].file.read()), "name": form["file"].filename})


@routes.get("/suite/stream")
async def stream(request):
    response = web.StreamResponse(headers={"X-Suite": "yes"})
    await response.prepare(request)
    for number in range(3):
        await response.write(f"{number}\n".encode())
    return response


@routes.get("/suite/boom")
async def boom(request):
    raise RuntimeError("a route of a pack failed")


def on_prompt(data):
    STATE["prompts"] += 1
    for node in data.get("prompt", {}).values():
        inputs = node.get("inputs", {}) if isinstance(node, dict) else {}
        for name, value in inputs.items():
            if value == "%suite%":
                inputs[name] = "from the handler"
    return data


PromptServer.instance.add_on_prompt_handler(on_prompt)


def value_node(name, kind, default, **options):
    def run(self, value):
        return (value,)

    return type(
        name,
        (),
        {
            "CATEGORY": CATEGORY,
            "FUNCTION": "run",
            "RETURN_TYPES": (kind,),
            "INPUT_TYPES": classmethod(lambda cls: {"required": {"value": (kind, {"default": default, **options})}}),
            "run": run,
        },
    )


SuiteSlider = value_node("SuiteSlider", "INT", 5, min=0, max=10, display="slider")
SuiteKnob = value_node("SuiteKnob", "FLOAT", 0.5, min=0.0, max=1.0, step=0.01, display="knob")
SuiteToggle = value_node("SuiteToggle", "BOOLEAN", True, label_on="on", label_off="off")
SuiteNote = value_node("SuiteNote", "STRING", "", multiline=True, placeholder="write")
SuiteHex = value_node("SuiteHex", "STRING", "#ff0000")
SuiteSeed = value_node("SuiteSeed", "INT", 0, min=0, max=2**64 - 1, control_after_generate=True)


def tell_node(name, tell):
    def run(self, text, unique_id=None, extra_pnginfo=None):
        tell(text, unique_id)
        return {"ui": {"text": [text]}}

    return type(
        name,
        (),
        {
            "CATEGORY": CATEGORY,
            "FUNCTION": "run",
            "RETURN_TYPES": (),
            "OUTPUT_NODE": True,
            "INPUT_TYPES": classmethod(
                lambda cls: {
                    "required": {"text": ("STRING", {"default": ""})},
                    "hidden": {"unique_id": "UNIQUE_ID", "extra_pnginfo": "EXTRA_PNGINFO"},
                }
            ),
            "run": run,
        },
    )


server = PromptServer.instance
SuiteTellAll = tell_node("SuiteTellAll", lambda text, node: server.send_sync("suite.all", {"text": text, "node": node}))
SuiteTellClient = tell_node(
    "SuiteTellClient", lambda text, node: server.send_sync("suite.one", {"text": text, "node": node}, server.client_id)
)
SuiteProgressText = tell_node("SuiteProgressText", lambda text, node: server.send_progress_text(text, node))
SuiteRaw = tell_node(
    "SuiteRaw", lambda text, node: server.send_sync(BinaryEventTypes.TEXT, b"\x00\x00\x00\x01" + b"9" + text.encode())
)
SuiteLastNode = tell_node("SuiteLastNode", lambda text, node: STATE["notes"].__setitem__("last", server.last_node_id))
SuiteRemember = tell_node("SuiteRemember", lambda text, node: STATE["notes"].__setitem__("remembered", text))
SuiteQueueLength = tell_node(
    "SuiteQueueLength",
    lambda text, node: STATE["notes"].__setitem__("queue", server.prompt_queue.get_tasks_remaining()),
)


class SuiteNoteFile:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("STRING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"name": (folder_paths.get_filename_list("suite_notes"),)}}

    def run(self, name):
        with open(folder_paths.get_full_path("suite_notes", name), encoding="utf-8") as file:
            return (file.read(),)


class SuiteFolders:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("STRING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"kind": (["output", "input", "temp", "user", "models"],)}}

    def run(self, kind):
        found = {
            "output": folder_paths.get_output_directory,
            "input": folder_paths.get_input_directory,
            "temp": folder_paths.get_temp_directory,
            "user": folder_paths.get_user_directory,
            "models": lambda: folder_paths.models_dir,
        }
        return (os.path.basename(found[kind]()),)


class SuiteMetadata:
    """Changes what is written into pictures after it."""

    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("IMAGE",)

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "image": ("IMAGE",),
                "key": ("STRING", {"default": "suite"}),
                "text": ("STRING", {"default": ""}),
            },
            "hidden": {"extra_pnginfo": "EXTRA_PNGINFO", "prompt": "PROMPT"},
        }

    def run(self, image, key, text, extra_pnginfo=None, prompt=None):
        if extra_pnginfo is not None:
            extra_pnginfo[key] = {"text": text, "nodes": len(prompt or {})}
        return (image,)


class SuiteCoreNames:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("INT", "BOOLEAN")

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"name": ("STRING", {"default": "KSampler"})}}

    def run(self, name):
        return (len(nodes.NODE_CLASS_MAPPINGS), name in nodes.NODE_CLASS_MAPPINGS)


class SuiteWidgetsAsHidden:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("STRING",)

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"text": ("STRING", {"default": ""})},
            "hidden": {"secret": ("INT", {"default": 3}), "my_id": "UNIQUE_ID"},
        }

    def run(self, text, secret=None, my_id=None):
        return (json.dumps([text, secret, my_id]),)


class SuiteExecutor:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("BOOLEAN",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {}}

    def run(self):
        return (hasattr(execution, "PromptExecutor"),)


class SuiteInterrupt:
    CATEGORY, FUNCTION, RETURN_TYPES = CATEGORY, "run", ("INT",)

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("INT", {"default": 0})}}

    def run(self, value):
        nodes.interrupt_processing()
        nodes.before_node_execution()
        return (value,)


NODE_CLASS_MAPPINGS = {
    name: value for name, value in list(globals().items()) if isinstance(value, type) and name.startswith("Suite")
}
NODE_DISPLAY_NAME_MAPPINGS = {"SuiteSlider": "Slider"}
