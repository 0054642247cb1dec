"""``utils.json_util``: merges documents."""

from comfy_host.missing import absent


def merge_json_recursive(base, update):
    """Two documents as one: objects key by key, lists one after the other, else the second."""
    if isinstance(base, dict) and isinstance(update, dict):
        merged = dict(base)
        for key, value in update.items():
            merged[key] = merge_json_recursive(merged[key], value) if key in merged else value
        return merged
    if isinstance(base, list) and isinstance(update, list):
        return base + update
    return update


__getattr__ = absent(__name__)
