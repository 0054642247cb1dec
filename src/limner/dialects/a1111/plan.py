"""From what was asked for to what is drawn: names become files, fields become passes. Pure."""

from dataclasses import dataclass, field
from pathlib import PurePosixPath

from limner.dialects.a1111.errors import invalid
from limner.dialects.a1111.extra_networks import taken_out
from limner.dialects.a1111.graph import Drawing, Enlarged, Seeds
from limner.dialects.a1111.hashes import Hashes, hashes_of
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.models import ModelFile
from limner.dialects.a1111.networks import network_of, number
from limner.dialects.a1111.passes import Network, Pass
from limner.dialects.a1111.request import Asked
from limner.dialects.a1111.steps import Steps, from_picture, second_pass
from limner.dialects.a1111.styles import styled
from limner.graph.catalog import Lists

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
        seeds=_seeds(asked, known),
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
    text, network = network_of(asked, known, known.checkpoint.name, prompt)
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
        churn=_set(asked, known, "s_churn", 100.0),
        bounds=(_set(asked, known, "s_tmin", 1000.0), _set(asked, known, "s_tmax", 1000.0)),
    )


def _noise(asked: float | None, option: object) -> float:
    """A request's setting, else the option's; both are 1 where nobody changed them."""
    return number(option if asked is None else asked, (0.0, 100.0), 1.0)


def _set(asked: Asked, known: Known, name: str, most: float) -> float:
    """Likewise; nothing where nobody changed it."""
    return number(known.options.get(name) if asked[name] is None else asked[name], (0.0, most), 0.0)


def _seeds(asked: Asked, known: Known) -> Seeds:
    resized = asked["seed_resize_from_w"], asked["seed_resize_from_h"]
    size = resized if all(side > 0 for side in resized) else (0, 0)
    delta = int(number(known.options.get("eta_noise_seed_delta"), (-(2**31), 2**31), 0))
    multiplier = 1.0
    if asked.from_picture:
        multiplier = _noise(asked["initial_noise_multiplier"], known.options.get("initial_noise_multiplier"))
    return Seeds(
        seeds=asked.seeds,
        subseeds=asked.subseeds,
        strength=asked["subseed_strength"],
        resized=size,
        delta=delta,
        multiplier=min(multiplier, 10.0),
    )


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
    text, network = network_of(asked, known, checkpoint.name, asked["hr_prompt"] or prompts[0], second=True)
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
        distilled=asked["hr_distilled_cfg"] if "hr_distilled_cfg" in asked.given else first.distilled,
        eta=first.eta,
        s_noise=first.s_noise,
        churn=first.churn,
        bounds=first.bounds,
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
