"""A pack that is one file."""


class FlatDouble:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"value": ("FLOAT", {"default": 1.0})}}

    RETURN_TYPES = ("FLOAT",)
    FUNCTION = "double"

    def double(self, value):
        return (value * 2,)


NODE_CLASS_MAPPINGS = {"FlatDouble": FlatDouble}
