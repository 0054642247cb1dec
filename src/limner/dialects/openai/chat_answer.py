"""What ``/v1/chat/completions`` answers: pictures beside the words of a message, at once or as a stream of chunks."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limner.dialects.openai.images_answer import Made, as_text

OWN = "Limner"
"""Who drew, if no other service did."""

DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What all parts of an answer have in common.

    Attributes:
        name: Of the answer.
        model: That drew.
        made: What the request asked for.
        provider: Who drew.
    """

    name: str
    model: str
    made: Made
    provider: str = OWN

    def usage(self) -> dict[str, Any]:
        """Tokens as chats count them."""
        counted = self.made.usage()
        cost = {"cost": counted["cost"]} if "cost" in counted else {}
        return {
            "prompt_tokens": counted["input_tokens"],
            "completion_tokens": counted["output_tokens"],
            "total_tokens": counted["total_tokens"],
            "prompt_tokens_details": {**counted["input_tokens_details"], "cached_tokens": 0},
            "completion_tokens_details": {**counted["output_tokens_details"], "reasoning_tokens": 0},
            **cost,
        }

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self.name,
            "object": kind,
            "created": self.made.created,
            "model": self.model,
            "provider": self.provider,
        }

    def whole(self, words: str, pictures: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """The answer at once."""
        message = {"role": "assistant", "content": words, "refusal": None, "images": list(pictures)}
        return {
            **self._head("chat.completion"),
            "choices": [{"index": 0, "message": message, "logprobs": None, **_END}],
            "usage": self.usage(),
        }

    def opening(self) -> bytes:
        """The first chunk: somebody is about to speak."""
        return self._chunk({"role": "assistant", "content": ""})

    def chunks(self, words: str, pictures: Sequence[dict[str, Any]], *, counted: bool) -> Iterator[bytes]:
        """The chunks that follow it, once the pictures are there."""
        if words:
            yield self._chunk({"content": words})
        for picture in pictures:
            yield self._chunk({"images": [picture]})
        yield self._chunk({}, **_END)
        if counted:
            yield _data({**self._head("chat.completion.chunk"), "choices": [], "usage": self.usage()})
        yield DONE

    def _chunk(self, delta: dict[str, Any], **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": None, **more}
        return _data({**self._head("chat.completion.chunk"), "choices": [choice]})


_END: Mapping[str, str] = {"finish_reason": "stop", "native_finish_reason": "stop"}


def picture_part(number: int, form: str, picture: bytes) -> dict[str, Any]:
    """A picture as messages hold it."""
    address = f"data:image/{form};base64,{as_text(picture)}"
    return {"type": "image_url", "index": number, "image_url": {"url": address}}


def in_words(made: Made, model: str, seed: int, addresses: Sequence[str] = ()) -> str:
    """What was drawn, for people; with addresses the pictures are shown where Markdown is."""
    width, height = made.size
    what = "A picture" if made.count == 1 else f"{made.count} pictures"
    said = f"{what} of {width} x {height} pixels by {model}, seed {seed}."
    return "\n\n".join([said, *(f"![Picture {number}]({address})" for number, address in enumerate(addresses, 1))])


def error_chunk(body: dict[str, Any]) -> bytes:
    """The chunk of a stream that cannot go on."""
    return _data(body)


def _data(body: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(body)}\n\n".encode()
