"""All weights of NAVA on your own films: torchrun --nproc-per-node 8 -m clapboard train recipes/finetune_full.py

Makes   runs/full/weights, a folder like the release's: set CLAPBOARD_NAVA to it and generate with --engine nava.
Needs   the released weights; many films with captions in the folder `films`; eight GPUs of 80 GB (6.3 B numbers take
        139 GB for weights, gradients, moments and average, cut between the processes); 210 GB of main memory, because
        each process reads the whole 25 GB before it cuts them; 330 GB of disk (a checkpoint takes 101 GB, the last two
        are kept, and a new one is written before the oldest goes). We have not run it at this size: the same code is
        tested at tiny size, on two processes.
Expect  losses equal to those of one process with the same batch. Without torchrun the command says what is short.
"""

from pathlib import Path

from clapboard.engines.nava.dataset import Source
from clapboard.engines.nava.recipe import Recipe
from clapboard.engines.nava.train import TrainConfig

RECIPE = Recipe(
    films=Source(folder=Path("films"), seconds=4.0, size=(960, 544)),
    output=Path("runs/full"),
    train=TrainConfig(
        num_steps=10_000,
        # Over all processes: each takes its share of every batch, so this is a multiple of their number.
        batch_size=16,
        # A tenth of a LoRA's: every weight moves.
        learning_rate=1e-5,
        warmup_steps=200,
        # The weights that are written are this running mean of the trained ones, as in the release.
        ema_decay=0.9999,
        tasks={"joint": 0.7, "sound": 0.15, "picture": 0.15},
        bfloat16=True,
        checkpointing=True,
        seed=0,
    ),
    save_every=250,
    held_out=16,
)
