"""A training run as one value; `clapboard train FILE.py` runs the one that the file calls RECIPE.

    RECIPE = Recipe(
        films=Source(folder=Path("films"), seconds=2.0, size=(640, 352)),
        output=Path("runs/first"),
        train=TrainConfig(num_steps=2000, learning_rate=1e-4, checkpointing=True),
        lora_rank=16,
    )

Complete ones are in the folder `recipes` beside the source.
"""

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from clapboard.engines.nava import memory
from clapboard.engines.nava.config import Config
from clapboard.engines.nava.dataset import Source
from clapboard.engines.nava.shots import Grid
from clapboard.engines.nava.train import TrainConfig
from clapboard.errors import EngineError, InputError
from clapboard.progress import Progress

FREE_TO_CHANGE: Final = ("num_steps",)
"""What of a TrainConfig may change while a run goes on: more steps do not alter those that were made."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """What to train, on what, and where it goes."""

    films: Source
    output: Path
    """Folder of the run: its log, checkpoints, weights and cards. Started again, a run goes on from there."""
    train: TrainConfig
    weights: Path | None = None
    """Folder laid out like the release, to start from; none: where `clapboard pull nava` puts it."""
    sizes: Config | None = None
    """Begin with random numbers at these sizes; none: with the folder's weights."""
    lora_rank: int | None = None
    """Train a low-rank change of the blocks' matrices; none: everything."""
    merge: bool = False
    """With a LoRA, also write whole weights that hold it, which the engine can load."""
    storage: Literal["float32", "bfloat16"] = "float32"
    """How weights that are not trained are kept."""
    cache: Path | None = None
    """Folder of the encoded clips, which several runs may share; none: `latents` in the folder of films."""
    save_every: int = 100
    """Steps from one checkpoint to the next; the last two are kept."""
    held_out: int = 0
    """Clips that are not trained on; the loss on them is logged with every checkpoint."""
    device: Literal["cuda", "cpu"] | None = None
    """None: the GPU if there is one."""

    @property
    def cache_folder(self) -> Path:
        """Where encoded clips are."""
        return self.cache or self.films.folder / "latents"

    def run(self, progress: Progress) -> str:
        """Train, from where it was left; what was made, in a few lines."""
        from clapboard.engines.nava.training_run import run_recipe

        check(self)
        return run_recipe(self, progress)

    def identity(self) -> dict[str, str]:
        """All that decides the numbers of a run, by name; the films are told apart by what they hold."""
        own = {name: getattr(self, name) for name in ("sizes", "lora_rank", "storage", "held_out")}
        for field in fields(TrainConfig):
            if field.name not in FREE_TO_CHANGE:
                own[field.name] = getattr(self.train, field.name)
        return {name: repr(value) for name, value in own.items()}


def check(recipe: Recipe) -> None:
    """Raises `InputError` for the first thing in a recipe that cannot be."""
    strict = ConfigDict(strict=True, revalidate_instances="always")
    try:
        TypeAdapter(tuple[Recipe], config=strict).validate_python((recipe,))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"][1:] if part != "[key]")
        found = "" if isinstance(first["input"], Mapping) else f", found {str(first['input'])[:60]!r}"
        raise InputError(f"RECIPE.{place}: {first['msg'][0].lower() + first['msg'][1:]}{found}") from None
    train = recipe.train
    shares = list(train.tasks.values())
    rules = {
        "train.num_steps is 1 or more": train.num_steps >= 1,
        "train.batch_size is 1 or more": train.batch_size >= 1,
        "train.learning_rate is above 0": 0 < train.learning_rate < math.inf,
        "train.weight_decay is 0 or more, and finite": 0 <= train.weight_decay < math.inf,
        "train.clip_norm is above 0, and finite": 0 < train.clip_norm < math.inf,
        "train.warmup_steps is 0 or more": train.warmup_steps >= 0,
        "train.ema_decay lies in [0, 1)": 0 <= train.ema_decay < 1,
        "train.tasks holds shares of 0 or more, not all 0": all(0 <= x < math.inf for x in shares) and sum(shares) > 0,
        "films.seconds is above 0, and finite": 0 < recipe.films.seconds < math.inf,
        "films.size is 1 or more each way": min(recipe.films.size) >= 1,
        "sizes are above 0": recipe.sizes is None or all(x > 0 for x in numbers(recipe.sizes)),
        "lora_rank is 1 or more": recipe.lora_rank is None or recipe.lora_rank >= 1,
        "merge needs a lora_rank": not recipe.merge or recipe.lora_rank is not None,
        "storage bfloat16 needs a lora_rank, since trained weights stay float32": recipe.lora_rank is not None
        or recipe.storage == "float32",
        "save_every is 1 or more": recipe.save_every >= 1,
        "held_out is 0 or more": recipe.held_out >= 0,
    }
    for share in ("drop_text", "drop_voice", "masked", "first_frame", "separate_levels"):
        rules[f"train.{share} is a share from 0 to 1"] = 0 <= getattr(train, share) <= 1
    for rule, holds in rules.items():
        if not holds:
            raise InputError(f"the recipe breaks a rule: {rule}")


def numbers(sizes: Config) -> list[float]:
    """All sizes, those of a patch one by one."""
    return [x for value in astuple(sizes) for x in (value if isinstance(value, tuple) else (value,))]


# --------------------------------------------------------------------------------------------------- memory


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """Bytes that training takes on each device, roughly."""

    state: int
    """Weights, and of what is trained gradients, moments and average."""
    work: int
    """What the backward pass keeps of the tokens."""

    @property
    def total(self) -> int:
        """Both together."""
        return self.state + self.work


def num_lora(sizes: memory.Sizes, rank: int) -> int:
    """Numbers of a LoRA of this rank: two thin matrices for each matrix of the blocks (lora.py)."""
    d, f = sizes.dim, sizes.ffn_dim
    num_square = (sizes.matrices - sizes.num_blocks * 2 * d * f) // (d * d)
    return rank * (num_square * 2 * d + sizes.num_blocks * 2 * (d + f))


def needed(recipe: Recipe, config: Config, grid: Grid, num_processes: int) -> Need:
    """What a run of these sizes takes on each of its devices.

    A trained number takes 16 bytes (itself, gradient, two moments), 4 for an average and 2 for its copy in bfloat16;
    the work in a block is that of memory.py, twice over in float32, kept for every block unless these are run again.
    """
    sizes = memory.Sizes.of(config, memory.Files())
    trained = sizes.num_params if recipe.lora_rank is None else num_lora(sizes, recipe.lora_rank)
    frozen = 0 if recipe.lora_rank is None else sizes.num_params * (2 if recipe.storage == "bfloat16" else 4)
    state = trained * (16 + 4 * bool(recipe.train.ema_decay) + 2 * recipe.train.bfloat16) + frozen
    clips = math.ceil(recipe.train.batch_size / num_processes)
    in_block = memory.work_bytes(sizes, grid) * (1 if recipe.train.bfloat16 else 2)
    between = 4 * sizes.dim * grid.num_tokens * sizes.num_blocks
    work = in_block + between if recipe.train.checkpointing else in_block * sizes.num_blocks
    return Need(state=state // num_processes, work=clips * work)


def check_memory(need: Need, machine: memory.Machine, recipe: Recipe, num_processes: int = 1) -> None:
    """Raises `EngineError` that says what is short, and what would need less; processes on a CPU share its memory."""
    if machine.device == "cpu":
        need = Need(state=need.state * num_processes, work=need.work * num_processes)
    short = need.total - machine.free * (1 - memory.RESERVE)
    if short <= 0:
        return
    ways = [
        *(["lora_rank=16"] if recipe.lora_rank is None else []),
        *(['storage="bfloat16"'] if recipe.lora_rank is not None and recipe.storage == "float32" else []),
        *([] if recipe.train.checkpointing else ["checkpointing=True"]),
        *(["a smaller batch_size"] if recipe.train.batch_size > 1 else []),
        "shorter or smaller clips, or more processes with torchrun",
    ]
    where = "GPU" if machine.device == "cuda" else "main"
    gb = memory.GB
    raise EngineError(
        f"training needs about {short / gb:.1f} GB more of {where} memory than is free ({need.state / gb:.1f} GB for"
        f" weights and moments, {need.work / gb:.1f} GB for the clips); try {', '.join(ways)}"
    )


def plain(value: Any) -> str:  # noqa: ANN401 - any field of a recipe
    """A field of a recipe as the cards show it."""
    return ", ".join(f"{k} {v:g}" for k, v in value.items()) if isinstance(value, Mapping) else str(value)
