"""Films as the latents that nano trains on: each encoded once, all of them in one file.

encode(films, Path("latents.safetensors"), pictures, sounds)   # with the autoencoders; goes on where it stopped
clips = read(Path("latents.safetensors"), Path("films"))       # in the autoencoders' numbers
centre(net, clips)                                             # what `NanoNet.inward` takes away, from these films
ready = [inward(net, clip) for clip in clips]
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from clapboard.engines.nava.nano import domain, films
from clapboard.engines.nava.nano.domain import HOURS, STEMS
from clapboard.engines.nava.nano.learn import LatentClip
from clapboard.engines.nava.nano.net import NanoNet
from clapboard.engines.nava.nano.pictures import PictureCodec
from clapboard.engines.nava.nano.sounds import SoundCodec
from clapboard.progress import Progress, Step, silent

_TOGETHER = 200
"""Films encoded between two writes."""


@torch.inference_mode()
def encode(
    paths: Sequence[Path], target: Path, pictures: PictureCodec, sounds: SoundCodec, progress: Progress = silent
) -> None:
    """Latents of all films in float16, by the films' names."""
    kept = load_file(target) if target.exists() else {}
    new = [path for path in paths if f"{path.stem}.video" not in kept]
    for done, path in enumerate(new, 1):
        clip = films.read(path)
        shown = torch.from_numpy(clip.pictures).permute(3, 0, 1, 2).float() / 127.5 - 1
        kept[f"{path.stem}.video"] = pictures.encode(shown[None])[0].half().contiguous()
        for stem in STEMS:
            heard = torch.from_numpy(clip.sounds[stem])
            kept[f"{path.stem}.{stem}"] = sounds.encode(heard[None])[0].half().contiguous()
        progress(Step(stage="encoding", done=done, total=len(new)))
        if done % _TOGETHER == 0 or done == len(new):
            partial = target.with_suffix(".part")
            save_file(kept, partial)
            partial.replace(target)


def read(path: Path, films_folder: Path) -> list[LatentClip]:
    """All clips of the file with their plans, in order of their names."""
    kept = load_file(path)
    clips: list[LatentClip] = []
    for name in sorted({key.partition(".")[0] for key in kept}):
        plan, _ = domain.read(films.read_timeline(films_folder / f"{name}.npz").shots[0])
        latents = {stream: kept[f"{name}.{stream}"].float() for stream in ("video", *STEMS)}
        clips.append(LatentClip(latents, plan))
    return clips


def centre(net: NanoNet, clips: Sequence[LatentClip]) -> None:
    """Set what the network takes as the usual yard at each hour, and how far films go from it."""
    for index, hour in enumerate(HOURS):
        own = [clip.latents["video"].mean(1, keepdim=True) for clip in clips if clip.plan.hour == hour]
        if own:
            net.centre[index] = torch.stack(own).mean(0)
    net.spread.fill_(1.0)
    square = [net.inward(clip.latents["video"], clip.plan.hour).square().mean((1, 2, 3)) for clip in clips]
    net.spread.copy_(torch.stack(square).mean(0).sqrt().clamp(min=1e-3)[:, None, None, None])


def inward(net: NanoNet, clip: LatentClip) -> LatentClip:
    """The clip as the network sees it."""
    return LatentClip(clip.latents | {"video": net.inward(clip.latents["video"], clip.plan.hour)}, clip.plan)
