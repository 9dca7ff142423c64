"""One training run from its recipe: films to clips, clips to steps, steps to weights. `run_recipe` tells it all.

What lies in the run's folder:
    recipe.json       what decides the numbers; a run goes on only with the same
    log.jsonl         one line a step: task, loss, squared error per stream, seconds; and losses held out
    checkpoints/      the last two states
    weights/          the trained model, a folder like the release's that the engine takes; or
    lora.safetensors  the trained change of it
    training_card.md  what was done, on what, with which result
    lock              held while a run goes on in the folder
"""

import json
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from clapboard.engines.nava import memory, sharded, weights
from clapboard.engines.nava.config import STREAMS, Config
from clapboard.engines.nava.data_card import Outcome, data_card, training_card, write
from clapboard.engines.nava.dataset import Clips, Dataset, prepare
from clapboard.engines.nava.kept import replacing, unwritable
from clapboard.engines.nava.lora import add_lora, merge_lora, save_lora
from clapboard.engines.nava.model import Nava
from clapboard.engines.nava.performance import config_in
from clapboard.engines.nava.recipe import Recipe, check_memory, needed
from clapboard.engines.nava.store import BACKBONE, SOUND, TEXT, TOKENIZER, VIDEO, Release, find, missing
from clapboard.engines.nava.train import Example, Noisy, Task, Trainer, draw_indices, flow_loss
from clapboard.errors import Cancelled, ClapboardError, InputError, MediaError, WeightsError
from clapboard.progress import Progress, Step, silent

try:
    import fcntl
except ImportError:  # not on Windows, where two runs in one folder are not noticed
    fcntl = None

T = TypeVar("T")
KEPT_CHECKPOINTS: Final = 2
HELD_OUT_LEVELS: Final = (150, 400, 650, 900)
"""Indices in the table of noise levels at which clips held out are measured."""


def run_recipe(recipe: Recipe, progress: Progress) -> str:
    """The whole run, in as many processes as torchrun started; what was made, in words."""
    if recipe.device != "cpu":
        sharded.take_gpu()
    device = memory.machine(recipe.device).device
    if sharded.num_processes() == 1:
        return train(recipe, device, progress)
    with sharded.started(device):
        return train(recipe, device, progress if dist.get_rank() == 0 else silent)


def train(recipe: Recipe, device: str, progress: Progress) -> str:
    """The run in this process, once nothing speaks against it."""
    release = starting_weights(recipe)
    check_output(recipe, release)
    config = recipe.sizes or config_in(release.backbone)
    world = sharded.num_processes()
    check_memory(needed(recipe, config, recipe.films.grid, world), memory.machine(recipe.device), recipe, world)
    with alone_in(recipe.output):
        return train_alone(recipe, release, config, device, progress)


def train_alone(recipe: Recipe, release: Release, config: Config, device: str, progress: Progress) -> str:
    """From films to weights and cards."""
    dataset = first_then_all(lambda: prepare(recipe.films, recipe.cache_folder, release, device, progress))
    if is_first():
        write(recipe.cache_folder / "data_card.md", data_card(dataset))
    examples, held_out = divided(dataset.clips, recipe.held_out)
    check_widths(config, examples[0])
    run = Run(recipe, {"weights": repr(beginning_of(recipe, release)), "films": dataset.fingerprint()})
    trainer = trainer_for(recipe, config, release, device, examples)
    run.open(trainer)
    run.go(trainer, held_out, progress)
    num_trained = sum(p.numel() for p in trainer.parameters.values())
    files = finish(recipe, trainer, lambda: model_for(recipe, config, release), release)
    if not is_first():
        return ""
    world = sharded.num_processes()
    outcome = Outcome(**run.results(), num_trained=num_trained, files=files, num_processes=world, device=device)
    write(recipe.output / "training_card.md", training_card(recipe, dataset, outcome))
    return told(recipe, dataset, files)


def told(recipe: Recipe, dataset: Dataset, files: Sequence[Path]) -> str:
    """The end of a run for the terminal."""
    skipped = f"{len(dataset.skipped)} films were skipped, see {recipe.cache_folder / 'data_card.md'}"
    return "\n".join(
        [*map(str, files), str(recipe.output / "training_card.md"), *([skipped] if dataset.skipped else [])]
    )


# --------------------------------------------------------------------------------------------------- beginning


def is_first() -> bool:
    """Whether this process is the one that writes."""
    return sharded.num_processes() == 1 or dist.get_rank() == 0


def first_then_all(work: Callable[[], T]) -> T:
    """The first process does the work, then the others, who find it done."""
    if sharded.num_processes() == 1:
        return work()
    failed: list[ClapboardError | None] = [None]
    done: list[T] = []
    if is_first():
        try:
            done.append(work())
        except ClapboardError as error:
            failed[0] = error
    dist.broadcast_object_list(failed)
    if failed[0] is not None:
        raise failed[0] if is_first() else Cancelled("stopped, because the first process could not go on")
    return done[0] if done else work()


def starting_weights(recipe: Recipe) -> Release:
    """The folder of weights; the transformer need not be there when it starts from random numbers."""
    folder = recipe.weights
    if recipe.sizes is not None and folder is not None and missing(folder) == [BACKBONE]:
        return Release(folder)
    return find(folder)


def check_output(recipe: Recipe, release: Release) -> None:
    """Raises `InputError` when the run would write its weights over those that it starts from."""
    folder = recipe.output / "weights"
    if folder.resolve() == release.folder.resolve():
        raise InputError(f"{folder} holds the weights that the run starts from; choose another output")


@contextmanager
def alone_in(folder: Path) -> Generator[None]:
    """Raises `InputError` while another run goes on in the folder; the first process holds it for all."""
    with first_then_all(lambda: locked(folder) if is_first() else nullcontext()):
        yield


def locked(folder: Path) -> IO[str]:
    """A file that nobody else may lock until it is closed; the lock goes with the process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("w")
    except OSError as error:
        raise MediaError(f"cannot write into {folder} ({error.strerror}); choose another output") from None
    if fcntl is None:
        return file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise InputError(f"another run is going on in {folder}; wait for its end, or choose another output") from None
    except OSError:  # a file system without locks: two runs are not noticed there
        return file
    return file


def beginning_of(recipe: Recipe, release: Release) -> object:
    """What tells these first weights from others."""
    return (
        recipe.train.seed if recipe.sizes else next(x for x in release.fingerprint() if x[0] == release.backbone.name)
    )


def model_for(recipe: Recipe, config: Config, release: Release) -> Nava:
    """The model before its first step, on the CPU."""
    generator = torch.Generator().manual_seed(recipe.train.seed)
    if recipe.sizes is not None:
        model = Nava(recipe.sizes)
        weights.init_weights(model, generator)
    else:
        model = weights.load(release.backbone, config, storage=recipe.storage)
    return model if recipe.lora_rank is None else add_lora(model, rank=recipe.lora_rank, generator=generator)


def trainer_for(recipe: Recipe, config: Config, release: Release, device: str, examples: Sequence[Example]) -> Trainer:
    """The trainer of this process."""
    model = model_for(recipe, config, release)
    if sharded.num_processes() > 1:
        return sharded.ShardedTrainer(model, examples, recipe.train)
    return Trainer(model.to(device), examples, recipe.train)


def divided(clips: Clips, held_out: int) -> tuple[Clips, Clips]:
    """Clips to train on, and clips that are only measured, from all over the dataset."""
    if held_out >= len(clips):
        raise InputError(f"{held_out} clips are to be held out, but there are {len(clips)}; lower held_out")
    out = {(2 * k + 1) * len(clips) // (2 * held_out) for k in range(held_out)}
    kept = [index for index in range(len(clips)) if index not in out]
    return tuple(Clips([clips.clips[index] for index in indices]) for indices in (kept, sorted(out)))  # pyright: ignore


def check_widths(config: Config, example: Example) -> None:
    """Raises `InputError` when a model of these sizes cannot take the clips."""
    found = {
        "vid_in_dim": example.latents["video"].shape[0],
        "audio_in_dim": example.latents["audio"].shape[1],
        "text_dim": example.text_NE.shape[1],
    }
    for name, width in found.items():
        if getattr(config, name) != width:
            raise InputError(f"the model's {name} is {getattr(config, name)} but the clips have {width}; change sizes")


# --------------------------------------------------------------------------------------------------- the steps


@dataclass
class Run:
    """A run's folder: what it is, its log, its checkpoints."""

    recipe: Recipe
    beginning: dict[str, str]

    @property
    def log_path(self) -> Path:
        """A JSON object a line."""
        return self.recipe.output / "log.jsonl"

    def checkpoints(self) -> list[Path]:
        """The states on disk, the newest last."""
        return sorted((self.recipe.output / "checkpoints").glob("step-*.pt"))

    def open(self, trainer: Trainer) -> None:
        """Begin, or go on from the newest checkpoint."""
        folder = self.recipe.output / "checkpoints"
        try:
            folder.mkdir(exist_ok=True)
            if is_first():
                self.sweep()
        except OSError as error:
            raise unwritable(folder, error) from None
        self.identify()
        if found := self.checkpoints():
            try:
                trainer.resume(found[-1])
            except WeightsError as error:
                older = f"; remove it to go on from {found[-2].name}" if len(found) > 1 else "; remove it to start anew"
                raise WeightsError(f"{error}{older}") from None
        if trainer.step > self.recipe.train.num_steps:
            raise InputError(
                f"{self.recipe.output} holds a run of {trainer.step} steps, more than num_steps"
                f" {self.recipe.train.num_steps}; raise num_steps, or choose another output"
            )
        if is_first():
            self.trim(trainer.step)

    def sweep(self) -> None:
        """Remove the large parts that a killed run left; no other run goes on here."""
        for name in ("checkpoints", "weights"):
            for part in (self.recipe.output / name).glob("*.part"):
                part.unlink()

    def identify(self) -> None:
        """Raises `InputError` when the folder holds another run."""
        own = self.recipe.identity() | self.beginning
        path = self.recipe.output / "recipe.json"
        if not self.checkpoints():
            if is_first():
                write(path, json.dumps(own, indent=1))
            return
        try:
            other = json.loads(path.read_text("utf-8"))
        except (OSError, json.JSONDecodeError):
            raise InputError(f"{path} is not there or broken; remove {path.parent} or choose another output") from None
        for name in own | other:
            if own.get(name) != other.get(name):
                raise InputError(
                    f"{path.parent} holds another run: its {name} is {str(other.get(name))[:80]}, here it is"
                    f" {str(own.get(name))[:80]}; choose another output, or remove that one"
                )

    def trim(self, step: int) -> None:
        """Drop lines past the step that the run goes on from: they will be written again."""
        kept = [line for line in self.lines() if line["step"] <= step]
        write(self.log_path, "".join(json.dumps(line) + "\n" for line in kept))

    def lines(self) -> list[dict[str, Any]]:
        """The log; a last line that was cut by a kill is left out."""
        text = self.log_path.read_text("utf-8") if self.log_path.is_file() else ""
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def add(self, **facts: Any) -> None:  # noqa: ANN401 - what JSON holds
        """One line of the log, on disk when this returns."""
        if is_first():
            try:
                with self.log_path.open("a", encoding="utf-8") as log:
                    log.write(json.dumps(facts) + "\n")
            except OSError as error:
                raise unwritable(self.log_path, error) from None

    def go(self, trainer: Trainer, held_out: Clips, progress: Progress) -> None:
        """Every step that is left."""
        total = self.recipe.train.num_steps
        began_s = time.monotonic()
        try:
            for record in trainer.run():
                now_s = time.monotonic()
                self.add(**asdict(record), seconds=round(now_s - began_s, 4))
                began_s = now_s
                progress(Step(stage="training", done=record.step, total=total, note=f"loss {record.loss:.4f}"))
                if record.step % self.recipe.save_every == 0 or record.step == total:
                    self.measure(trainer, held_out)
                    self.save(trainer)
        except KeyboardInterrupt:
            last = self.checkpoints()[-1:]
            where = f"from step {int(last[0].stem.removeprefix('step-'))}" if last else "from the start"
            raise Cancelled(f"stopped after step {trainer.step}; the same command goes on {where}") from None

    def measure(self, trainer: Trainer, held_out: Clips) -> None:
        """Log the loss on the clips held out."""
        if held_out:
            self.add(step=trainer.step, held_out=loss_on(trainer, held_out))

    def save(self, trainer: Trainer) -> None:
        """A checkpoint; the oldest goes."""
        trainer.save(self.recipe.output / "checkpoints" / f"step-{trainer.step:08d}.pt")
        if is_first():
            for old in self.checkpoints()[:-KEPT_CHECKPOINTS]:
                old.unlink()

    def results(self) -> dict[str, Any]:
        """Losses, losses held out, and minutes, from the log."""
        lines = self.lines()
        steps = [line for line in lines if "loss" in line]
        return {
            "losses": [line["loss"] for line in steps],
            "held_out": [(line["step"], line["held_out"]) for line in lines if "held_out" in line],
            "minutes": sum(line["seconds"] for line in steps) / 60,
        }


@torch.no_grad()
def loss_on(trainer: Trainer, clips: Clips) -> float:
    """Mean loss of the run's first task over clips and noise levels, with the same noise every time."""
    device = next(iter(trainer.parameters.values())).device
    task: Task = next(task for task, share in trainer.config.tasks.items() if share)
    generator = torch.Generator().manual_seed(trainer.config.seed)

    def one(example: Example, level: int) -> Tensor:
        drawn = draw_indices(task, 1, 0.0, generator)
        indices = {name: None if k is None else torch.tensor([level]) for name, k in drawn.items()}
        clean = {name: example.latents[name].to(device) for name in STREAMS if name in indices}
        noise = {name: torch.randn(z.shape, generator=generator).to(device) for name, z in clean.items()}
        context = trainer.model.context([example.text_NE.to(device)])
        return flow_loss(trainer.model, Noisy([clean], [noise], indices), context).total

    def all_of_them() -> Tensor:
        return torch.stack([one(example, level) for example in clips for level in HELD_OUT_LEVELS]).mean()

    with trainer.precision():
        whole = trainer.whole(all_of_them) if isinstance(trainer, sharded.ShardedTrainer) else all_of_them()
    return whole.item()


# --------------------------------------------------------------------------------------------------------- end


def finish(recipe: Recipe, trainer: Trainer, fresh: Callable[[], Nava], release: Release) -> list[Path]:
    """Write what was trained (its average, if there is one); the files."""
    trained = dict(trainer.average or {name: p.detach() for name, p in trainer.parameters.items()})
    if isinstance(trainer, sharded.ShardedTrainer):
        trained = sharded.whole(trained)
    if not is_first():
        return []
    model = fresh() if isinstance(trainer, sharded.ShardedTrainer) else trainer.model
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, tensor in trained.items():
            parameters[name].copy_(tensor)
    files: list[Path] = []
    if recipe.lora_rank is not None:
        files.append(recipe.output / "lora.safetensors")
        with replacing(files[0]) as part:
            save_lora(model, part)
    if recipe.lora_rank is None or recipe.merge:
        folder = recipe.output / "weights"
        files.append(folder / BACKBONE)
        link_others(folder, release)
        weights.save(merge_lora(model) if recipe.lora_rank is not None else model, files[-1])
    return files


def link_others(folder: Path, release: Release) -> None:
    """Make the folder one that the engine takes: the other networks are links to where they are."""
    for name in (TEXT, TOKENIZER, VIDEO, SOUND):
        link, target = folder / name, (release.folder / name).resolve()
        if link.exists() and link.samefile(target):  # it may be the file itself, by another way
            continue
        try:
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        except OSError as error:
            raise unwritable(link, error) from None
