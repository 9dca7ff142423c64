"""Where weights live, what is there, and how they come.

    release = find(None)                                             # the folder that was named, or the usual places
    pull("nava", None, accept_licences=True, progress=progress)      # download what is missing
    for model in models(None): print(model.line())

A folder is laid out like the release:

    NAVA.safetensors, or NAVA_fp8.safetensors                       the transformer
    Wan2.2-TI2V-5B/models_t5_umt5-xxl-enc-bf16.pth                  the text encoder
    Wan2.2-TI2V-5B/google/umt5-xxl/tokenizer.json                   its tokenizer
    Wan2.2-TI2V-5B/Wan2.2_VAE.pth                                   the video VAE
    params/LTX2/ltx-2.3-22b-dev_audio_vae.safetensors               the audio VAE and vocoder
    speaker/                                                        for given voices alone: see speaker.py

It is looked for where the caller says, else where CLAPBOARD_NAVA says, else where `pull` puts it, else in the cache of
the Hugging Face hub. Imports no torch.
"""

import os
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from clapboard.engines.nava import memory, shots
from clapboard.engines.nava.config import nava_6b
from clapboard.engines.nava.download import Remote, fetch
from clapboard.errors import ClapboardError, InputError, MediaError, WeightsError
from clapboard.progress import Progress

VARIABLE: Final = "CLAPBOARD_NAVA"
BACKBONE: Final = "NAVA.safetensors"
BACKBONE_FLOAT8: Final = "NAVA_fp8.safetensors"
BACKBONES: Final = {"nava": BACKBONE, "nava-fp8": BACKBONE_FLOAT8}
"""By the names of models that `pull` knows."""
TEXT: Final = "Wan2.2-TI2V-5B/models_t5_umt5-xxl-enc-bf16.pth"
TOKENIZER: Final = "Wan2.2-TI2V-5B/google/umt5-xxl/tokenizer.json"
VIDEO: Final = "Wan2.2-TI2V-5B/Wan2.2_VAE.pth"
SOUND: Final = "params/LTX2/ltx-2.3-22b-dev_audio_vae.safetensors"

HOME_REPOSITORY: Final = "baidu/NAVA"
_WAN: Final = "Wan-AI/Wan2.2-TI2V-5B"
REMOTES: Final = {
    BACKBONE: Remote(repository=HOME_REPOSITORY, name=BACKBONE, licence="Apache-2.0"),
    BACKBONE_FLOAT8: Remote(repository=HOME_REPOSITORY, name=BACKBONE_FLOAT8, licence="Apache-2.0"),
    TEXT: Remote(repository=_WAN, name=TEXT.removeprefix("Wan2.2-TI2V-5B/"), licence="Apache-2.0"),
    TOKENIZER: Remote(repository=_WAN, name=TOKENIZER.removeprefix("Wan2.2-TI2V-5B/"), licence="Apache-2.0"),
    VIDEO: Remote(repository=_WAN, name=VIDEO.removeprefix("Wan2.2-TI2V-5B/"), licence="Apache-2.0"),
    SOUND: Remote(repository=HOME_REPOSITORY, name=SOUND, licence="LTX-2 Community License"),
}
FREE_LICENCES: Final = frozenset({"Apache-2.0", "MIT"})
DOWNLOAD_GB: Final = {BACKBONE: 25.2, BACKBONE_FLOAT8: 6.9, TEXT: 11.4, TOKENIZER: 0.02, VIDEO: 2.8, SOUND: 0.35}
"""Sizes of the released files, rounded, to tell before the server is asked."""


@dataclass(frozen=True, slots=True)
class Release:
    """A complete folder of weights."""

    folder: Path

    @property
    def backbone(self) -> Path:
        """The transformer's file, the exact one if both are there."""
        exact = self.folder / BACKBONE
        return exact if exact.is_file() else self.folder / BACKBONE_FLOAT8

    def sizes(self) -> memory.Files:
        """Bytes of the other networks once loaded: those of their files, and twice for what is stored in 16 bits."""
        text, video, sound = ((self.folder / name).stat().st_size for name in (TEXT, VIDEO, SOUND))
        return memory.Files(text=text, video=video, sound=2 * sound)

    def fingerprint(self) -> tuple[tuple[str, int, int], ...]:
        """What tells these weights from others without reading them: names, sizes and times of the files."""
        files = [self.backbone, *(self.folder / name for name in (TEXT, TOKENIZER, VIDEO, SOUND))]
        return tuple((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files)


def caches() -> Path:
    """The user's folder for what can be made or fetched again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clapboard"


def usual_folder() -> Path:
    """Where `pull` puts weights."""
    return caches() / "nava"


def takes_folder() -> Path:
    """Where finished takes are kept."""
    return caches() / "nava-takes"


def hub_folders() -> list[Path]:
    """Copies of the release in the cache of the Hugging Face hub, the newest first."""
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    found = (cache / f"models--{HOME_REPOSITORY.replace('/', '--')}" / "snapshots").glob("*")
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def missing(folder: Path) -> list[str]:
    """Names of the files that a film needs and the folder lacks."""
    needed = [TEXT, TOKENIZER, VIDEO, SOUND]
    has_backbone = (folder / BACKBONE).is_file() or (folder / BACKBONE_FLOAT8).is_file()
    return ([] if has_backbone else [BACKBONE]) + [name for name in needed if not (folder / name).is_file()]


def find(folder: Path | None) -> Release:
    """The weights; raises `WeightsError` that says where they were looked for and how to get them."""
    named = folder or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    places = [named] if named else [usual_folder(), *hub_folders()]
    for place in places:
        if not missing(place):
            return Release(place)
    lacking = missing(places[0])
    state = f"lacks {', '.join(lacking)}" if places[0].is_dir() else "does not exist"
    raise WeightsError(
        f"the weights of nava are not there: {places[0]} {state}; run `clapboard pull nava`, or set {VARIABLE} to"
        " their folder"
    )


def pull(model: str, folder: Path | None, *, accept_licences: bool, progress: Progress) -> Path:
    """Download what is missing of "nava" or "nava-fp8", checked against the hub's hashes; returns the folder."""
    if model not in BACKBONES:
        raise InputError(f"no model called {model!r} to download; there are: {', '.join(BACKBONES)}")
    target = folder or usual_folder()
    wanted = [BACKBONES[model], TEXT, TOKENIZER, VIDEO, SOUND]
    bound = sorted({REMOTES[name].licence for name in wanted} - FREE_LICENCES)
    if bound and not accept_licences:
        raise InputError(
            f"nava needs {SOUND}, whose licence ({', '.join(bound)}) is not a free one: it limits who may use it and"
            " for what; read it at huggingface.co/Lightricks/LTX-2 and add --accept-licences"
        )
    try:
        target.mkdir(parents=True, exist_ok=True)
        fetch({target / name: REMOTES[name] for name in wanted}, progress=progress)
    except OSError as error:
        raise MediaError(f"cannot write into {target}: {error.strerror or error}; choose another --weights") from None
    return target


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """One line of `clapboard models`."""

    name: str
    licence: str
    download_gb: float
    folder: Path | None
    """Where it is, if it is there."""
    lacks: tuple[str, ...]
    runs_here: str
    """How it would run on this machine, or why it cannot."""

    def line(self) -> str:
        """The model in words."""
        state = (
            f"in {self.folder}" if self.folder else f"not here ({self.download_gb:.1f} GB: clapboard pull {self.name})"
        )
        return f"{self.name:10} {state}; {self.licence}; {self.runs_here}"

    def facts(self) -> dict[str, object]:
        """The model as plain data."""
        return asdict(self) | {"folder": str(self.folder) if self.folder else None, "lacks": list(self.lacks)}


def models(folder: Path | None) -> list[Model]:
    """What can be had, what is here, and whether this machine can run it."""
    named = folder or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    place = named or next((place for place in [usual_folder(), *hub_folders()] if not missing(place)), usual_folder())
    licences = "Apache-2.0, and the LTX-2 Community License for the sound's decoder"
    found: list[Model] = []
    for name, backbone in BACKBONES.items():
        needed = [backbone, TEXT, TOKENIZER, VIDEO, SOUND]
        lacks = tuple(file for file in needed if not (place / file).is_file())
        download_gb = sum(DOWNLOAD_GB[file] for file in lacks)
        found.append(
            Model(
                name=name, licence=licences, download_gb=download_gb, folder=None if lacks else place, lacks=lacks,
                runs_here=runs_here(),
            )
        )  # fmt: skip
    return found


def runs_here() -> str:
    """How the usual film (8 s of 1280x720) would be made on this machine."""
    try:
        machine = memory.machine()
    except ModuleNotFoundError:
        return "needs torch: pip install clapboard[nava]"
    grid = shots.fit(shot_id="film", num_frames=192, fps=Fraction(24), size=(1280, 720))
    try:
        plan = memory.fit(memory.Sizes.of(nava_6b(), memory.Files()), grid, machine)
    except ClapboardError as error:
        return f"cannot run here: {error}"
    where = "on the GPU" if machine.device == "cuda" else "on the CPU (hours for a film)"
    return f"runs {where} in {plan.storage}, {plan.peak / memory.GB:.0f} GB at most"
