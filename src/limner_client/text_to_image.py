"""One call from a prompt to a workflow."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from limner_client.errors import ClientError
from limner_client.nodes import Node, Output
from limner_client.prompt_text import LoraTag, PromptText, read_prompt
from limner_client.workflow import Workflow

WEBSOCKET_NODE = "save_image_websocket_node"
"""Id of the node that sends pictures over the socket: scripts look for it."""

SDXL_SIZE = 4096
"""Size that SDXL is told a picture had; a large one calls for detail."""


@dataclass(frozen=True, kw_only=True)
class TextToImage:
    """What a picture should be.

    Attributes:
        prompt: What it shows; ``<lora:name:weight>``, ``BREAK`` (texts are joined) and ``AND`` (texts are combined).
        negative_prompt: What it should not show; the same marks.
        checkpoint: File name of the model.
        kind: ``sd15`` or ``sdxl``.
        vae: File name of another autoencoder.
        width: Pixels; 512 for ``sd15``, 1024 for ``sdxl``.
        height: Likewise.
        batch_size: Pictures at once.
        seed: -1 takes a random one below 2**31.
        steps: Of the sampler.
        cfg: How strictly the text is followed.
        sampler_name: As the server lists it.
        scheduler: Likewise.
        denoise: Share of the noise that is added and removed.
        clip_skip: 1 takes the text encoder's last layer, 2 the one before; negative numbers mean the same.
        output: ``websocket`` sends pictures over the socket, ``files`` saves them; both may be named.
        filename_prefix: Of saved files.
    """

    prompt: str
    negative_prompt: str = ""
    checkpoint: str
    kind: Literal["sd15", "sdxl"] = "sd15"
    vae: str | None = None
    width: int | None = None
    height: int | None = None
    batch_size: int = 1
    seed: int = -1
    steps: int = 20
    cfg: float = 7.0
    sampler_name: str = "dpmpp_2m_sde"
    scheduler: str = "karras"
    denoise: float = 1.0
    clip_skip: int | None = None
    output: Sequence[Literal["websocket", "files"]] = ("files",)
    filename_prefix: str = "Comfy"

    def build(self) -> BuiltWorkflow:
        """The workflow, and what it was made of.

        Raises:
            ClientError: if a choice cannot be.
        """
        return _Build(self).run()


@dataclass(frozen=True)
class BuiltWorkflow:
    """A workflow and the settings that it was made of.

    Attributes:
        workflow: To be submitted.
        info: Settings, with the seed that was drawn and the LoRAs that were found.
    """

    workflow: Workflow
    info: dict[str, Any] = field(default_factory=dict)


def text_to_image(prompt: str, negative_prompt: str = "", **choices: Any) -> BuiltWorkflow:
    """A workflow for an SD1.5 or SDXL model; ``choices`` are further fields of ``TextToImage``."""
    return TextToImage(prompt=prompt, negative_prompt=negative_prompt, **choices).build()


class _Build:
    """Builds one workflow."""

    def __init__(self, wanted: TextToImage) -> None:
        self.wanted = wanted
        side = 1024 if wanted.kind == "sdxl" else 512
        self.width, self.height = wanted.width or side, wanted.height or side
        self.seed = secrets.randbelow(2**31) if wanted.seed == -1 else wanted.seed
        self.positive, self.negative = read_prompt(wanted.prompt), read_prompt(wanted.negative_prompt)

    def run(self) -> BuiltWorkflow:
        wanted = self.wanted
        unknown = set(wanted.output) - {"websocket", "files"}
        if unknown or not wanted.output:
            raise ClientError(f"output names where pictures go: websocket, files or both; it is {wanted.output!r}.")
        if wanted.kind not in ("sd15", "sdxl"):
            raise ClientError(f"kind is sd15 or sdxl; it is {wanted.kind!r}.")
        sockets = [("MODEL", "MODEL"), ("CLIP", "CLIP"), ("VAE", "VAE")]
        model, clip, vae = Node("CheckpointLoaderSimple", {"ckpt_name": wanted.checkpoint}, sockets)
        if wanted.clip_skip is not None:
            layer = -abs(wanted.clip_skip) or -1
            clip = Node("CLIPSetLastLayer", {"clip": clip, "stop_at_clip_layer": layer}).out()
        if wanted.vae is not None:
            vae = Node("VAELoader", {"vae_name": wanted.vae}).out()
        # A LoRA of the negative prompt changes the one denoiser there is, and the reading of the negative text only.
        model, positive_clip = _with_loras(model, clip, self.positive.loras)
        model, negative_clip = _with_loras(model, clip, self.negative.loras)
        positive = self._conditioning(self.positive, positive_clip)
        negative = self._conditioning(self.negative, negative_clip)
        image = self._picture(model, positive, negative, vae)
        return BuiltWorkflow(Workflow.of(*self._outputs(image)), self._info())

    def _conditioning(self, prompt: PromptText, clip: Output) -> Output:
        combined: Output | None = None
        for texts in prompt.parts:
            joined: Output | None = None
            for text in texts:
                encoded = self._encode(text, clip)
                joined = encoded if joined is None else _join("ConditioningConcat", joined, encoded)
            if joined is not None:
                combined = joined if combined is None else _join("ConditioningCombine", combined, joined)
        if combined is None:
            raise ClientError("A prompt has no parts.")
        return combined

    def _encode(self, text: str, clip: Output) -> Output:
        if self.wanted.kind == "sd15":
            return Node("CLIPTextEncode", {"clip": clip, "text": text}).out()
        sizes = {"width": SDXL_SIZE, "height": SDXL_SIZE, "target_width": SDXL_SIZE, "target_height": SDXL_SIZE}
        inputs = {"clip": clip, "text_g": text, "text_l": text, "crop_w": 0, "crop_h": 0, **sizes}
        return Node("CLIPTextEncodeSDXL", inputs).out()

    def _picture(self, model: Output, positive: Output, negative: Output, vae: Output) -> Output:
        wanted = self.wanted
        size = {"width": self.width, "height": self.height, "batch_size": wanted.batch_size}
        sampled = Node(
            "KSampler",
            {
                "model": model,
                "positive": positive,
                "negative": negative,
                "latent_image": Node("EmptyLatentImage", size),
                "seed": self.seed,
                "steps": wanted.steps,
                "cfg": wanted.cfg,
                "sampler_name": wanted.sampler_name,
                "scheduler": wanted.scheduler,
                "denoise": wanted.denoise,
            },
        )
        return Node("VAEDecode", {"samples": sampled, "vae": vae}).out()

    def _outputs(self, image: Output) -> list[Node]:
        outputs = []
        if "files" in self.wanted.output:
            outputs.append(Node("SaveImage", {"images": image, "filename_prefix": self.wanted.filename_prefix}))
        if "websocket" in self.wanted.output:
            outputs.append(Node("SaveImageWebsocket", {"images": image}, node_id=WEBSOCKET_NODE))
        return outputs

    def _info(self) -> dict[str, Any]:
        wanted = self.wanted
        return {
            "prompt": wanted.prompt,
            "negative_prompt": wanted.negative_prompt,
            "loras": [(tag.name, tag.model, tag.clip) for tag in (*self.positive.loras, *self.negative.loras)],
            "seed": self.seed,
            "width": self.width,
            "height": self.height,
            "batch_size": wanted.batch_size,
            "sd_model_name": wanted.checkpoint,
            "sd_vae_name": wanted.vae,
            "clip_skip": abs(wanted.clip_skip or 1),
            "cfg_scale": wanted.cfg,
            "sampler_name": wanted.sampler_name,
            "scheduler": wanted.scheduler,
            "steps": wanted.steps,
        }


def _join(class_type: str, first: Output, second: Output) -> Output:
    names = (
        ("conditioning_to", "conditioning_from")
        if class_type == "ConditioningConcat"
        else ("conditioning_1", "conditioning_2")
    )
    return Node(class_type, dict(zip(names, (first, second), strict=True))).out()


def _with_loras(model: Output, clip: Output, tags: Sequence[LoraTag]) -> tuple[Output, Output]:
    for tag in tags:
        inputs = {"model": model, "clip": clip, "lora_name": tag.file}
        strengths = {"strength_model": tag.model, "strength_clip": tag.clip}
        model, clip = Node("LoraLoader", {**inputs, **strengths}, [("MODEL", "MODEL"), ("CLIP", "CLIP")])
    return model, clip
