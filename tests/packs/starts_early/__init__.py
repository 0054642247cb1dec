"""Has a script that runs before everything else, and a folder of models of its own."""

import os

import folder_paths

SEEN = os.environ.get("STARTS_EARLY", "")


class EarlyModels:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"name": (folder_paths.get_filename_list("early_models"),)}}

    RETURN_TYPES = ("STRING", "STRING")
    FUNCTION = "run"
    OUTPUT_NODE = True

    def run(self, name):
        return {
            "ui": {"path": [folder_paths.get_full_path("early_models", name)], "seen": [SEEN]},
            "result": (name, SEEN),
        }


NODE_CLASS_MAPPINGS = {"EarlyModels": EarlyModels}
