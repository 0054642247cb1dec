"""Apps, runs, and the wrapper before BizyAir's workflows."""

from limner.dialects.apps.answer import error_answer
from limner.server.door import Door
from limner.server.route import MIRROR

PLACES = ("/apps", "/runs", "/workflows")

DOOR = Door(
    "apps",
    (*PLACES, *(f"{MIRROR}{place}" for place in PLACES), "/openapi.json", "/comfyui_bizyairapi"),
    lambda status, code, message: error_answer(message, code=code),
)
