"""Colour bars and beeps: the smallest engine. Read it to write your own; use it to test what comes after an engine.

    take = Bars().perform(timeline, seed=0, progress=silent)

The picture is a test card with a clock whose hand goes round once a second, and the number of the frame. On the frame
nearest to each whole second, the first one included, it flashes white, and a beep of 1 kHz starts on the first sample
of that frame.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clapboard import clock
from clapboard.progress import Progress
from clapboard.take import Cue, Frame, Picture, Samples, Source, Stems, Take
from clapboard.timeline import Acoustics, Stem, Timeline, Unstaged
from clapboard.vocabulary import PlaceWords, Vocabulary

BEEP_HZ: Final = 1000
BEEP_S: Final = 0.1
BEEP_PEAK: Final = 10 ** (-18 / 20)  # alignment level, EBU R 68
FADE_S: Final = 0.005  # at the beep's end; its start is a step, so that the first sample can be found

WHITE: Final = 235
BLACK: Final = 16
NEUTRAL: Final = 128

Band = list[tuple[float, tuple[float, float, float]]]
"""(width as a fraction of the card, R'G'B' from 0 to 1) from left to right."""


def _grey(level: float) -> tuple[float, float, float]:
    return (level, level, level)


# The card of SMPTE RP 219: heights of its bands, and their patches. One bar is 3/28 of the width, the edges are 1/8.
_EDGE: Final = 1 / 8
_BAR: Final = 3 / 28
_BARS: Final = [(r * 0.75, g * 0.75, b * 0.75) for g in (1, 0) for r in (1, 0) for b in (1, 0)][:7]
_PLUGE: Final = [(_BAR / 3, _grey(level)) for level in (-0.02, 0, 0.02, 0, 0.04)]  # black is right when only 4 % shows
_BANDS: Final[list[tuple[float, Band]]] = [
    (7 / 12, [(_EDGE, _grey(0.4)), *((_BAR, colour) for colour in _BARS), (_EDGE, _grey(0.4))]),
    (1 / 12, [(_EDGE, (0, 1, 1)), (_BAR, _grey(1)), (6 * _BAR, _grey(0.75)), (_EDGE, (0, 0, 1))]),
    (1 / 12, [(_EDGE, (1, 1, 0)), (_BAR, _grey(0)), *((_BAR / 50, _grey(i / 249)) for i in range(250)),
              (_BAR, _grey(1)), (_EDGE, (1, 0, 0))]),
    (3 / 12, [(_EDGE, _grey(0.15)), (1.5 * _BAR, _grey(0)), (2 * _BAR, _grey(1)), (_BAR * 5 / 6, _grey(0)), *_PLUGE,
              (_BAR, _grey(0)), (_EDGE, _grey(0.15))]),
]  # fmt: skip

# Ten digits of 5 rows of 3 dots: each row is one octal digit.
_DIGITS: Final = (0o75557, 0o26227, 0o71747, 0o71717, 0o55711, 0o74717, 0o74757, 0o71111, 0o75757, 0o75717)
_FONT: Final = np.array(
    [[[code >> bit & 1 for bit in range(row, row - 3, -1)] for row in (14, 11, 8, 5, 2)] for code in _DIGITS]
)


def _card(width_px: int, height_px: int) -> Frame:
    """The still card as I420."""
    rgb = np.zeros((height_px, width_px, 3))
    top = 0.0
    for height, band in _BANDS:
        rows, left = slice(round(top * height_px), round((top + height) * height_px)), 0.0
        for width, colour in band:
            rgb[rows, round(left * width_px) : round((left + width) * width_px)] = colour
            left += width
        top += height
    luma = rgb @ (0.2126, 0.7152, 0.0722)  # BT.709, limited range
    chroma = [(rgb[..., 2] - luma) / 1.8556, (rgb[..., 0] - luma) / 1.5748]
    halves = [c.reshape(height_px // 2, 2, width_px // 2, 2).mean((1, 3)) * 224 + NEUTRAL for c in chroma]
    return (
        np.rint(np.concatenate([p.ravel() for p in (luma * 219 + BLACK, *halves)]))
        .astype(np.uint8)
        .reshape(-1, width_px)
    )


def _paste(frame: Frame, grey: NDArray[np.uint8], top: int) -> None:
    """Puts a grey picture in the middle of the I420 frame's width; height, width and `top` are even."""
    height_px, width_px = frame.shape[0] * 2 // 3, frame.shape[1]
    rows, columns = grey.shape
    left = (width_px - columns) // 4 * 2
    frame[top : top + rows, left : left + columns] = grey
    chroma = frame[height_px:].reshape(2, height_px // 2, width_px // 2)
    chroma[:, top // 2 : (top + rows) // 2, left // 2 : (left + columns) // 2] = NEUTRAL


class _BarsPicture:
    """The test card of a Timeline's size, rate and length. Each frame is drawn from its index alone."""

    def __init__(self, timeline: Timeline) -> None:
        self.width_px, self.height_px = timeline.size
        self.num_frames = timeline.num_frames
        self._fps = timeline.fps
        self._flashes = frozenset(flash_frames(timeline))
        self._card = _card(*timeline.size)
        self._dial_px = min(timeline.size) // 6 * 2
        self._digit_px = max(2, min(timeline.size) // 120 * 2)

    def frames(self, start: int, stop: int) -> Iterator[Frame]:
        for index in range(start, stop):
            yield self._frame(index)

    def _frame(self, index: int) -> Frame:
        frame = self._card.copy()
        if index in self._flashes:
            frame[: self.height_px], frame[self.height_px :] = WHITE, NEUTRAL
            return frame
        top = self.height_px // 16 * 2
        _paste(frame, self._dial(float(clock.frame_time(index, self._fps) % 1)), top)
        _paste(frame, self._number(index), top + self._dial_px)
        return frame

    def _dial(self, turn: float) -> NDArray[np.uint8]:
        """A clock face with its hand at `turn` of a full circle, 0 at the top."""
        y, x = np.mgrid[: self._dial_px, : self._dial_px] - (self._dial_px - 1) / 2
        radius, thick = self._dial_px * 0.46, self._dial_px / 64
        right, down = np.sin(2 * np.pi * turn), -np.cos(2 * np.pi * turn)
        from_hand = np.where(x * right + y * down > 0, np.abs(x * down - y * right), np.inf)
        from_ring = np.abs(np.hypot(x, y) - radius)
        from_hand[np.hypot(x, y) > radius] = np.inf
        light = np.clip(thick - np.minimum(from_hand, from_ring) + 0.5, 0, 1)  # soft over one pixel
        return np.rint(BLACK + light * (WHITE - BLACK)).astype(np.uint8)

    def _number(self, index: int) -> NDArray[np.uint8]:
        """The frame's index in six digits."""
        dots = np.zeros((7, 25))
        for place, digit in enumerate(f"{index % 1_000_000:06d}"):
            dots[1:6, 4 * place + 1 : 4 * place + 4] = _FONT[int(digit)]
        return np.kron(np.where(dots > 0, WHITE, BLACK), np.ones((self._digit_px,) * 2)).astype(np.uint8)


def flash_frames(timeline: Timeline) -> list[int]:
    """The frames that flash: those nearest to each whole second. Frame 0 is one, so the shortest film has one too."""
    last_s = int(clock.frame_time(timeline.num_frames - 1, timeline.fps)) + 1
    frames = {clock.frame_at(second, timeline.fps) for second in range(last_s + 1)}
    return sorted(frame for frame in frames if frame < timeline.num_frames)


def _beeps(timeline: Timeline) -> Source:
    """One beep per flash, from the first sample of its frame."""
    starts = np.array([clock.first_sample(frame, timeline.fps) for frame in flash_frames(timeline)])

    def render(a: int, b: int) -> Samples:
        samples = np.arange(a, b)
        age_s = (samples - starts[np.searchsorted(starts, samples, side="right") - 1]) / clock.SAMPLE_RATE
        fade = np.clip((BEEP_S - age_s) / FADE_S, 0, 1)
        return (BEEP_PEAK * fade * np.cos(2 * np.pi * BEEP_HZ * age_s)).astype(np.float32)[None]

    return Source(name="beep", start=0, length=timeline.num_samples, render=render)


def _unstaged(timeline: Timeline) -> tuple[Unstaged, ...]:
    """All that the Timeline asks for and a test card does not show or sound."""
    asked = [timeline.music.mood + " music"] if timeline.music else []
    for shot in timeline.shots:
        asked += [shot.place] if shot.place != Bars.vocabulary.places[0].name else []
        asked += [member.thing for member in shot.cast]
        asked += [f"{action.who} {action.does}" for action in shot.actions]
        asked += [line.text for line in shot.lines] + [bed.bed for bed in shot.ambience]
    return tuple(Unstaged(text=text, reason="the bars engine shows only its test card") for text in asked)


class Bars:
    """The engine."""

    name = "bars"
    summary = "Colour bars, a clock and a beep on every flash: to check players and to learn how engines are written."
    vocabulary = Vocabulary(
        places=(
            PlaceWords(
                name="bars",
                words=("color bars", "colour bars", "test card", "test pattern"),
                spots=(),
                acoustics=Acoustics(),
                beds=(),
            ),
        )
    )

    def perform(self, timeline: Timeline, *, seed: int, progress: Progress) -> Take:
        """The whole film; `seed` changes nothing, and no work is done before frames and sound are asked for."""
        picture = _BarsPicture(timeline)
        cues = tuple(
            Cue(label="beep", who="bars", stem=Stem.EFFECTS, seen_frame=frame, impact=True,
                heard_sample=clock.first_sample(frame, timeline.fps))
            for frame in flash_frames(timeline)
        )  # fmt: skip
        stems = self.resound(timeline, picture, stems=frozenset(Stem), seed=seed, progress=progress)
        return Take(picture=picture, stems=stems, cues=cues, unstaged=_unstaged(timeline))

    def resound(
        self, timeline: Timeline, picture: Picture, *, stems: frozenset[Stem], seed: int, progress: Progress
    ) -> Stems:
        """The sources of these stems again; all but the effects are silent."""
        del picture, seed, progress  # a test card sounds the same whatever they are
        return {stem: (_beeps(timeline),) if stem is Stem.EFFECTS else () for stem in Stem if stem in stems}
