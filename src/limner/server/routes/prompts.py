"""What prompts are made with: styles, wildcards, and a text with both as it is drawn: ``/limner/prompts/expand``."""

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from limner.accounts.records import Scope
from limner.dialects.a1111.styles import Style, styled, write_styles
from limner.dialects.recall.infotext_settings import without_loras
from limner.dialects.recall.known_models import with_known_models
from limner.graph.errors import DocumentError, LimnerError, StorageError
from limner.graph.prompt_choices import drawn
from limner.server.a1111.models import model_files
from limner.server.a1111.styles import FILE, prompt_styles
from limner.server.bodies import beside, read_object
from limner.server.caller import folders_of
from limner.server.limits import check_storage
from limner.server.replies import empty_reply, error_reply, json_reply
from limner.server.route import SERVICE, route
from limner.server.user_files import UserFiles, exists
from limner.server.users import ONLY_USER
from limner.server.whole_files import store_whole
from limner.storage.folders import Folders
from limner.storage.wildcard_files import FOLDER, WildcardFiles, own_wildcards

MOST_STYLES, LONGEST = 5_000, 100_000
LARGEST_SEED = (1 << 64) - 1


@route("GET", "/limner/styles")
async def styles(request: web.Request) -> web.Response:
    """Pieces of prompts under names, from the table that A1111's clients use as well."""
    found = await prompt_styles(request)
    shown = [{"name": one.name, "prompt": one.prompt, "negative": one.negative_prompt} for one in found]
    return json_reply({"styles": shown})


@route("PUT", "/limner/styles")
async def save_styles(request: web.Request) -> web.Response:
    """Replaces all of them: ``{"styles": [{"name", "prompt", "negative"}]}``."""
    await check_storage(request)
    try:
        found = _styles((await read_object(request)).get("styles"))
    except DocumentError as error:
        return error_reply(400, "invalid_body", str(error))
    path, text = folders_of(request).user / ONLY_USER / FILE, write_styles(found)
    await beside(lambda: store_whole(path, text.encode()))
    return empty_reply(204)


@route("GET", "/limner/wildcards")
async def wildcards(request: web.Request) -> web.Response:
    """The names that may stand between double underscores, and whether each is the caller's own to change."""
    folders = folders_of(request)

    def read() -> web.Response:
        names, own = WildcardFiles(folders).names(), own_wildcards(folders)
        return json_reply({"wildcards": [{"name": name, "own": exists_own(own, name)} for name in names]})

    def exists_own(own: Any, name: str) -> bool:
        return exists(own / f"{name}.txt", lambda path: path.is_file())

    return await _answered(read)


@route("GET", "/limner/wildcards/{wildcard}")
async def wildcard(request: web.Request) -> web.Response:
    """The lines of one of the caller's own."""
    return await _with_own(request, lambda files, name: json_reply({"text": files.locate(name).read_text("utf-8-sig")}))


@route("PUT", "/limner/wildcards/{wildcard}")
async def save_wildcard(request: web.Request) -> web.Response:
    """Saves one: ``{"text": an option a line}``."""
    await check_storage(request)
    text = (await _body(request)).get("text")
    if not isinstance(text, str):
        return error_reply(400, "invalid_body", "'text' should be a text with an option a line.")

    def write(files: UserFiles, name: str) -> web.Response:
        files.write(name, text.encode(), overwrite=True)
        return empty_reply(204)

    return await _with_own(request, write)


@route("DELETE", "/limner/wildcards/{wildcard}")
async def delete_wildcard(request: web.Request) -> web.Response:
    """Removes one."""

    def delete(files: UserFiles, name: str) -> web.Response:
        files.delete(name)
        return empty_reply(204)

    return await _with_own(request, delete)


@route("POST", "/limner/prompts/expand", access=Scope.READ_OWN)
async def expand(request: web.Request) -> web.Response:
    """A prompt as it is drawn: ``{"text", "negative"?, "seed"?, "styles"?}``; LoRAs that it names are taken out."""
    body = await _body(request)
    texts, seed = [body.get("text", ""), body.get("negative", "")], body.get("seed", 0)
    if not all(isinstance(text, str) and len(text) <= LONGEST for text in texts):
        return error_reply(400, "invalid_body", f"'text' and 'negative' should be texts of at most {LONGEST} letters.")
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= LARGEST_SEED:
        return error_reply(400, "invalid_body", "'seed' should be a whole number.")
    names = body.get("styles")
    chosen = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    known, folders = await prompt_styles(request), folders_of(request)
    whole = [styled(text, chosen, known, negative=at == 1) for at, text in enumerate(texts)]
    service = request.app[SERVICE]

    def draw() -> web.Response:
        text, negative = _drawn(whole, seed, folders)
        text, loras = without_loras(text)
        named = with_known_models({"lora.list": loras}, {"loras": model_files(service, "loras")}) if loras else {}
        return json_reply({"text": text, "negative": negative, "loras": named.get("lora.list", [])})

    return await _answered(draw)


def _drawn(texts: list[str], seed: int, folders: Folders) -> list[str]:
    options = WildcardFiles(folders).options
    return [drawn(text, seed, options) if "__" in text or "{" in text else text for text in texts]


def _styles(entries: Any) -> list[Style]:
    """Raises DocumentError if they are none."""
    if not isinstance(entries, list) or len(entries) > MOST_STYLES:
        raise DocumentError(f"'styles' should be a list of at most {MOST_STYLES}.")
    found = []
    for entry in entries:
        fields = entry if isinstance(entry, Mapping) else {}
        parts = [fields.get("name", ""), fields.get("prompt", ""), fields.get("negative", "")]
        if not all(isinstance(part, str) and len(part) <= LONGEST for part in parts) or not parts[0].strip():
            raise DocumentError("A style should have a 'name', a 'prompt' and a 'negative', all texts.")
        found.append(Style(parts[0].strip(), parts[1], parts[2]))
    return found


async def _body(request: web.Request) -> Mapping[str, Any]:
    try:
        return await read_object(request)
    except DocumentError:
        return {}


async def _with_own(request: web.Request, work: Callable[[UserFiles, str], web.Response]) -> web.Response:
    """Works with a wildcard of the caller's, whose name is in the path."""
    files, name = UserFiles(folders_of(request).user / ONLY_USER), request.match_info["wildcard"]
    if any(part.startswith(".") for part in name.replace("\\", "/").split("/")):
        return error_reply(403, "forbidden", f"{name!r:.100} is no name of a wildcard.")
    return await _answered(lambda: work(files, f"{FOLDER}/{name}.txt"))


async def _answered(work: Callable[[], web.Response]) -> web.Response:
    def answer() -> web.Response:
        try:
            return work()
        except StorageError as error:
            return error_reply(403, "forbidden", str(error))
        except LimnerError as error:
            return error_reply(400, "invalid_prompt", str(error))
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return error_reply(404, "not_found", "There is no such wildcard among your own.")
        except (OSError, ValueError) as error:
            return error_reply(400, "invalid_name", f"It cannot be stored there ({error}).")

    return await beside(answer)
