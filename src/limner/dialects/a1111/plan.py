"""From what was asked for to what is drawn: names become files, fields become passes. Pure."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from limner.dialects.a1111.errors import invalid, refusal
from limner.dialects.a1111.extra_networks import Adapter, adapter_file, taken_out
from limner.dialects.a1111.graph import Drawing, Enlarged, Seeds
from limner.dialects.a1111.hashes import Digest, Hashes, hashes_of, unknown
from limner.dialects.a1111.models import ModelFile, find_model
from limner.dialects.a1111.names import Walk, choose_walk
from limner.dialects.a1111.options import CHECKPOINT
from limner.dialects.a1111.passes import Network, Pass, Weighed
from limner.dialects.a1111.request import Asked
from limner.dialects.a1111.steps import Steps, from_picture, second_pass
from limner.dialects.a1111.styles import Style, styled
from limner.graph.catalog import Lists
from limner.graph.errors import UnknownNameError

LATENT = "Latent"
ENLARGED = {
    "latent": "bilinear",
    "latent (antialiased)": "bilinear",
    "latent (bicubic)": "bicubic",
    "latent (bicubic antialiased)": "bicubic",
    "latent (nearest)": "nearest-exact",
    "latent (nearest-exact)": "nearest-exact",
}
"""How latents are made larger, by what a second pass calls it. Only smaller latents would need antialiasing."""

PLAIN = {"none": "lanczos", "lanczos": "lanczos", "nearest": "nearest-exact"}
"""How pictures are made larger without a network."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What there is.

    Attributes:
        checkpoint: The one in use.
        checkpoints: All of them.
        lists: Names of other files by their kind.
        samplers: Our names,
        schedules: and those of schedules.
        options: With the request's own.
        styles: Pieces of prompts under names.
        digest: What is known of files.
    """

    checkpoint: ModelFile
    checkpoints: Sequence[ModelFile]
    lists: Lists
    samplers: Sequence[str]
    schedules: Sequence[str]
    options: Mapping[str, Any]
    styles: Sequence[Style]
    digest: Digest = unknown

    def changed(self, options: Mapping[str, Any]) -> "Known":
        """With other options; a checkpoint among them is the one in use.

        Raises:
            GraphError: if there is no such checkpoint.
        """
        if not options:
            return self
        checkpoint = self.model(options.get(CHECKPOINT)) or self.checkpoint
        return dataclasses.replace(self, options={**self.options, **options}, checkpoint=checkpoint)

    def digested(self, file: ModelFile) -> ModelFile:
        """A checkpoint with its digest, if that can be had."""
        if file.sha256 is not None:
            return file
        return dataclasses.replace(file, sha256=self.digest("checkpoints", file.name))

    def walk(self, sampler: str | None, schedule: str | None) -> Walk:
        """Sampler and schedule."""
        return choose_walk(sampler, schedule, self.samplers, self.schedules)

    def model(self, asked: str | None) -> ModelFile | None:
        """Another checkpoint; None if none is asked for.

        Raises:
            GraphError: if there is no such one.
        """
        if asked is None:
            return None
        found = find_model(asked, self.checkpoints)
        if found is None:
            names = [file.model_name for file in self.checkpoints]
            raise refusal(str(UnknownNameError("checkpoint", asked, names, "GET /sdapi/v1/sd-models lists them.")))
        return found


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What is drawn, and what its answer tells.

    Attributes:
        drawing: Without the pictures that it paints over, and without texts.
        checkpoint: Of the first pass.
        prompt: With styles and tags; the answer tells it.
        negative: Likewise.
        refiner: Its checkpoint.
        upscaler: Of the second pass, as it is called.
        hashes: Of the files that draw it beside the checkpoint.
    """

    drawing: Drawing
    checkpoint: ModelFile
    prompt: str
    negative: str
    refiner: ModelFile | None = None
    upscaler: str = ""
    hashes: Hashes = field(default_factory=Hashes)


def plan(asked: Asked, known: Known) -> Planned:
    """What is drawn.

    Raises:
        GraphError: if something that is asked for is not there.
    """
    names = [name for name in asked["styles"] or () if isinstance(name, str)]
    prompt = styled(asked["prompt"], names, known.styles)
    negative = styled(asked["negative_prompt"], names, known.styles, negative=True)
    first = _first(asked, known, prompt, negative)
    refiner = known.model(asked.other("refiner_checkpoint"))
    drawing = Drawing(
        first=first,
        size=asked.size,
        seeds=_seeds(asked),
        refiner=None if refiner is None else _instead(first, refiner.name),
        switch=asked["refiner_switch_at"],
        second=_second(asked, known, first, (prompt, negative)) if asked.hires else None,
        keep=asked["save_images"],
    )
    passes = [first, *([drawing.second.plan] if drawing.second else [])]
    return Planned(
        drawing=drawing,
        checkpoint=known.digested(known.checkpoint),
        prompt=prompt,
        negative=negative,
        refiner=None if refiner is None else known.digested(refiner),
        upscaler=(asked["hr_upscaler"] or LATENT) if asked.hires else "",
        hashes=hashes_of(passes, (prompt, negative), known.lists, known.digest),
    )


def _first(asked: Asked, known: Known, prompt: str, negative: str) -> Pass:
    steps = Steps(asked["steps"])
    if asked.from_picture:
        exactly = bool(known.options.get("img2img_fix_steps"))
        steps = from_picture(asked["steps"], asked.denoise, exactly=exactly)
        if asked.denoise <= 0:
            steps = Steps(asked["steps"], asked["steps"])
    text, network = _network(asked, known, known.checkpoint.name, prompt)
    return Pass(
        network=network,
        positive=text,
        negative=taken_out(negative)[0],
        guidance=asked["cfg_scale"],
        walk=known.walk(asked.sampler, asked["scheduler"]),
        steps=steps,
        distilled=asked["distilled_cfg_scale"] if "distilled_cfg_scale" in asked.given else None,
        eta=_noise(asked["eta"], known.options.get("eta_ancestral")),
        s_noise=_noise(asked["s_noise"], known.options.get("s_noise")),
    )


def _noise(asked: float | None, option: object) -> float:
    """A request's setting, else the option's; both are 1 where nobody changed them."""
    said = option if asked is None else asked
    return min(max(float(said), 0.0), 100.0) if isinstance(said, int | float) else 1.0


def _network(asked: Asked, known: Known, checkpoint: str, prompt: str) -> tuple[str, Network]:
    """What a prompt says without its tags, and a network with what they name."""
    text, adapters = (prompt, ()) if asked["disable_extra_networks"] else taken_out(prompt)
    return text, Network(
        checkpoint=checkpoint,
        vae=_vae(known),
        clip_skip=_clip_skip(known),
        adapters=tuple(_weighed(adapter, known) for adapter in adapters),
        tiling=bool(asked["tiling"]),
    )


def _weighed(adapter: Adapter, known: Known) -> Weighed:
    file = adapter_file(adapter, known.lists(adapter.folder))
    return Weighed(adapter.folder, file, adapter.weight, adapter.text_weight)


def _vae(known: Known) -> str:
    """The file of another autoencoder; empty for the checkpoint's own, also if there is no such file."""
    asked = str(known.options.get("sd_vae") or "").strip().casefold()
    if asked in ("", "automatic", "none"):
        return ""
    for name in known.lists("vae"):
        path = PurePosixPath(name.casefold())
        if asked in (str(path), path.name, path.stem):
            return name
    return ""


def _clip_skip(known: Known) -> int:
    said = known.options.get("CLIP_stop_at_last_layers")
    return min(max(int(said), 1), 12) if isinstance(said, int | float) else 1


def _seeds(asked: Asked) -> Seeds:
    resized = asked["seed_resize_from_w"], asked["seed_resize_from_h"]
    size = resized if all(side > 0 for side in resized) else (0, 0)
    return Seeds(asked.seeds, asked.subseeds, asked["subseed_strength"], size)


def _instead(first: Pass, checkpoint: str) -> Pass:
    """The same pass with another network."""
    network = Network(checkpoint=checkpoint, vae=first.network.vae, tiling=first.network.tiling)
    return Pass(
        network=network,
        positive=first.positive,
        negative=first.negative,
        guidance=first.guidance,
        walk=first.walk,
        steps=first.steps,
    )


def _second(asked: Asked, known: Known, first: Pass, prompts: tuple[str, str]) -> Enlarged:
    checkpoint = known.model(asked.other("hr_checkpoint_name")) or known.checkpoint
    text, network = _network(asked, known, checkpoint.name, asked["hr_prompt"] or prompts[0])
    steps = asked["hr_second_pass_steps"] or asked["steps"]
    sampler = asked.other("hr_sampler_name") or asked.sampler
    schedule = asked.other("hr_scheduler") or asked["scheduler"]
    taken = Pass(
        network=network,
        positive=text,
        negative=taken_out(asked["hr_negative_prompt"] or prompts[1])[0],
        guidance=asked["cfg_scale"] if asked["hr_cfg"] is None else asked["hr_cfg"],
        walk=known.walk(sampler, schedule),
        steps=second_pass(steps, asked.denoise) if asked.denoise > 0 else Steps(steps, steps),
        distilled=first.distilled,
        eta=first.eta,
        s_noise=first.s_noise,
        earlier=first.steps.taken,
    )
    latent, method, file = upscaler(asked["hr_upscaler"] or LATENT, known.lists)
    return Enlarged(plan=taken, size=asked.target, latent=latent, method=method, network=file)


def upscaler(name: str, lists: Lists) -> tuple[str, str, str]:
    """How a second pass makes pictures larger: method for latents, method for pictures, file of a network.

    Raises:
        GraphError: if there is no such upscaler.
    """
    said = name.strip().casefold()
    if said in ENLARGED:
        return ENLARGED[said], "lanczos", ""
    if said in PLAIN:
        return "", PLAIN[said], ""
    known = lists("upscale_models")
    for file in known:
        path = PurePosixPath(file.casefold())
        if said in (str(path), path.name, path.stem):
            return "", "lanczos", file
    raise invalid(
        f"could not find upscaler named {name}. There are: {', '.join((*ENLARGED, *PLAIN, *known))}.", "hr_upscaler"
    )
