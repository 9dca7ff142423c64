"""The network's training run: from latents to weights, killed and resumed at will."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from clapboard.engines.nava.config import Config, nano
from clapboard.engines.nava.nano.latents import centre, inward
from clapboard.engines.nava.nano.learn import LatentClip, NanoTrainer
from clapboard.engines.nava.nano.net import NanoNet, fresh, save
from clapboard.engines.nava.train import TrainConfig
from clapboard.engines.nava.training_run import locked
from clapboard.errors import InputError
from clapboard.progress import Progress, Step, silent

EVERY = 100
"""Steps between checkpoints."""
_FIXED = ("batch_size", "learning_rate", "weight_decay", "ema_decay", "seed")
"""What may not change when a run goes on; the number of steps may."""


def averaged(trainer: NanoTrainer) -> NanoNet:
    """The network with the average of its weights over the last steps."""
    net = NanoNet(trainer.model.config)
    net.load_state_dict(trainer.model.state_dict() | trainer.average)
    return net.eval()


def run(
    clips: Sequence[LatentClip],
    config: TrainConfig,
    folder: Path,
    sizes: Config | None = None,
    progress: Progress = silent,
) -> NanoNet:
    """The steps that are left; `folder` keeps the checkpoint, the log and the weights so far. Returns the average."""
    with locked(folder):
        return run_alone(clips, config, folder, sizes, progress)


def run_alone(
    clips: Sequence[LatentClip], config: TrainConfig, folder: Path, sizes: Config | None, progress: Progress
) -> NanoNet:
    """As `run`, when no other run goes on in the folder."""
    net = fresh(sizes or nano(), config.seed)
    centre(net, clips)
    trainer = NanoTrainer(net, [inward(net, clip) for clip in clips], config)
    checkpoint, log, about = folder / "run.pt", folder / "log.jsonl", folder / "run.json"
    own = {"clips": len(clips), "sizes": asdict(net.config)} | {name: getattr(config, name) for name in _FIXED}
    if not about.exists():
        about.write_text(json.dumps(own))
    elif json.loads(about.read_text()) != json.loads(json.dumps(own)):
        raise InputError(f"{folder} holds a run on other clips, or of another size or recipe; choose another folder")
    if checkpoint.exists():
        trainer.resume(checkpoint)
    lines = log.read_text().splitlines(keepends=True) if log.exists() else []
    log.write_text("".join(line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= trainer.step))
    with log.open("a") as lines:
        for record in trainer.run():
            lines.write(json.dumps(asdict(record)) + "\n")
            if record.step % EVERY == 0 or record.step == config.num_steps:
                lines.flush()
                trainer.save(checkpoint)
                save(averaged(trainer), folder / "nano.safetensors", {"step": str(record.step)})
            progress(Step(stage="training", done=record.step, total=config.num_steps, note=f"loss {record.loss:.3f}"))
    return averaged(trainer)
