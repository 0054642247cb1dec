"""A worker draws a small picture before anybody asks: libraries are imported and the built-in model is loaded then."""

import contextlib
import logging
import os
import threading
from typing import Any

from limner.engine.events import AnyEvent, Failed
from limner.engine.run import RunRequest, Worker
from limner.graph.api_document import from_document
from limner.storage.builtin import BUILTIN_CHECKPOINT, BUILTIN_SIZE, builtin_checkpoint

JOB = "warm-up"

LOG = logging.getLogger(__name__)


def warm_up(worker: Worker) -> None:
    """Has a worker draw two steps of a picture with the built-in model, and keeps nothing of it. Never raises."""
    if builtin_checkpoint() is None:
        return
    _yield_to_others()
    document = _document()
    request = RunRequest(job=JOB, graph=from_document(document), targets=("picture",), document=document)
    try:
        worker.run(request, _tell)
    except Exception:
        LOG.exception("The worker could not be warmed up; jobs run all the same.")


def _yield_to_others() -> None:
    """Lets this thread compute when nobody else wants to: a person may be opening the studio just now."""
    with contextlib.suppress(OSError, AttributeError):  # only Linux knows threads by number
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def _tell(event: AnyEvent) -> None:
    if isinstance(event, Failed):
        LOG.warning("The worker could not be warmed up: %s", event.failure.message)


def _document() -> dict[str, Any]:
    def node(kind: str, **inputs: Any) -> dict[str, Any]:
        return {"class_type": kind, "inputs": inputs}

    sampling = {"seed": 0, "steps": 2, "cfg": 4.0, "sampler_name": "dpmpp_2m", "scheduler": "karras", "denoise": 1.0}
    return {
        "model": node("CheckpointLoaderSimple", ckpt_name=BUILTIN_CHECKPOINT),
        "words": node("CLIPTextEncode", text="a red apple", clip=["model", 1]),
        "nothing": node("CLIPTextEncode", text="", clip=["model", 1]),
        "latent": node("EmptyLatentImage", width=BUILTIN_SIZE, height=BUILTIN_SIZE, batch_size=1),
        "steps": node(
            "KSampler",
            **sampling,
            model=["model", 0],
            positive=["words", 0],
            negative=["nothing", 0],
            latent_image=["latent", 0],
        ),
        "picture": node("VAEDecode", samples=["steps", 0], vae=["model", 2]),
    }
