"""Trains the denoiser and the text encoder on the encoded examples.

    python train.py --minutes 70      # trains or goes on until 70 minutes are done in all
    torchrun --nproc-per-node 2 train.py --threads 1 --captions 22 --minutes 70      # faster on two cores

The learning rate falls to zero over all minutes; a run that goes on later, with more of them, starts higher again.
"""

from __future__ import annotations

import argparse
import copy
import math
import os
import pathlib
import time

import autoencoder
import drawings
import export
import judge
import networks
import numpy as np
import sample
import torch
from captions import Captions
from latents import Cache
from muon import Muon
from tokens import END, LENGTH, START, Tokenizer
from torch import distributed, nn

WEIGHT_LIMIT = 5.0
MUON_FACTOR = 1.7  # Muon's learning rate over AdamW's
EMPTY_SHARE = 0.1
UNKNOWN_SHARE = 0.02
PREVIEW_MINUTES = 15
SAVE_MINUTES = 5


def optimizers_of(nets: nn.ModuleDict, arguments: argparse.Namespace) -> list[torch.optim.Optimizer]:
    """Makes Muon for the weights of inner layers and AdamW for tables, first and last layers, biases and norms."""
    inner, outer, plain = [], [], []
    for name, value in nets.named_parameters():
        if value.ndim <= 1:
            plain.append(value)
        elif arguments.adam or any(part in name for part in ("embedding", "conv_in", "conv_out")):
            outer.append(value)
        else:
            inner.append(value)
    groups = [{"params": outer, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}]
    adam = torch.optim.AdamW(groups, lr=arguments.rate, betas=(0.9, 0.99), fused=True)
    return [adam, Muon(inner, lr=arguments.rate)] if inner else [adam]


class Gradients:
    """All gradients in one buffer, so that processes add them up in one exchange."""

    def __init__(self, nets: nn.Module) -> None:
        parameters = [*nets.parameters()]
        self.buffer = torch.zeros(sum(value.numel() for value in parameters), device=parameters[0].device)
        for value, part in zip(parameters, self.buffer.split([value.numel() for value in parameters]), strict=True):
            value.grad = part.view(value.shape)

    def share(self) -> None:
        """Averages over all processes and limits the norm to one."""
        if distributed.is_initialized():
            distributed.all_reduce(self.buffer)
            self.buffer /= distributed.get_world_size()
        self.buffer /= self.buffer.norm().clamp(min=1.0)


class Learner:
    """Networks, their averaged copies, the optimizer and what a resumed run needs."""

    def __init__(self, rows: int, arguments: argparse.Namespace) -> None:
        self.device = arguments.device
        self.nets = nn.ModuleDict({"unet": networks.build_unet(), "text": networks.build_text(rows)}).to(self.device)
        self.average = copy.deepcopy(self.nets).requires_grad_(False)
        self.optimizers = optimizers_of(self.nets, arguments)
        self.step, self.seconds, self.rank = 0, 0.0, arguments.rank
        self.gradients = Gradients(self.nets)
        self.chance = np.random.default_rng([arguments.seed, arguments.rank])

    def save(self, path: pathlib.Path) -> None:
        """Writes everything, first beside the file and then over it."""
        state = {name: getattr(self, name).state_dict() for name in ("nets", "average")}
        state["optimizers"] = [optimizer.state_dict() for optimizer in self.optimizers]
        state |= {"step": self.step, "seconds": self.seconds, "chance": self.chance.bit_generator.state}
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def load(self, path: pathlib.Path) -> None:
        """Goes on from a file of `save`."""
        state = torch.load(path, map_location=self.device, weights_only=False)
        self.nets.load_state_dict(state["nets"])
        self.average.load_state_dict(state["average"])
        for optimizer, stored in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(stored)
        self.step, self.seconds = state["step"], state["seconds"]
        if self.rank == 0:
            self.chance.bit_generator.state = state["chance"]

    def start_from(self, path: pathlib.Path) -> None:
        """Starts from the weights of an exported model whose token table has the same rows."""
        shipped = export.read(path)
        for nets in (self.nets, self.average):
            nets["unet"].load_state_dict(shipped["unet"])
            nets["text"].load_state_dict(shipped["text"])

    @torch.no_grad()
    def follow(self, decay: float) -> None:
        """Moves the averaged copies a little."""
        decay = min(decay, (1 + self.step) / (20 + self.step))
        torch._foreach_lerp_([*self.average.parameters()], [*self.nets.parameters()], 1 - decay)


def mixture(progress: float, composed: float) -> np.ndarray:
    """Shares of bare, background and composed examples: identities first, compositions later."""
    late = min(1.0, max(0.0, progress - 0.3) / 0.4)
    rest = 1 - composed
    return (1 - late) * np.array([0.70, 0.25, 0.05]) + late * np.array([rest * 2 / 3, rest / 3, composed])


class Batches:
    """Draws batches from the cache: latents and the table rows of one caption each."""

    def __init__(self, cache: Cache, simple: list[int], chance: np.random.Generator, device: str) -> None:
        self.cache, self.chance, self.device = cache, chance, device
        self.groups = [np.flatnonzero(cache.sorts == sort) for sort in range(3)]
        self.round = np.concatenate([self.groups[0], self.groups[0][simple]])
        self.rows = cache.rows
        self.queue: list[int] = []

    def _bare(self) -> int:
        """Bare examples come in shuffled rounds, in which the things people ask for (simple names) come twice."""
        if not self.queue:
            self.queue = self.chance.permutation(self.round).tolist()
        return self.queue.pop()

    def draw(self, size: int, shares: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents [size, 4, 16, 16] and rows [size, 77]; ``shares`` are those of ``mixture``."""
        sorts = self.chance.choice(3, size, p=shares)
        chosen = np.array([self._bare() if sort == 0 else self.chance.choice(self.groups[sort]) for sort in sorts])
        places = self.chance.integers(self.cache.starts[chosen], self.cache.starts[chosen + 1])
        numbers = np.full((size, LENGTH), END, np.int64)
        numbers[:, : self.cache.captions.shape[1]] = self.cache.captions[places]
        rows = self.rows[numbers].astype(np.int64)
        words = (numbers != END) & (numbers != START)
        rows[words & (self.chance.random(rows.shape) < UNKNOWN_SHARE)] = 0
        empty = self.chance.random(size) < EMPTY_SHARE
        rows[empty, 1:] = self.rows[END]
        latents = torch.from_numpy(self.cache.latents[chosen]).to(self.device).float()
        return latents, torch.from_numpy(rows).to(self.device)


def draw_times(size: int, levels: int) -> torch.Tensor:
    """Timesteps, spread evenly over the levels of each picture, denser where there is much noise.

    At high noise, where words alone tell what is drawn, the picture's identity and its background are decided.
    """
    even = (torch.rand(size, 1) + torch.arange(levels)) / levels
    return (networks.TIMESTEPS * even.flatten() ** 0.6).long().clamp(max=networks.TIMESTEPS - 1)


def loss_of(
    nets: nn.ModuleDict, latents: torch.Tensor, rows: torch.Tensor, levels: int, shares: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Weighted error of the predicted noise; one encoded caption serves several noise levels.

    The weight is that of predicting v, at most `WEIGHT_LIMIT` times that of predicting x0: an unweighted error of the
    noise would hardly count the high noise levels, which decide what is drawn.

    Returns:
        The loss and the weighted errors of each sample.
    """
    device = latents.device
    times = draw_times(len(latents), levels).to(device)
    share = shares[times].view(-1, 1, 1, 1)
    clean = latents.repeat_interleave(levels, 0)
    noise = torch.randn_like(clean)
    noisy = share.sqrt() * clean + (1 - share).sqrt() * noise
    with torch.autocast(device.type, torch.bfloat16):
        context = nets["text"](rows).last_hidden_state.repeat_interleave(levels, 0)
        predicted = nets["unet"](noisy, times, context).sample
    ratio = (share / (1 - share)).flatten()
    weight = (ratio + 1).clamp(max=WEIGHT_LIMIT) / ratio
    errors = weight * (predicted.float() - noise).square().mean((1, 2, 3))
    return errors.mean(), errors.detach()


def learning_rate(learner: Learner, arguments: argparse.Namespace) -> float:
    """Warm-up over 300 steps and a cosine over the minutes of training."""
    progress = min(1.0, learner.seconds / (60 * arguments.minutes))
    return arguments.rate * min(1.0, (learner.step + 1) / 300) * (0.5 + 0.5 * math.cos(math.pi * progress))


class Preview:
    """Draws a few names with the averaged weights, measures them and exports the model."""

    def __init__(self, cache: Cache, arguments: argparse.Namespace) -> None:
        self.emoji, store = drawings.cached_set(arguments.state)
        self.references = judge.features(judge.standard_pictures(store))
        self.chosen = np.random.default_rng(1).choice(len(self.emoji), 64, replace=False).tolist()
        self.model = autoencoder.build().to(arguments.device).eval()
        self.model.load_state_dict(torch.load(arguments.state / "autoencoder.pt", map_location=arguments.device))
        self.tokenizer = Tokenizer(arguments.state / "bpe_simple_vocab_16e6.txt.gz")
        self.rows, self.arguments = cache.rows, arguments

    def __call__(self, learner: Learner, note: str) -> None:
        """Measures, writes a sheet and the model file."""
        nets = learner.average.eval()
        pipe = sample.Pipeline(nets["unet"], nets["text"], self.model, self.tokenizer, self.rows, learner.device)
        names = [self.emoji[index].name for index in self.chosen]
        pictures = sample.sample(pipe, names, list(range(1, 65)), steps=12)
        share = judge.nearest(pictures, self.chosen, self.references).mean()
        composed = sample.sample(pipe, COMPOSED, list(range(1, len(COMPOSED) + 1)), steps=12)
        both = np.concatenate([pictures[:36], composed])
        judge.sheet(both, names[:36] + COMPOSED, 12).save(self.arguments.state / f"preview-{learner.step}.png")
        print(f"step {learner.step}, {learner.seconds / 60:.1f} min: {share:.0%} of 64 names nearest", flush=True)
        states = [part.state_dict() for part in (pipe.unet, pipe.text, pipe.autoencoder)]
        export.write(self.arguments.export, *states, self.rows, note)


COMPOSED = [
    "a red apple on a blue background",
    "a cat and a rocket",
    "a green heart",
    "a blue apple",
    "two cats",
    "three stars",
    "a small dog",
    "a pizza on the left",
    "a rocket above a tree",
    "an owl on yellow",
    "a banana on a black background",
    "a purple car",
]


def agreed(seconds: float) -> float:
    """The first process's time, for all: they must agree on the learning rate and on when to stop."""
    if not distributed.is_initialized():
        return seconds
    value = torch.tensor(seconds)
    distributed.broadcast(value, 0)
    return float(value)


def train(learner: Learner, cache: Cache, arguments: argparse.Namespace) -> None:
    """Trains until the minutes are used up."""
    simple = Captions(*drawings.cached_set(arguments.state)).simple
    batches = Batches(cache, simple, learner.chance, learner.device)
    shares = networks.signal_shares().to(learner.device)
    preview = Preview(cache, arguments)
    smooth, saved, shown = 0.0, learner.seconds, learner.seconds - 60 * (PREVIEW_MINUTES - arguments.first)
    while learner.seconds < 60 * arguments.minutes:
        begin = time.time()
        for optimizer in learner.optimizers:
            faster = MUON_FACTOR if isinstance(optimizer, Muon) else 1.0
            for group in optimizer.param_groups:
                group["lr"] = faster * learning_rate(learner, arguments)
        mixed = mixture(learner.seconds / (60 * arguments.minutes), arguments.composed)
        latents, rows = batches.draw(arguments.captions, mixed)
        loss, _ = loss_of(learner.nets, latents, rows, arguments.levels, shares)
        learner.gradients.buffer.zero_()
        loss.backward()
        learner.gradients.share()
        for optimizer in learner.optimizers:
            optimizer.step()
        learner.step += 1
        learner.follow(arguments.decay)
        smooth = loss.item() if smooth == 0 else 0.99 * smooth + 0.01 * loss.item()
        learner.seconds += agreed(time.time() - begin)
        if arguments.rank > 0:
            continue
        if learner.step % 100 == 0:
            print(f"{learner.seconds / 60:.1f} min, step {learner.step}, loss {smooth:.4f}", flush=True)
        if learner.seconds - saved > 60 * SAVE_MINUTES:
            learner.save(arguments.state / "train.pt")
            saved = learner.seconds
        if learner.seconds - shown > 60 * PREVIEW_MINUTES:
            preview(learner, f"{learner.step} steps in {learner.seconds / 60:.0f} minutes")
            shown = learner.seconds
    if arguments.rank == 0:
        learner.save(arguments.state / "train.pt")
        preview(learner, f"{learner.step} steps in {learner.seconds / 60:.0f} minutes")


def main() -> None:
    """Runs the training program."""
    here = pathlib.Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=pathlib.Path, default=here / "state")
    parser.add_argument("--export", type=pathlib.Path, default=here / "limner-mini.safetensors")
    parser.add_argument("--minutes", type=float, default=95, help="of training in all, over all runs")
    parser.add_argument("--first", type=float, default=5, help="minutes until the first preview")
    parser.add_argument("--captions", type=int, default=44, help="captions in a batch of each process")
    parser.add_argument("--levels", type=int, default=2, help="noise levels for each caption")
    parser.add_argument("--composed", type=float, default=0.22, help="final share of composed examples")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--adam", action="store_true", help="AdamW for all weights in place of Muon")
    parser.add_argument("--decay", type=float, default=0.998, help="of the averaged weights")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--start-from", type=pathlib.Path, help="an exported model; without it, STATE/train.pt goes on")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.rank = int(os.environ.get("RANK", "0"))
    if "RANK" in os.environ:
        distributed.init_process_group("gloo")
    torch.manual_seed(arguments.seed)
    cache = Cache.load(arguments.state / "latents.npz")
    learner = Learner(int(cache.rows.max()) + 1, arguments)
    if arguments.start_from:
        learner.start_from(arguments.start_from)
    elif (arguments.state / "train.pt").exists():
        learner.load(arguments.state / "train.pt")
    torch.manual_seed(hash((arguments.seed, arguments.rank, learner.step)))
    train(learner, cache, arguments)


if __name__ == "__main__":
    main()
