"""A1111's routes for the OpenAPI document: method, path, what each does, what it takes and what it answers."""

from typing import Any, NamedTuple

Schema = dict[str, Any]


class Described(NamedTuple):
    """A route.

    Attributes:
        method: In lower case.
        path: From the server's root.
        summary: For people.
        answer: Schema of the answer's body.
        body: Schema of the request's; None: it has none.
        query: Schemas of what may stand behind the path.
    """

    method: str
    path: str
    summary: str
    answer: Schema
    body: Schema | None = None
    query: dict[str, Schema] = {}  # noqa: RUF012 - a table's constant


def named(name: str) -> Schema:
    """A schema among the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def listed(**fields: Schema) -> Schema:
    """A list of objects."""
    return {"type": "array", "items": record(**fields)}


def record(**fields: Schema) -> Schema:
    """An object that has all of these fields, and maybe more."""
    return {"type": "object", "properties": fields, "required": list(fields)}


def loose(**fields: Schema) -> Schema:
    """An object that may have these fields; others are ignored."""
    return {"type": "object", "properties": fields}


TEXT: Schema = {"type": "string"}
WORDS: Schema = {"type": ["string", "null"]}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
TRUTH: Schema = {"type": "boolean"}
MAYBE_TRUTH: Schema = {"type": ["boolean", "null"]}
OBJECT: Schema = {"type": "object"}
TEXTS: Schema = {"type": "array", "items": TEXT}
NULL: Schema = {"type": "null"}
NOTHING: Schema = {"type": "object", "additionalProperties": False}
PICTURE: Schema = {"type": "string", "contentEncoding": "base64", "description": "Also as a data URI."}
PICTURES: Schema = {"type": "array", "items": {"type": "string", "contentEncoding": "base64"}}
ANYTHING: Schema = {}

SHARE: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
SIDE: Schema = {"type": ["integer", "null"], "minimum": 1, "maximum": 16384}
ENLARGING: dict[str, Schema] = {
    "resize_mode": {"enum": [0, 1, None]},
    "show_extras_results": MAYBE_TRUTH,
    "gfpgan_visibility": {"enum": [0, None]},
    "codeformer_visibility": {"enum": [0, None]},
    "codeformer_weight": SHARE,
    "upscaling_resize": {"type": ["number", "null"], "minimum": 0.01, "maximum": 16},
    "upscaling_resize_w": SIDE,
    "upscaling_resize_h": SIDE,
    "upscaling_crop": MAYBE_TRUTH,
    "upscaler_1": WORDS,
    "upscaler_2": WORDS,
    "extras_upscaler_2_visibility": SHARE,
    "upscale_first": MAYBE_TRUTH,
}
STATE = record(
    skipped=TRUTH,
    interrupted=TRUTH,
    stopping_generation=TRUTH,
    job=TEXT,
    job_count=WHOLE,
    job_timestamp=TEXT,
    job_no=WHOLE,
    sampling_step=WHOLE,
    sampling_steps=WHOLE,
)
ARGUMENT = record(label=TEXT, value=ANYTHING, minimum=ANYTHING, maximum=ANYTHING, step=ANYTHING, choices=ANYTHING)
KIND = record(module_list=TEXTS, model_list=TEXTS, default_option=TEXT, default_model=TEXT)
MAYBE_NUMBER: Schema = {"type": ["number", "null"]}

SD, INTERNAL, CONTROL = "/sdapi/v1", "/internal", "/controlnet"

ROUTES: tuple[Described, ...] = (
    Described("post", f"{SD}/txt2img", "Pictures by a prompt.", named("Drawn"), named("FromText")),
    Described("post", f"{SD}/img2img", "Pictures from pictures.", named("Drawn"), named("FromPicture")),
    Described(
        "post",
        f"{SD}/extra-single-image",
        "A picture, enlarged.",
        record(html_info=TEXT, image=PICTURE),
        loose(image=PICTURE, **ENLARGING),
    ),
    Described(
        "post",
        f"{SD}/extra-batch-images",
        "Pictures, enlarged.",
        record(html_info=TEXT, images=PICTURES),
        loose(imageList={"type": "array", "items": loose(data=PICTURE, name=WORDS)}, **ENLARGING),
    ),
    Described(
        "post",
        f"{SD}/png-info",
        "How a picture was made, as far as its file says so.",
        record(info=TEXT, items=OBJECT, parameters=OBJECT),
        loose(image=PICTURE),
    ),
    Described(
        "post",
        f"{SD}/interrogate",
        "A picture in words.",
        record(caption=TEXT),
        loose(image=PICTURE, model={"enum": ["clip", "deepdanbooru", None]}),
    ),
    Described(
        "get",
        f"{SD}/progress",
        "How far the drawing is.",
        record(
            progress=NUMBER, eta_relative=NUMBER, state=STATE, current_image=WORDS, textinfo=WORDS, current_task=WORDS
        ),
        None,
        {"skip_current_image": TRUTH},
    ),
    Described("post", f"{SD}/interrupt", "Stops what is drawn; what is finished is answered.", NOTHING),
    Described("post", f"{SD}/skip", "Leaves the picture that is drawn now.", NULL),
    Described("get", f"{SD}/options", "All options.", OBJECT),
    Described("post", f"{SD}/options", "Sets options.", NULL, OBJECT),
    Described("get", f"{SD}/cmd-flags", "How the server was started.", OBJECT),
    Described("get", f"{SD}/samplers", "Samplers.", listed(name=TEXT, aliases=TEXTS, options=OBJECT)),
    Described(
        "get",
        f"{SD}/schedulers",
        "Schedules.",
        listed(name=TEXT, label=TEXT, aliases=ANYTHING, default_rho=NUMBER, need_inner_model=TRUTH),
    ),
    Described(
        "get",
        f"{SD}/upscalers",
        "Ways to enlarge a picture.",
        listed(name=TEXT, model_name=WORDS, model_path=WORDS, model_url=WORDS, scale=NUMBER),
    ),
    Described("get", f"{SD}/latent-upscale-modes", "Ways to enlarge a latent.", listed(name=TEXT)),
    Described(
        "get",
        f"{SD}/sd-models",
        "Checkpoints.",
        listed(title=TEXT, model_name=TEXT, hash=WORDS, sha256=WORDS, filename=TEXT, config=WORDS),
    ),
    Described("get", f"{SD}/sd-vae", "Autoencoders.", listed(model_name=TEXT, filename=TEXT)),
    Described("get", f"{SD}/sd-modules", "Autoencoders and text encoders.", listed(model_name=TEXT, filename=TEXT)),
    Described("get", f"{SD}/loras", "LoRAs.", listed(name=TEXT, alias=TEXT, path=TEXT, metadata=OBJECT)),
    Described("get", f"{SD}/embeddings", "Learned words.", record(loaded=OBJECT, skipped=OBJECT)),
    Described("get", f"{SD}/hypernetworks", "Hypernetworks.", listed(name=TEXT, path=TEXT)),
    Described("get", f"{SD}/face-restorers", "Networks that mend faces.", listed(name=TEXT, cmd_dir=WORDS)),
    Described("get", f"{SD}/realesrgan-models", "Networks that enlarge.", listed(name=TEXT, path=TEXT, scale=NUMBER)),
    Described("get", f"{SD}/prompt-styles", "Pieces of prompts.", listed(name=TEXT, prompt=TEXT, negative_prompt=TEXT)),
    Described("get", f"{SD}/extensions", "Extensions.", {"type": "array"}),
    Described("get", f"{SD}/scripts", "Scripts by tab.", record(txt2img=TEXTS, img2img=TEXTS)),
    Described(
        "get",
        f"{SD}/script-info",
        "Scripts, with what they may be told.",
        listed(name=TEXT, is_alwayson=TRUTH, is_img2img=TRUTH, args={"type": "array", "items": ARGUMENT}),
    ),
    *(
        Described("post", f"{SD}/refresh-{kind}", "Nothing to do: lists follow their folders.", NULL)
        for kind in ("checkpoints", "vae", "loras", "embeddings")
    ),
    Described("post", f"{SD}/unload-checkpoint", "Gives back the memory that models take.", NOTHING),
    Described("post", f"{SD}/reload-checkpoint", "Nothing to do: models are loaded when they are needed.", NOTHING),
    Described("get", f"{SD}/memory", "Main memory and the device's.", record(ram=OBJECT, cuda=OBJECT)),
    Described(
        "post",
        f"{INTERNAL}/progress",
        "How far a task is.",
        record(
            active=TRUTH,
            queued=TRUTH,
            completed=TRUTH,
            progress=MAYBE_NUMBER,
            eta=MAYBE_NUMBER,
            live_preview=WORDS,
            id_live_preview=WHOLE,
            textinfo=WORDS,
        ),
        loose(id_task=WORDS, id_live_preview={"type": ["integer", "null"]}, live_preview=MAYBE_TRUTH),
    ),
    Described("get", f"{INTERNAL}/pending-tasks", "Tasks that wait.", record(size=WHOLE, tasks=TEXTS)),
    Described("get", f"{INTERNAL}/ping", "The server lives.", NOTHING),
    Described("get", f"{CONTROL}/version", "Version of ControlNet's fields.", record(version=WHOLE)),
    Described("get", f"{CONTROL}/model_list", "Control networks.", record(model_list=TEXTS)),
    Described("get", f"{CONTROL}/module_list", "Preprocessors.", record(module_list=TEXTS, module_detail=OBJECT)),
    Described(
        "get",
        f"{CONTROL}/control_types",
        "Preprocessors by kind.",
        record(control_types={"type": "object", "additionalProperties": KIND}),
    ),
    Described(
        "post",
        f"{CONTROL}/detect",
        "What preprocessors make of pictures.",
        record(images=PICTURES, info=TEXT),
        loose(
            controlnet_module=TEXT,
            controlnet_input_images=PICTURES,
            controlnet_processor_res={"type": ["integer", "null"]},
            controlnet_threshold_a=MAYBE_NUMBER,
            controlnet_threshold_b=MAYBE_NUMBER,
        ),
    ),
)

_UNREADABLE = "A picture that cannot be read; A1111 has this status for it."
FAILING = {
    **dict.fromkeys((f"{SD}/img2img", f"{SD}/txt2img", f"{SD}/png-info", f"{SD}/interrogate"), _UNREADABLE),
    **dict.fromkeys((f"{SD}/extra-single-image", f"{SD}/extra-batch-images", f"{CONTROL}/detect"), _UNREADABLE),
    f"{SD}/options": "A checkpoint that nobody has; A1111 has this status for it.",
}
"""What a 500 means where it is an answer to what clients send."""
