"""Needs a name that no host module has."""

from comfy.utils import a_name_that_nobody_has  # noqa: F401

NODE_CLASS_MAPPINGS = {}
