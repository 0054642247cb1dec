"""A V3 pack, which brings its web folder in its project file."""

from comfy_api.latest import ComfyExtension, io


class ThirdAdd(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            node_id="ThirdAdd",
            display_name="Third add",
            category="test",
            inputs=[io.Int.Input("a", default=1, min=0, max=9), io.Int.Input("b", default=2)],
            outputs=[io.Int.Output()],
        )

    @classmethod
    def execute(cls, a, b):
        return io.NodeOutput(a + b)


class Extension(ComfyExtension):
    async def get_node_list(self):
        return [ThirdAdd]


async def comfy_entrypoint():
    return Extension()
