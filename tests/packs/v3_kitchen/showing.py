"""Nodes that save and show."""

import torch
from comfy_api.latest import ComfyAPI, ComfyAPISync, io, ui


class Picture(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            "V3Picture", inputs=[io.Int.Input("count", default=1)], outputs=[io.Image.Output(), io.Mask.Output()]
        )

    @classmethod
    def execute(cls, count):
        return io.NodeOutput(torch.full((count, 8, 6, 3), 0.5), torch.ones(count, 8, 6))


class Preview(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema(
            "V3Preview", inputs=[io.Image.Input("images")], outputs=[io.Image.Output()], is_output_node=True
        )

    @classmethod
    def execute(cls, images):
        return io.NodeOutput(images, ui=ui.PreviewImage(images, cls=cls))


class PreviewMask(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema("V3PreviewMask", inputs=[io.Mask.Input("mask")], is_output_node=True)

    @classmethod
    async def execute(cls, mask):
        return io.NodeOutput(ui=ui.PreviewMask(mask, cls=cls))


class Save(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        forms = ["png", "apng", "webp"]
        return io.Schema(
            "V3Save",
            inputs=[
                io.Image.Input("images"),
                io.Combo.Input("form", options=forms),
                io.String.Input("prefix", default="v3/it"),
            ],
            is_output_node=True,
        )

    @classmethod
    def execute(cls, images, form, prefix):
        if form == "apng":
            return io.NodeOutput(ui=ui.ImageSaveHelper.get_save_animated_png_ui(images, prefix, cls, 6.0, 4))
        if form == "webp":
            saved = ui.ImageSaveHelper.get_save_animated_webp_ui(images, prefix, cls, 6.0, True, 80, 4)
            return io.NodeOutput(ui=saved)
        return io.NodeOutput(ui=ui.ImageSaveHelper.get_save_images_ui(images, filename_prefix=prefix, cls=cls))


class Text(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema("V3Text", inputs=[io.AnyType.Input("value")], is_output_node=True)

    @classmethod
    def execute(cls, value):
        return io.NodeOutput(ui=ui.PreviewText(repr(value)))


class Others(io.ComfyNode):
    """What is shown of files that were saved elsewhere."""

    @classmethod
    def define_schema(cls):
        kinds = ["video", "3d", "audio"]
        return io.Schema("V3Others", inputs=[io.Combo.Input("kind", options=kinds)], is_output_node=True)

    @classmethod
    def execute(cls, kind):
        file = ui.SavedResult("a.bin", "sub", io.FolderType.output)
        if kind == "video":
            return io.NodeOutput(ui=ui.PreviewVideo([file]))
        if kind == "3d":
            return io.NodeOutput(ui=ui.PreviewUI3D("a.glb", {"zoom": 1}))
        return io.NodeOutput(ui=ui.SavedAudios([file]))


class Sound(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema("V3Sound", inputs=[io.Int.Input("channels", default=1)], is_output_node=True)

    @classmethod
    def execute(cls, channels):
        audio = {"waveform": torch.zeros(1, channels, 800), "sample_rate": 8000}
        return io.NodeOutput(ui=ui.PreviewAudio(audio, cls=cls))


class Progress(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema("V3Progress", inputs=[io.Int.Input("steps")], is_output_node=True)

    @classmethod
    async def execute(cls, steps):
        api = ComfyAPI()
        for step in range(steps):
            await api.execution.set_progress(step + 1, steps, preview_image=torch.zeros(1, 40, 20, 3))
        return io.NodeOutput(ui={"steps": [steps]})


class ProgressSync(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema("V3ProgressSync", inputs=[io.Int.Input("steps")], is_output_node=True)

    @classmethod
    def execute(cls, steps):
        for step in range(steps):
            ComfyAPISync().execution.set_progress(value=step + 1, max_value=steps)
        return io.NodeOutput()


SHOWING_NODES = [Picture, Preview, PreviewMask, Save, Text, Others, Sound, Progress, ProgressSync]
