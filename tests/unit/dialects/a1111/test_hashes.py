"""Short digests in the texts of pictures."""

from pathlib import Path

from limner.dialects.a1111.answer import Told, extra_settings
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.models import ModelFile
from limner.dialects.a1111.plan import plan
from limner.dialects.a1111.request import read_drawing

FILES = {"loras": ["styles/Shiny.safetensors"], "vae": ["better.pt"], "embeddings": ["bad-hands.pt", "other.pt"]}
DIGESTS = {name: letter * 64 for name, letter in (("base.ckpt", "a"), ("better.pt", "b"), ("bad-hands.pt", "d"))}
DIGESTS["styles/Shiny.safetensors"] = "c" * 64


def text(digests, **body):
    base = ModelFile("base.ckpt", Path("/base.ckpt"))
    known = Known(
        checkpoint=base,
        checkpoints=[base],
        lists=lambda kind: FILES.get(kind, []),
        samplers=["euler"],
        schedules=["normal"],
        options={"sd_vae": "better"},
        styles=[],
        digest=lambda _, name: digests.get(name),
    )
    asked = read_drawing(body, from_picture=False)
    planned = plan(asked, known)
    [text] = Told(asked=asked, planned=planned, extra=extra_settings(asked, planned)).texts
    return text


def test_files_are_told_by_their_digests():
    told = text(DIGESTS, prompt="a cat <lora:shiny:0.5>", negative_prompt="bad-hands, ugly")
    assert "Model hash: aaaaaaaaaa, Model: base, VAE hash: bbbbbbbbbb, VAE: better.pt, " in told
    assert 'Lora hashes: "Shiny: cccccccccccc", TI hashes: "bad-hands: dddddddddddd", Version: ' in told


def test_what_is_not_known_is_not_told():
    told = text({}, prompt="a cat <lora:shiny:0.5>", negative_prompt="bad-hands, ugly")
    assert "hash" not in told
    assert "Model: base, VAE: better.pt, " in told
