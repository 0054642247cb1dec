"""What an app is: a workflow, what its author says of it, and the inputs that were found in it."""

import re
from typing import Any, Literal

import msgspec

from limner.graph.prompts import Place

Kind = Literal["text", "integer", "number", "boolean", "choice", "image", "file"]

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,47}")
"""Names of apps. Tools are called by them with a verb before it, and such names have at most 64 characters."""

MODEL = "app/"
"""What an app's name begins with where models are named."""

INPUT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


def app_named(model: str) -> str:
    """The app that a model's name means; empty: none, it is another model."""
    name = model.removeprefix(MODEL)
    return name if name != model and NAME.fullmatch(name) else ""


class AppInput(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an app asks for.

    Attributes:
        name: Its field in requests.
        kind: What it takes.
        places: Where it goes: node ids and their inputs.
        default: What is taken if nothing is sent.
        required: Something must be sent.
        least: The smallest number,
        most: and the largest one.
        choices: What may be chosen.
        description: One sentence for people and models.
        random: A seed: a new one is drawn if none is sent.
        source: What named it: ``declared``, ``placeholder``, ``title``, ``page`` or ``found``.
    """

    name: str
    kind: Kind
    places: tuple[Place, ...]
    default: Any = None
    required: bool = False
    least: int | float | None = None
    most: int | float | None = None
    choices: tuple[Any, ...] = ()
    description: str = ""
    random: bool = False
    source: str = "found"


class DeclaredInput(msgspec.Struct, frozen=True, kw_only=True):
    """What an author says of an input; what is not said is taken from the workflow.

    Attributes:
        name: Its field in requests.
        node: Id or title of the node that it goes to,
        input: and the input there.
        places: Further ones, ``NODE.INPUT`` each.
    """

    name: str
    node: str | int | None = None
    input: str = ""
    places: tuple[str, ...] = ()
    type: Kind | None = None
    default: Any = None
    min: int | float | None = None
    max: int | float | None = None
    choices: tuple[str | int | float | bool, ...] = ()
    description: str = ""
    required: bool | None = None

    @property
    def is_placed(self) -> bool:
        """Whether the author says where it goes."""
        return self.node is not None or bool(self.places)


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """What an author says of an app.

    Attributes:
        title: What people call it.
        description: What it does, in a sentence.
        inputs: What it asks for; with any placed one, nothing is looked for that is not named.
        outputs: Ids or titles of the output nodes that count; none: all of them.
        image_ids: Ids of picture nodes in the order of their inputs; as text, separated by commas.
        picture: What it may give, for lists: an address on this server.
        tags: Words that it is found by.
        shared: Everybody who may use this server may see it and run it.
    """

    title: str = ""
    description: str = ""
    inputs: tuple[DeclaredInput, ...] = ()
    outputs: tuple[str | int, ...] = ()
    image_ids: str | tuple[str | int, ...] = ()
    picture: str = ""
    tags: tuple[str, ...] = ()
    shared: bool = False


class App(msgspec.Struct, frozen=True, kw_only=True):
    """A saved app.

    Attributes:
        name: In addresses.
        version: Counts from 1; 0: it belongs to the program.
        workflow: As it came: an API or a UI document.
        declaration: What its author says of it.
        created: Milliseconds since the epoch.
    """

    name: str
    version: int
    workflow: dict[str, Any]
    declaration: Declaration = Declaration()
    created: int = 0
