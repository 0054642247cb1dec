"""What A1111's clients choose from: samplers, models, upscalers, styles."""

from pathlib import PurePosixPath
from typing import Any

from aiohttp import web

from limner.dialects.a1111.models import ModelFile, model_list, part_list
from limner.dialects.a1111.names import sampler_list, schedule_list
from limner.dialects.a1111.script import PICTURE, TEXT
from limner.dialects.a1111.spreading import ALWAYS_ON, script_list, scripts_of
from limner.dialects.a1111.upscaler_keys import LATENT_MODES, PLAIN_UPSCALERS
from limner.graph.catalog import Catalog
from limner.graph.errors import WorkerLostError
from limner.server.a1111.door import a1111_route
from limner.server.a1111.models import checkpoints, model_files
from limner.server.a1111.styles import prompt_styles
from limner.server.bodies import beside
from limner.server.model_headers import read_metadata
from limner.server.replies import json_reply
from limner.server.route import SERVICE
from limner.server.starting import known_catalog, starting_reason

NETWORK_SCALE = 4
"""How much a network that enlarges mostly does; which one it is, its weights say."""


@a1111_route("GET", "/samplers")
async def samplers(request: web.Request) -> web.Response:
    """Samplers."""
    catalog = await _catalog(request)
    return json_reply(sampler_list([sampler.name for sampler in catalog.samplers]))


@a1111_route("GET", "/schedulers")
async def schedulers(request: web.Request) -> web.Response:
    """Schedules."""
    catalog = await _catalog(request)
    return json_reply(schedule_list([schedule.name for schedule in catalog.schedules]))


@a1111_route("GET", "/sd-models")
async def sd_models(request: web.Request) -> web.Response:
    """Checkpoints."""
    return json_reply(model_list(await checkpoints(request)))


@a1111_route("GET", "/sd-vae")
async def sd_vae(request: web.Request) -> web.Response:
    """Autoencoders."""
    return json_reply(part_list(await _files(request, "vae")))


@a1111_route("GET", "/sd-modules")
async def sd_modules(request: web.Request) -> web.Response:
    """Autoencoders and text encoders."""
    return json_reply(part_list([*await _files(request, "vae"), *await _files(request, "text_encoders")]))


@a1111_route("GET", "/loras")
async def loras(request: web.Request) -> web.Response:
    """LoRAs, with what their files say of themselves."""
    files = await _files(request, "loras")
    return json_reply(await beside(lambda: [_lora(file) for file in files]))


@a1111_route("GET", "/embeddings")
async def embeddings(request: web.Request) -> web.Response:
    """Learned words."""
    facts = ("step", "sd_checkpoint", "sd_checkpoint_name", "shape", "vectors")
    unread: dict[str, Any] = dict.fromkeys(facts)
    names = [PurePosixPath(file.name).stem for file in await _files(request, "embeddings")]
    return json_reply({"loaded": dict.fromkeys(names, unread), "skipped": {}})


@a1111_route("GET", "/hypernetworks")
async def hypernetworks(request: web.Request) -> web.Response:
    """Hypernetworks."""
    files = await _files(request, "hypernetworks")
    return json_reply([{"name": PurePosixPath(file.name).stem, "path": str(file.path)} for file in files])


@a1111_route("GET", "/upscalers")
async def upscalers(request: web.Request) -> web.Response:
    """Ways to enlarge a picture."""
    plain = [_upscaler(name, None, 1 if name == "None" else NETWORK_SCALE) for name in PLAIN_UPSCALERS]
    networks = [
        _upscaler(PurePosixPath(file.name).stem, str(file.path), NETWORK_SCALE)
        for file in await _files(request, "upscale_models")
    ]
    return json_reply([*plain, *networks])


@a1111_route("GET", "/latent-upscale-modes")
async def latent_upscale_modes(request: web.Request) -> web.Response:
    """Ways to enlarge a latent."""
    return json_reply([{"name": name} for name in LATENT_MODES])


@a1111_route("GET", "/prompt-styles")
async def styles(request: web.Request) -> web.Response:
    """Pieces of prompts under names."""
    return json_reply([style.entry() for style in await prompt_styles(request)])


@a1111_route("GET", "/realesrgan-models")
async def realesrgan_models(request: web.Request) -> web.Response:
    """Networks that enlarge, as far as their names say that they are of this kind."""
    files = [file for file in await _files(request, "upscale_models") if "esrgan" in file.name.casefold()]
    named = [(PurePosixPath(file.name).stem, str(file.path)) for file in files]
    return json_reply([{"name": name, "path": path, "scale": NETWORK_SCALE} for name, path in named])


@a1111_route("GET", "/face-restorers")
async def face_restorers(request: web.Request) -> web.Response:
    """Networks that mend faces: none that this API could name."""
    return json_reply([])


@a1111_route("GET", "/extensions")
async def extensions(request: web.Request) -> web.Response:
    """A1111's extensions do not run here."""
    return json_reply([])


@a1111_route("GET", "/scripts")
async def scripts(request: web.Request) -> web.Response:
    """Scripts that requests may name, by tab."""
    return json_reply({tab: [*(script.name for script in scripts_of(tab)), *ALWAYS_ON] for tab in (TEXT, PICTURE)})


@a1111_route("GET", "/script-info")
async def script_info(request: web.Request) -> web.Response:
    """Scripts one by one, with what they may be told."""
    return json_reply([entry for tab in (TEXT, PICTURE) for entry in script_list(tab)])


async def _catalog(request: web.Request) -> Catalog:
    catalog = await known_catalog(request)
    if catalog is None:
        raise WorkerLostError(starting_reason(request))
    return catalog


async def _files(request: web.Request, kind: str) -> list[ModelFile]:
    return await beside(lambda: model_files(request.app[SERVICE], kind))


def _lora(file: ModelFile) -> dict[str, Any]:
    stem = PurePosixPath(file.name).stem
    try:
        metadata = read_metadata(file.path) or {}
    except OSError:
        metadata = {}
    alias = metadata.get("ss_output_name") or stem
    pictures = ("modelspec.thumbnail", "ssmd_cover_images")
    told = {key: value for key, value in metadata.items() if key not in pictures}
    return {"name": stem, "alias": alias, "path": str(file.path), "metadata": told}


def _upscaler(name: str, path: str | None, scale: int) -> dict[str, Any]:
    return {"name": name, "model_name": None, "model_path": path, "model_url": None, "scale": scale}
