"""Nodes whose inputs stand for several keys of a prompt."""

from comfy_api.latest import io


class Join(io.ComfyNode):
    """As many texts as one likes, at least two."""

    @classmethod
    def define_schema(cls):
        template = io.Autogrow.TemplatePrefix(io.String.Input("text"), prefix="text", min=2, max=5)
        return io.Schema(
            "V3Join",
            inputs=[io.Autogrow.Input("texts", template=template), io.String.Input("between", default="-")],
            outputs=[io.String.Output()],
        )

    @classmethod
    def execute(cls, texts, between):
        return io.NodeOutput(between.join(texts.values()))


class Named(io.ComfyNode):
    """Lazy inputs with names of their own."""

    @classmethod
    def define_schema(cls):
        template = io.Autogrow.TemplateNames(io.AnyType.Input("value", lazy=True), names=["red", "green"], min=0)
        return io.Schema(
            "V3Named",
            inputs=[io.String.Input("pick"), io.Autogrow.Input("values", template=template)],
            outputs=[io.AnyType.Output()],
        )

    @classmethod
    def check_lazy_status(cls, pick, values):
        value, key = values[pick]
        return [key] if value is None else []

    @classmethod
    def execute(cls, pick, values):
        return io.NodeOutput(values[pick])


class Resize(io.ComfyNode):
    """A choice that brings inputs, one of them another choice."""

    @classmethod
    def define_schema(cls):
        inner = io.DynamicCombo.Input(
            "fit",
            options=[
                io.DynamicCombo.Option("crop", [io.Combo.Input("where", options=["centre", "top"])]),
                io.DynamicCombo.Option("pad", []),
            ],
        )
        return io.Schema(
            "V3Resize",
            inputs=[
                io.DynamicCombo.Input(
                    "how",
                    options=[
                        io.DynamicCombo.Option("by factor", [io.Float.Input("factor", default=1.0, min=0.1, max=8.0)]),
                        io.DynamicCombo.Option(
                            "to size", [io.Int.Input("width", min=1, max=99), io.Int.Input("height"), inner]
                        ),
                        io.DynamicCombo.Option("to match", [io.Image.Input("width", optional=True)]),
                    ],
                )
            ],
            outputs=[io.AnyType.Output()],
        )

    @classmethod
    def execute(cls, how):
        return io.NodeOutput(how)


class Slot(io.ComfyNode):
    """A socket that brings a strength once it is linked."""

    @classmethod
    def define_schema(cls):
        slot = io.DynamicSlot.Input(
            io.Mask.Input("mask", optional=True), inputs=[io.Float.Input("strength", default=1.0)]
        )
        return io.Schema("V3Slot", inputs=[slot], outputs=[io.AnyType.Output()])

    @classmethod
    def execute(cls, mask=None):
        return io.NodeOutput(mask)


class Rows(io.ComfyNode):
    """Rows of fields."""

    @classmethod
    def define_schema(cls):
        fields = [io.Combo.Input("name", options=["x", "y"]), io.Float.Input("strength", default=1.0, optional=True)]
        return io.Schema(
            "V3Rows",
            inputs=[io.DynamicGroup.Input("rows", template=fields, min=1, max=4)],
            outputs=[io.AnyType.Output()],
        )

    @classmethod
    def execute(cls, rows):
        return io.NodeOutput(rows)

    @classmethod
    def validate_inputs(cls, rows):
        names = [row["name"] for row in rows]
        return "a name may be used once" if len(set(names)) < len(names) else True


class Same(io.ComfyNode):
    """Inputs and output of one type."""

    @classmethod
    def define_schema(cls):
        template = io.MatchType.Template("T", allowed_types=[io.Image, io.Mask])
        return io.Schema(
            "V3Same",
            inputs=[
                io.MatchType.Input("a", template=template),
                io.MatchType.Input("b", template=template, optional=True),
            ],
            outputs=[io.MatchType.Output(template=template, display_name="same"), io.Int.Output()],
        )

    @classmethod
    def execute(cls, a, b=None):
        return io.NodeOutput(a, 1)


DYNAMIC_NODES = [Join, Named, Resize, Slot, Rows, Same]
