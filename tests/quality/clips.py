"""Hand-made films with known events, for the tests of the report: frames as I420, sound as mono samples."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clapboard import media
from clapboard.clock import SAMPLE_RATE
from clapboard.progress import silent
from clapboard.quality.picture import PictureMeter
from clapboard.quality.sound import SoundMeter
from clapboard.take import Cue, Frame, Master, Reel, Slate
from clapboard.timeline import Timeline

FPS = 24
WIDTH, HEIGHT = 192, 108


def grey(luma: float | np.ndarray, width: int = WIDTH, height: int = HEIGHT) -> Frame:
    """A colourless I420 frame of this luma, one value or [height, width]."""
    frame = np.full((height * 3 // 2, width), 128, np.uint8)
    frame[:height] = np.rint(luma)
    return frame


@dataclass(frozen=True)
class Clip:
    """Something that happens at `events` (frame indices); `luma(frame)` draws it."""

    events: list[int]
    lumas: list[np.ndarray]

    def novelty(self) -> np.ndarray:
        meter = PictureMeter()
        for luma in self.lumas:
            meter.feed(grey(luma))
        return meter.novelty(FPS)


def _stage(rng: np.random.Generator) -> np.ndarray:
    """A soft, still background."""
    y, x = np.mgrid[:HEIGHT, : 2 * WIDTH]
    waves = [np.sin(x * rng.uniform(0.02, 0.2) + y * rng.uniform(0.02, 0.2) + rng.uniform(0, 6)) for _ in range(6)]
    return 70 + 6 * np.sum(waves, axis=0)


def _grain(luma: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.clip(luma + rng.normal(0, 1.0, luma.shape), 16, 235)


def flashes(seed: int, num_frames: int = 240) -> Clip:
    """The light doubles for one frame at irregular times."""
    rng = np.random.default_rng([seed, 1])
    events = list(np.cumsum(rng.integers(12, 34, 30)))
    events = [int(event) for event in events if event < num_frames - 12]
    still = _stage(rng)[:, :WIDTH]
    return Clip(events, [_grain(still * (2.0 if k in events else 1.0), rng) for k in range(num_frames)])


def bounces(seed: int, num_frames: int = 240, pan_px: float = 0.0) -> Clip:
    """A pale ball falls from different heights and touches the floor at whole frames; the camera may pan."""
    rng = np.random.default_rng([seed, 2])
    still = _stage(rng)
    touches = [10]
    while touches[-1] < num_frames - 12:
        touches.append(touches[-1] + int(rng.integers(9, 22)))
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    floor, gravity = HEIGHT * 0.88, 2 * HEIGHT * 0.7 / 10.5**2 / 4
    lumas = []
    for k in range(num_frames):
        left = max((touch for touch in touches if touch <= k), default=touches[0] - 18)
        land = min((touch for touch in touches if touch > k), default=touches[-1] + 20)
        height = 0.5 * gravity * (k - left) * (land - k) * 2
        ball_y, ball_x = floor - 8 - height, WIDTH * (0.3 + 0.4 * k / num_frames)
        shift = int(pan_px * k)
        cover = np.clip(8.5 - np.hypot(y - ball_y, x - ball_x), 0, 1)
        luma = still[:, shift : shift + WIDTH] * (1 - cover) + 190 * cover
        luma[int(floor) :] = 40
        lumas.append(_grain(luma, rng))
    return Clip([touch for touch in touches if touch < num_frames], lumas)


def tick(decay_s: float = 0.03) -> np.ndarray:
    """A short wooden sound that starts at once."""
    t_s = np.arange(int(0.2 * SAMPLE_RATE)) / SAMPLE_RATE
    tones = sum(np.cos(2 * np.pi * hz * t_s) for hz in (440, 1170, 2310, 3900)) / 4
    return (0.4 * tones * np.exp(-t_s / decay_s)).astype(np.float32)


def sounding(times_s: list[float], length_s: float, bed: np.ndarray | None = None) -> np.ndarray:
    """Ticks at these times over a bed, float32 [2, n]; those outside are left out."""
    mono = np.zeros(int(length_s * SAMPLE_RATE) + SAMPLE_RATE, np.float32)
    for time_s in times_s:
        start = round(time_s * SAMPLE_RATE)
        if 0 <= start < length_s * SAMPLE_RATE:
            mono[start : start + len(tick())] += tick()
    stereo = np.tile(mono[: int(length_s * SAMPLE_RATE)], (2, 1))
    return stereo if bed is None else stereo + bed[:, : stereo.shape[1]]


def blocks(stereo: np.ndarray, size: int = 32_768) -> Iterator[np.ndarray]:
    """The sound in blocks."""
    for start in range(0, stereo.shape[1], size):
        yield stereo[:, start : start + size]


def outline(stereo: np.ndarray) -> np.ndarray:
    """Its outline, as the report measures it."""
    meter = SoundMeter()
    for block in blocks(stereo):
        meter.feed(block)
    meter.finish()
    return meter.outline()


class Reeled:
    """A picture of frames that exist already."""

    def __init__(self, lumas: Sequence[float | np.ndarray]) -> None:
        self.width_px, self.height_px, self.num_frames = WIDTH, HEIGHT, len(lumas)
        self._lumas = lumas

    def frames(self, start: int, stop: int) -> Iterator[Frame]:
        for index in range(start, stop):
            yield grey(self._lumas[index])


def write(
    path: Path, lumas: Sequence[float | np.ndarray], stereo: np.ndarray, cues: Sequence[Cue] = (), **plan
) -> Path:
    """A film of these frames and this sound, whose slate promises these cues. `plan` is more of its Timeline."""
    shots = [{"id": "s", "duration_s": len(lumas) / FPS, "place": "test card"}]
    timeline = Timeline.parse({"fps": FPS, "size": [WIDTH, HEIGHT], "shots": shots} | plan)
    mix = Reel(timeline.num_samples)
    mix.write(0, stereo[:, : mix.length])
    master = Master(num_samples=mix.length, stems={}, mix=mix, ceiling_dbtp=-1.0,
                    static_gain_db=0.0)  # fmt: skip
    slate = Slate(timeline=timeline, engine="hand", versions={}, cues=tuple(cues))
    media.write_film(path, Reeled(lumas), media.encode_sound(master), slate, progress=silent)
    return path
