"""Limner's Python client and workflow builder. Speaks HTTP and WebSocket; needs nothing of the server's code.

from limner_client import Client, text_to_image

with Client("http://127.0.0.1:8188") as client:
    built = text_to_image("a red apple", checkpoint="model.safetensors")
    for picture in client.run(built.workflow).pictures:
        picture.save("apple.png")
"""

from limner_client.async_client import AsyncClient, AsyncJob
from limner_client.catalogue import Nodes
from limner_client.client import Client, Job
from limner_client.errors import (
    AnswerError,
    ClientError,
    JobFailedError,
    JobInterruptedError,
    RefusedError,
    UnreachableError,
    WaitTimeoutError,
)
from limner_client.messages import Event, Preview, Progress
from limner_client.nodes import Node, Output
from limner_client.results import File, Picture, Result
from limner_client.text_to_image import BuiltWorkflow, TextToImage, text_to_image
from limner_client.workflow import Workflow

__all__ = [
    "AnswerError",
    "AsyncClient",
    "AsyncJob",
    "BuiltWorkflow",
    "Client",
    "ClientError",
    "Event",
    "File",
    "Job",
    "JobFailedError",
    "JobInterruptedError",
    "Node",
    "Nodes",
    "Output",
    "Picture",
    "Preview",
    "Progress",
    "RefusedError",
    "Result",
    "TextToImage",
    "UnreachableError",
    "WaitTimeoutError",
    "Workflow",
    "text_to_image",
]
