"""How nano's weights are made, from nothing: clapboard train recipes/nano.py

Films of the yard by the stage engine; an autoencoder for pictures and one for sounds; all films as latents; the joint
network. What a killed run has finished stays, so the same command goes on. `docs/nano.md` tells what came out.
"""

from collections.abc import Callable
from pathlib import Path

from clapboard.engines.nava.nano import films, latents, pictures, sounds, train_net, train_pictures, train_sounds
from clapboard.engines.nava.train import TrainConfig
from clapboard.progress import Progress

FOLDER = Path("runs/nano")
NUM_FILMS = 1260  # half a second each to paint and sound on one core
NET = TrainConfig(
    num_steps=9000, batch_size=16, learning_rate=2e-3, weight_decay=0.01, warmup_steps=60, ema_decay=0.997,
    bfloat16=True,
)  # fmt: skip


def once(path: Path, train: Callable[[Path], object]) -> None:
    """Train to a file beside, which becomes `path` when the training has ended, unless `path` is there already."""
    if not path.exists():
        growing = path.with_name(f"growing_{path.name}")
        train(growing)
        growing.replace(path)


def run(progress: Progress) -> str:
    """Everything, in order; returns where the weights are."""
    films.make(FOLDER / "films", range(NUM_FILMS), progress)
    paths = sorted((FOLDER / "films").glob("*.npz"))
    weights = FOLDER / "weights"
    weights.mkdir(exist_ok=True)
    seen, heard = weights / "pictures.safetensors", weights / "sounds.safetensors"
    once(seen, lambda path: train_pictures.train(FOLDER / "films", path, train_pictures.Recipe(), progress))
    once(heard, lambda path: train_sounds.train(paths, path, train_sounds.Plan(), report=lambda _: None))
    latents.encode(paths, FOLDER / "latents.safetensors", pictures.load(seen), sounds.load_sounds(heard), progress)
    clips = latents.read(FOLDER / "latents.safetensors", FOLDER / "films")
    train_net.run(clips, NET, weights, progress=progress)
    return str(weights)
