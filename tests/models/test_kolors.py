"""Kolors against diffusers' pipeline, and its workflow from the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from tests.models.kolors_files import (
    CONTEXT,
    WIDTH,
    WORKFLOW,
    as_single_file,
    language_model,
    save,
    tokenizer,
    unet,
    write_kolors,
)

from limner.models.library import ModelLibrary
from limner.storage.folders import Folders

ROOT = Path(__file__).parents[2]
PROMPT = "真实的照片,20岁女生"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder of data with all files of Kolors."""
    folder = tmp_path_factory.mktemp("kolors")
    write_kolors(folder / "models")
    return folder


@pytest.fixture
def library(data):
    """What finds them."""
    return ModelLibrary(Folders.under(data))


@torch.no_grad()
def test_text_is_that_of_the_pipeline(library, tmp_path):
    from diffusers import KolorsPipeline
    from diffusers.pipelines.kolors.tokenizer import ChatGLMTokenizer

    ((states, options),) = library.text_encoder("chatglm3.safetensors").encode(PROMPT)
    (tmp_path / "tokenizer.model").write_bytes(tokenizer())
    pipeline = SimpleNamespace(
        _execution_device=torch.device("cpu"),
        config=SimpleNamespace(force_zeros_for_empty_prompt=False),
        tokenizer=ChatGLMTokenizer(str(tmp_path / "tokenizer.model")),
        text_encoder=language_model(),
    )
    found = KolorsPipeline.encode_prompt(pipeline, PROMPT, do_classifier_free_guidance=False)
    torch.testing.assert_close(states, found[0], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(options["pooled_output"], found[2], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("layout", ["of diffusers", "of single files"])
@torch.no_grad()
def test_the_network_is_called_as_the_pipeline_calls_it(library, data, layout):
    network = unet()
    state = network.state_dict() if layout == "of diffusers" else as_single_file(network.state_dict())
    save(data / "models" / "diffusion_models" / "kolors.safetensors", state)
    model = library.diffusion_model("kolors.safetensors")
    assert model.family.name == "kolors"
    x, step = torch.randn(1, 4, 16, 8, generator=torch.Generator().manual_seed(1)), torch.tensor([700.0])
    context, pooled = torch.randn(1, 256, WIDTH), torch.randn(1, WIDTH)
    ours = model.predict(x, step, model.inputs({"pooled_output": pooled}, context, x))
    told = {"text_embeds": pooled, "time_ids": torch.tensor([[128.0, 64.0, 0.0, 0.0, 128.0, 64.0]])}
    theirs = network(x, step, encoder_hidden_states=context, added_cond_kwargs=told, return_dict=False)[0]
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)
    assert model.network.blueprint.facts["context"] == CONTEXT


def test_noise_is_that_of_the_published_scheduler(library):
    from diffusers import EulerDiscreteScheduler

    scheduler = EulerDiscreteScheduler(
        beta_start=0.00085, beta_end=0.014, beta_schedule="scaled_linear", num_train_timesteps=1100
    )
    parametrization = library.diffusion_model("kolors/Kolors.safetensors").parametrization
    torch.testing.assert_close(parametrization.sigmas.flip(0), scheduler.sigmas[:-1], rtol=1e-4, atol=1e-5)


def run(*arguments):
    """The report of ``limner run`` on the workflow."""
    answer = subprocess.run(
        [sys.executable, "-m", "limner", "run", str(WORKFLOW), "--json", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"},
    )
    assert answer.stdout, answer.stderr
    return json.loads(answer.stdout)


def test_the_workflow_runs_on_files_of_its_names(data):
    smaller = ("--set", "85.width=128", "--set", "85.height=64", "--set", "73.steps=2")
    report = run("--data", str(data), *smaller)
    assert (report["status"], report["notes"]) == ("succeeded", [])


@pytest.mark.slow
def test_the_workflow_runs_as_it_is(data):
    report = run("--data", str(data))
    assert (report["status"], report["notes"], report["messages"]) == ("succeeded", [], [])


def test_the_workflow_runs_without_any_of_its_files(tmp_path):
    report = run("--data", str(tmp_path), "--substitute", "--set", "73.steps=2")
    assert report["status"] == "succeeded"
    assert sum("limner-mini" in note for note in report["notes"]) >= 3
