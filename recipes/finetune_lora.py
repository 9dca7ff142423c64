"""A LoRA of NAVA on your own films: clapboard train recipes/finetune_lora.py

Makes   runs/lora/lora.safetensors (193 MB), and runs/lora/weights, the whole model with it, for the engine.
Needs   the released weights (`clapboard pull nava`); films with captions in the folder `films`; one GPU of 24 GB, by
        the plan that the command makes before it loads anything (13.5 GB for weights and moments, 2.6 GB for a clip).
        We have not run it at this size: the same code is tested at tiny size.
Expect  a loss that jumps about, since each step draws its own noise level; `held_out` in log.jsonl should fall.
"""

from pathlib import Path

from clapboard.engines.nava.dataset import Source
from clapboard.engines.nava.recipe import Recipe
from clapboard.engines.nava.train import TrainConfig

RECIPE = Recipe(
    # Films: NAME.mp4 (or .mov, .mkv, .webm) with its caption in NAME.txt beside it. They are cut into clips of this
    # length and size, which are encoded once.
    films=Source(folder=Path("films"), seconds=2.0, size=(640, 352)),
    output=Path("runs/lora"),
    # Only two thin matrices beside each matrix of the blocks are trained. 16 is enough for a look or a kind of sound;
    # the frozen weights stay in bfloat16.
    lora_rank=16,
    storage="bfloat16",
    merge=True,
    train=TrainConfig(
        num_steps=2000,
        batch_size=1,
        learning_rate=1e-4,
        warmup_steps=50,
        # Mostly picture and sound together; at times one for the other, so that retakes of the sound improve too.
        tasks={"joint": 0.7, "sound": 0.2, "picture": 0.1},
        bfloat16=True,
        # Blocks are computed again in the backward pass: a third more time for a small part of the memory.
        checkpointing=True,
        seed=0,
    ),
    # A kill costs at most so many steps. Four clips are kept apart, to see whether it learns more than these clips.
    save_every=100,
    held_out=4,
)
