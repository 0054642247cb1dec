"""Nodes that look into folders, in the ways in which packs do; a route; a message for everybody."""

import os

import folder_paths
from aiohttp import web
from server import PromptServer


class OwnedPlaces:
    """Where an object was made, and where it is called."""

    def __init__(self):
        self.made = folder_paths.get_output_directory()

    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"text": ("STRING", {"default": ""})}}

    RETURN_TYPES = ("STRING",)
    FUNCTION = "tell"
    CATEGORY = "owned"

    def tell(self, text):
        places = [self.made, folder_paths.get_output_directory(), folder_paths.get_annotated_filepath("a.png")]
        PromptServer.instance.send_sync("owned.message", {"text": text})
        with open(os.path.join(folder_paths.get_output_directory(), "noted.txt"), "a") as file:
            file.write(text)
        return ("|".join(places),)


@PromptServer.instance.routes.get("/owned/keys")
async def keys(request):
    return web.json_response({"headers": sorted(map(str.lower, request.headers)), "query": request.query_string})


@PromptServer.instance.routes.post("/owned/change")
async def change(request):
    return web.json_response({})


NODE_CLASS_MAPPINGS = {f"OwnedPlaces{os.path.basename(os.path.dirname(__file__))}": OwnedPlaces}
