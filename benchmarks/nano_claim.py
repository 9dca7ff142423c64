"""The claim of align-then-fuse, tried at nano size: against separate weights all through, and shared ones all through.

    python -m benchmarks.nano_claim --latents L.safetensors --films FOLDER --held H.safetensors --held-films FOLDER ...

Three networks of one width and as many parameters (the feed-forward layers make up the difference) learn the same
batches for the same steps, from three seeds: sound for a picture, without being told when events happen, so that the
picture alone can tell. (Learning every use at once takes far more steps until picture and sound agree at all.)
On windows of films that none has seen:

  loss       the velocity's squared error, of the events' sound and of the ambience
  sync gain  by how much the error of the events' sound is lower beside its own picture than beside that of another
             film with the same hour, weather and events: what seeing tells the network of when things sound
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from clapboard.engines.nava.config import Config, in_order, nano
from clapboard.engines.nava.model import Latents
from clapboard.engines.nava.nano import latents as storage
from clapboard.engines.nava.nano import learn, train_net
from clapboard.engines.nava.nano.learn import LatentClip, velocity_loss, window
from clapboard.engines.nava.nano.net import NanoNet
from clapboard.engines.nava.train import TrainConfig

BLOCKS = {"align-then-fuse": (2, 4), "dual towers": (6, 0), "fully unified": (0, 6)}
"""Double and single blocks: weights per stream, and weights for both."""
WIDTH, HEADS = 96, 2
SECONDS = 2.0
LEVELS = (0.3, 0.5, 0.7, 0.9)
"""Noise levels at which the losses are taken."""


def num_parameters(config: Config) -> int:
    """Of the whole network."""
    with torch.device("meta"):
        return sum(p.numel() for p in NanoNet(config).parameters())


def sizes(name: str) -> Config:
    """The variant's sizes, its feed-forward width such that all have the parameters of the first."""
    double, single = BLOCKS[name]
    own = replace(nano(), dim=WIDTH, num_heads=HEADS, num_double_layers=double, num_single_layers=single)
    target = num_parameters(replace(nano(), dim=WIDTH, num_heads=HEADS, ffn_dim=4 * WIDTH))
    per_unit = num_parameters(replace(own, ffn_dim=101)) - num_parameters(replace(own, ffn_dim=100))
    return replace(own, ffn_dim=100 + round((target - num_parameters(replace(own, ffn_dim=100))) / per_unit))


def held_out(clips: Sequence[LatentClip]) -> tuple[Latents, Tensor, list[int]]:
    """Windows with an event, their rows without times, and for each the number of another one with the same events."""
    kinds: dict[tuple[object, ...], list[int]] = {}
    chosen: list[tuple[Latents, Tensor]] = []
    for clip in clips:
        for start_s in (0.0, SECONDS):
            plan = clip.plan.window(start_s, SECONDS)
            if any(event.at_s >= 0 for event in plan.events):
                told = (plan.hour, plan.rain > 0, *sorted({event.kind for event in plan.events}))
                kinds.setdefault(told, []).append(len(chosen))
                chosen.append((window(clip.latents, start_s, SECONDS), torch.from_numpy(plan.rows(timed=False))))
    pairs = {a: b for own in kinds.values() if len(own) > 1 for a, b in zip(own, own[1:] + own[:1], strict=True)}
    kept = sorted(pairs)
    numbers = {index: k for k, index in enumerate(kept)}
    stacked = {name: torch.stack([chosen[i][0][name] for i in kept]) for name in in_order(chosen[0][0])}
    longest = max(len(chosen[i][1]) for i in kept)
    rows = torch.stack([torch.nn.functional.pad(chosen[i][1], (0, 0, 0, longest - len(chosen[i][1]))) for i in kept])
    return stacked, rows, [numbers[pairs[i]] for i in kept]


@torch.inference_mode()
def measures(net: NanoNet, clips: Sequence[LatentClip]) -> dict[str, float]:
    """What the top of the file names."""
    clean, rows, others = held_out([storage.inward(net, clip) for clip in clips])
    generator = torch.Generator().manual_seed(99)
    noise = {name: torch.randn(z.shape, generator=generator) for name, z in clean.items()}
    context = net.context(list(rows))
    pictures = {"own": clean["video"], "strange": clean["video"][others]}
    found: dict[str, list[float]] = {}
    for level in LEVELS:
        sigma = dict.fromkeys(clean, torch.full((len(rows),), level)) | {"video": torch.zeros(len(rows))}
        for whose, video in pictures.items():
            for name, values in velocity_loss(net, clean | {"video": video}, noise, sigma, context).errors_B.items():
                found.setdefault(f"{whose} {name}", []).append(values.mean().item())
    mean = {name: statistics.mean(values) for name, values in found.items()}
    return {
        "loss of effects": mean["own effects"],
        "loss of ambience": mean["own ambience"],
        "sync gain": 1 - mean["own effects"] / mean["strange effects"],
    }


def levels(names: Sequence[str], count: int, generator: torch.Generator) -> dict[str, Tensor]:
    """Sigma per stream, [count] each: the picture is given, the stems share a level, mostly near noise."""
    sigma = torch.sigmoid(0.9 + torch.randn(count, generator=generator))
    return {name: sigma * (name != "video") for name in names}


def main() -> None:
    """Train all, measure all, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("latents", "films", "held", "held-films", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", choices=BLOCKS, nargs="+", default=list(BLOCKS))
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    learn.levels, learn.HIDE_TIMES = levels, 1.0
    learn.WINDOWS, learn.WINDOW_ODDS = ((0.0, SECONDS), (SECONDS, SECONDS)), (0.5, 0.5)
    clips = storage.read(args.latents, args.films)
    held = storage.read(args.held, args.held_films)
    args.output.mkdir(parents=True, exist_ok=True)
    for seed in args.seeds:
        for name in args.only:
            path = args.output / f"{name.replace(' ', '-')}-{args.steps}-steps-of-{args.batch}-{seed}.json"
            if path.exists():
                continue
            config = TrainConfig(
                num_steps=args.steps, batch_size=args.batch, learning_rate=2e-3, weight_decay=0.01, warmup_steps=40,
                ema_decay=0.99, bfloat16=True, seed=seed,
            )  # fmt: skip
            start_s = time.monotonic()
            net = train_net.run(clips, config, args.output / f"{path.stem}", sizes(name))
            record = {"name": name, "seed": seed, "parameters": num_parameters(net.config), "steps": args.steps}
            record |= {"minutes": round((time.monotonic() - start_s) / 60, 2)} | measures(net, held)
            path.write_text(json.dumps(record, indent=1))
    table(sorted(args.output.glob("*.json")))


def table(paths: Sequence[Path]) -> None:
    """Means over the seeds and their range."""
    records = [json.loads(path.read_text()) for path in paths]
    columns = [key for key in records[0] if key not in {"name", "seed", "parameters", "steps", "minutes"}]
    for name in BLOCKS:
        own = [record for record in records if record["name"] == name]
        if own:
            print(f"{name}: {own[0]['parameters']} parameters, {own[0]['steps']} steps, {len(own)} seeds")
        for column in columns if own else ():
            values = [record[column] for record in own]
            print(f"  {column:34} {statistics.mean(values):.4f}  ({min(values):.4f} .. {max(values):.4f})")


if __name__ == "__main__":
    main()
