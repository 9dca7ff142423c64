"""What a film needs of memory, decided before anything is loaded.

    plan = fit(Sizes.of(config, Files()), grid, machine())     # or one line: the shortfall, and what would fit

The three parts of the work come one after the other: text, sampling, decoding. Weights of a part that is over are
dropped when they would not fit beside the next. Everything here is a function of sizes and free bytes, except
`machine`. Figures marked "counted" follow from the networks' shapes.
"""

import os
from dataclasses import dataclass
from typing import Final, Literal

from clapboard.engines.nava.config import Config
from clapboard.engines.nava.shots import Grid
from clapboard.errors import EngineError

GB: Final = 10**9
CACHE_PER_LATENT: Final = 1_827_200
"""Bytes that the decoder's convolutions remember for a latent pixel (counted: two float32 frames of every input)."""
WORK_PER_LATENT: Final = 4_200_000
"""Bytes that the decoder works with for a latent pixel (measured: the real size, float32, CPU, 16 x 16 latents)."""
TILE_LATENTS: Final = 22 * 40
RESERVE: Final = 0.06
"""Share of the free memory that is left to others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """Free bytes; without a GPU there is one memory for everything."""

    device: Literal["cuda", "cpu"]
    free: int
    """Of the device that computes."""
    main_free: int
    """Of the main memory."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """Bytes of the other networks' weights once they are loaded; the defaults are the release's."""

    text: int = 11_361_920_418
    """The umT5-xxl encoder in bfloat16: the size of its file."""
    video: int = 2_818_839_170
    """The Wan2.2 VAE in float32: the size of its file."""
    sound: int = 700_000_000
    """The audio VAE and vocoder in float32: twice their file (348 MB)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sizes:
    """Numbers in the backbone's parts, and what its sampling touches."""

    matrices: int
    """In the blocks' large matrices, which float8 keeps in one byte each."""
    bulk: int
    """In everything else that bfloat16 keeps in two bytes."""
    fine: int
    """In what always stays in float32."""
    num_blocks: int
    dim: int
    ffn_dim: int
    context_bytes: int
    """Keys and values of the captions of four calls."""
    files: Files

    @classmethod
    def of(cls, config: Config, files: Files) -> "Sizes":
        """Counted from the sizes of a model."""
        d, f, h = config.dim, config.ffn_dim, config.audio_hidden
        patch = config.patch_size[0] * config.patch_size[1] * config.patch_size[2]
        doubles, singles = config.num_double_layers, config.num_single_layers
        sets = 4 * doubles + 2 * singles  # of attention weights
        blocks = doubles + singles
        ends = d * config.vid_in_dim * patch + d + 7 * config.audio_in_dim * d + d + 3 * 7 * d * h
        text = config.text_dim * d + d + d * d + d
        heads = 2 * 2 * d + (d + 1) * (config.vid_out_dim * patch + config.audio_out_dim)
        time = config.freq_dim * d + d + d * d + d + 6 * d * d + 6 * d
        speaker = d + 2 * config.spk_dim + config.spk_dim * d + d + d * d + d + 2 * d
        return cls(
            matrices=sets * 4 * d * d + blocks * 2 * d * f,
            bulk=sets * 4 * d + blocks * (f + d) + ends + text,
            fine=sets * 2 * d + blocks * 2 * d + (2 * doubles + singles) * 6 * d + heads + time + speaker,
            num_blocks=blocks,
            dim=d,
            ffn_dim=f,
            context_bytes=4 * (2 * doubles + singles) * 2 * config.text_len * d * 2,
            files=files,
        )

    @property
    def num_params(self) -> int:
        """All of the backbone's numbers."""
        return self.matrices + self.bulk + self.fine


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How to load and run."""

    storage: Literal["bfloat16", "float8"]
    group: int | None
    """Blocks on the GPU at a time, the others waiting in main memory; none: all of them."""
    tiled: bool
    """Whether the picture is decoded in tiles."""
    alone: bool
    """Whether the transformer must go before the picture's decoder comes."""
    text_on_cpu: bool
    """Whether the captions are read by the CPU."""
    peak: int
    """Bytes of the device at the worst moment."""
    main_peak: int
    """Bytes of main memory at the worst moment."""

    @property
    def settings(self) -> tuple[str, int | None, bool, bool, bool]:
        """What the networks are loaded by."""
        return self.storage, self.group, self.tiled, self.alone, self.text_on_cpu


def work_bytes(sizes: Sizes, grid: Grid) -> int:
    """Bytes that sampling works with: the tokens' features in one block, and the captions' keys.

    A block of 5128 tokens took 37 d + 5.7 f bytes for each (measured, CPU, bfloat16 matrices, d 512, f 512 to 4096).
    """
    return grid.num_tokens * (40 * sizes.dim + 6 * sizes.ffn_dim) + sizes.context_bytes


def plan(sizes: Sizes, grid: Grid, machine: Machine, choice: tuple[Literal["bfloat16", "float8"], int | None]) -> Plan:
    """What one choice of storage and group needs on this machine."""
    storage, group = choice
    matrices = sizes.matrices * (1 if storage == "float8" else 2)
    rest = sizes.bulk * 2 + sizes.fine * 4
    on_device = rest + (matrices if group is None else matrices * group // sizes.num_blocks)
    rows, columns = grid.video_shape[1:]
    whole = sizes.files.video + rows * columns * (CACHE_PER_LATENT + WORK_PER_LATENT)
    tiled_bytes = sizes.files.video + TILE_LATENTS * (CACHE_PER_LATENT + WORK_PER_LATENT)
    sampling = on_device + work_bytes(sizes, grid)
    on_cpu = machine.device == "cuda" and machine.free * (1 - RESERVE) < sizes.files.text
    tiled = whole > machine.free * (1 - RESERVE)
    parts = [sampling, tiled_bytes if tiled else whole, sizes.files.sound]
    alone = on_device + (tiled_bytes if tiled else whole) > machine.free * (1 - RESERVE)
    waiting = matrices if group is not None else 0
    main = max(sizes.files.text, waiting + GB, 2 * rows * columns * CACHE_PER_LATENT * tiled)
    if machine.device == "cpu":
        peak = max(*parts, sizes.files.text)
        group, main = None, peak
    else:
        peak = max(parts) if on_cpu else max(*parts, sizes.files.text)
    return Plan(
        storage=storage, group=group, tiled=tiled, alone=alone, text_on_cpu=on_cpu, peak=peak, main_peak=main
    )  # fmt: skip


def fit(sizes: Sizes, grid: Grid, machine: Machine) -> Plan:
    """The quickest plan that fits; raises `EngineError` that names the shortfall and the setting that would fit.

    float8 costs about a tenth more time a step than bfloat16, paging blocks more than three times (published).
    """
    groups = [None, 10, 4, 1] if machine.device == "cuda" else [None]
    plans = [plan(sizes, grid, machine, (storage, group)) for group in groups for storage in ("bfloat16", "float8")]
    room, main_room = machine.free * (1 - RESERVE), machine.main_free * (1 - RESERVE)
    for made in plans:
        if made.peak <= room and made.main_peak <= main_room:
            return made
    least = min(plans, key=lambda made: max(made.peak / room, made.main_peak / main_room))
    where, short = ("GPU", least.peak - room) if least.peak > room else ("main", least.main_peak - main_room)
    where = "main" if machine.device == "cpu" else where
    advice = smaller(sizes, grid, machine, least) or f"free that much, or use a machine with {least.peak / GB:.0f} GB"
    raise EngineError(
        f"this film needs {short / GB:.1f} GB more of {where} memory than is free, even with {least.storage}"
        f"{f', {least.group} blocks at a time' if least.group else ''} and tiles; {advice}"
    )


def smaller(sizes: Sizes, grid: Grid, machine: Machine, least: Plan) -> str | None:
    """The largest smaller film that would fit, in words."""
    for width, height, frames in ((960, 544, 37), (832, 480, 31), (640, 352, 25), (480, 288, 13)):
        less = Grid(width_px=width, height_px=height, num_frames=min(frames, grid.num_frames), num_audio=grid.num_audio)
        made = plan(sizes, less, machine, (least.storage, least.group))
        fits = made.peak <= machine.free * (1 - RESERVE) and made.main_peak <= machine.main_free * (1 - RESERVE)
        if fits and less.num_tokens < grid.num_tokens:
            return f"--size {width}x{height} --seconds {less.num_pictures // 24} would fit"
    return None


def main_memory() -> int:
    """Bytes of main memory that programs may still take."""
    try:
        with open("/proc/meminfo") as file:  # noqa: PTH123 - no file of ours
            fields = dict(line.split(":", 1) for line in file)
        return int(fields["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def machine(device: Literal["cuda", "cpu"] | None = None) -> Machine:
    """This machine: its first GPU if torch can use one (and the CPU is not asked for), else its CPU."""
    import torch

    main = main_memory()
    if device == "cuda" and not torch.cuda.is_available():
        raise EngineError("no GPU that torch can use was found here; leave out device='cuda' to run on the CPU")
    if device != "cpu" and torch.cuda.is_available():
        return Machine(device="cuda", free=torch.cuda.mem_get_info()[0], main_free=main)
    return Machine(device="cpu", free=main, main_free=main)
