"""Two pages in words: what a dataset holds, and what a training run did with it.

write(folder / "data_card.md", data_card(dataset))
"""

import os
import platform
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import torch

from clapboard.engines.nava.dataset import SILENT_DB, Dataset
from clapboard.engines.nava.kept import replacing
from clapboard.engines.nava.recipe import Recipe, plain
from clapboard.engines.nava.shots import FPS

EDGE_STEPS = 20
"""Steps at both ends of a run whose mean loss is told."""


def write(path: Path, text: str) -> None:
    """The page, whole or not there; the same page is not written again, since its folder may be read-only."""
    data = text.encode()
    if not path.is_file() or path.read_bytes() != data:
        with replacing(path) as part:
            part.write_bytes(data)


def spread(values: Sequence[float], unit: str) -> str:
    """Least, median and largest."""
    return f"{min(values):.1f} to {max(values):.1f} {unit}, median {statistics.median(values):.1f}"


def counted(values: Sequence[str]) -> str:
    """Each value and how often, the most frequent first."""
    return ", ".join(f"{value} ({count})" for value, count in Counter(values).most_common())


def data_card(dataset: Dataset) -> str:
    """The page on a dataset."""
    clips, films, grid = dataset.clips.clips, dataset.films, dataset.source.grid
    clip_s = grid.num_pictures / float(FPS)
    heard = [clip for clip in clips if clip.peak_db > SILENT_DB]
    words = [len(clip.caption) for clip in clips]
    rates = [f"{float(film.facts.fps):.5g}" for film in films]
    ours = sum(film.is_ours for film in films)
    rows = {
        "Films": f"{len(films)}, {sum(film.facts.duration_s for film in films):.1f} s; {len(dataset.skipped)} skipped",
        "Sources": f"{ours} made by Clapboard, {len(films) - ours} from elsewhere",
        "Sizes": counted([f"{film.facts.width_px}x{film.facts.height_px}" for film in films]),
        "Frames a second": counted(rates),
        "Sound": counted([f"{film.facts.audio_rate} Hz, {film.facts.audio_channels} channels" for film in films]),
        "Clips": f"{len(clips)} of {clip_s:.3f} s ({len(clips) * clip_s:.1f} s)",
        "As trained on": f"{grid.width_px}x{grid.height_px}, {grid.num_pictures} pictures at {FPS} a second, 48 kHz",
        "Latents": f"video {grid.num_frames} frames, audio {grid.num_audio}; {grid.num_tokens} tokens at most",
        "Level (RMS)": spread([clip.level_db for clip in heard], "dBFS") if heard else "all silent",
        "Peak": spread([clip.peak_db for clip in heard], "dBFS") if heard else "all silent",
        "Silent clips": f"{1 - len(heard) / len(clips):.1%} (peak under {SILENT_DB:g} dBFS)",
        "Captions": f"{len({clip.caption for clip in clips})} different, {min(words)} to {max(words)} characters",
    }
    lines = ["# Data card", "", f"Films in `{dataset.source.folder}`, cut into clips and encoded once.", ""]
    lines += ["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows.items()), ""]
    lines += ["## Films", "", "| Film | Seconds | Clips |", "| --- | --- | --- |"]
    lines += [f"| {film.name} | {film.facts.duration_s:.1f} | {film.num_clips} |" for film in films]
    if dataset.skipped:
        lines += ["", "## Skipped", "", *(f"- {name}: {reason}" for name, reason in dataset.skipped.items())]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a run came to."""

    losses: Sequence[float]
    """Of every step that the log still holds."""
    held_out: Sequence[tuple[int, float]]
    """Step and loss on the clips held out."""
    minutes: float
    """Spent on steps, over all starts."""
    num_trained: int
    files: Sequence[Path]
    num_processes: int
    device: str


def machine_in_words(device: str, num_processes: int) -> str:
    """The machine in general terms."""
    unit = torch.cuda.get_device_name(0) if device == "cuda" else f"CPU ({platform.machine()}, {os.cpu_count()} cores)"
    return f"{num_processes} x {unit}, torch {torch.__version__}"


def training_card(recipe: Recipe, dataset: Dataset, outcome: Outcome) -> str:
    """The page on a run."""
    losses = outcome.losses
    ends = [f"{statistics.mean(part):.4f}" for part in (losses[:EDGE_STEPS], losses[-EDGE_STEPS:]) if part]
    kind = f"a LoRA of rank {recipe.lora_rank}" if recipe.lora_rank else "all weights"
    rows = {
        "Trained": f"{kind}, {outcome.num_trained:,} numbers",
        "Data": f"{len(dataset.clips) - recipe.held_out} clips of {len(dataset.films)} films, {recipe.held_out} more"
        f" held out, {len(dataset.skipped)} films skipped (`{recipe.cache_folder / 'data_card.md'}`)",
        "Steps": f"{recipe.train.num_steps} of {recipe.train.batch_size} clips, {outcome.minutes:.1f} minutes",
        f"Loss, first and last {EDGE_STEPS} steps": ", ".join(ends) or "no longer in the log",
        "Machine": machine_in_words(outcome.device, outcome.num_processes),
        "Wrote": ", ".join(f"`{path.name}`" for path in outcome.files),
    }
    if outcome.held_out:
        told = [outcome.held_out[0], outcome.held_out[-1]]
        rows["Loss on clips held out"] = ", ".join(f"{loss:.4f} at step {step}" for step, loss in told)
    lines = ["# Training card", "", "| | |", "| --- | --- |", *(f"| {k} | {v} |" for k, v in rows.items()), ""]
    lines += ["## Recipe", "", "| Field | Value |", "| --- | --- |"]
    for name in ("weights", "sizes", "lora_rank", "storage", "held_out"):
        lines.append(f"| {name} | {plain(getattr(recipe, name))} |")
    lines += [f"| train.{field.name} | {plain(getattr(recipe.train, field.name))} |" for field in fields(recipe.train)]
    return "\n".join(lines) + "\n"
