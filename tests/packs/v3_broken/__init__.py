"""Declarations that make no sense, one class for each. Written for the tests."""

from comfy_api.latest import io


def node(name, schema):
    """A class with this schema."""

    class Broken(io.ComfyNode):
        @classmethod
        def define_schema(cls):
            return schema()

        @classmethod
        def execute(cls, **inputs):
            return "a bare value"

    Broken.__name__ = name
    return Broken


class NoExecute(io.ComfyNode):
    @classmethod
    def define_schema(cls):
        return io.Schema("NoExecute", outputs=[io.Int.Output()])


CASES = {
    "repeated input ids": node(
        "A", lambda: io.Schema("A", inputs=[io.Int.Input("a"), io.Float.Input("a")], outputs=[io.Int.Output()])
    ),
    "repeated output ids": node("B", lambda: io.Schema("B", outputs=[io.Int.Output("o"), io.Int.Output("o")])),
    "an empty node_id": node("C", lambda: io.Schema(" ", outputs=[io.Int.Output()])),
    "a class for an output": node("D", lambda: io.Schema("D", outputs=[io.Int.Output])),
    "limits that cross": node("E", lambda: io.Schema("E", inputs=[io.Int.Input("a", min=3, max=1)])),
    "no schema": node("F", lambda: {"required": {}}),
    "an unnamed input": node("G", lambda: io.Schema("G", inputs=[io.Int.Input("")])),
    "repeated ids in an option": node(
        "H",
        lambda: io.Schema(
            "H",
            inputs=[io.DynamicCombo.Input("c", [io.DynamicCombo.Option("k", [io.Int.Input("a"), io.Int.Input("a")])])],
        ),
    ),
    "a template that cannot grow": node(
        "I",
        lambda: io.Schema(
            "I", inputs=[io.Autogrow.Input("a", io.Autogrow.TemplatePrefix(io.Int.Input("x"), "x", min=9, max=3))]
        ),
    ),
    "no execute": NoExecute,
}

BareValue = node("Bare", lambda: io.Schema("Bare", outputs=[io.String.Output()], is_output_node=True))
