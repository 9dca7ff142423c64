"""What a report says. All figures are of the decoded file unless a name says planned."""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from clapboard.timeline import Stem, Unstaged

# Muxing and construction are exact, so the bounds are tight; loudness after EBU R 128.
MAX_START_S = 0.005
LOUDNESS_TOLERANCE_LU = 0.5
IMPACT_TOLERANCE_MS = 10.0


class Part(BaseModel):
    """Base of the report's parts."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CueSync(Part):
    """One planned cue and where the decoded sound really rises. `error_ms` is positive when the sound is late; none: no
    onset stands out there (a soft start, a stem that is off, or it is masked)."""

    label: str
    who: str
    stem: Stem
    planned_s: float
    impact: bool
    error_ms: float | None


class EventOffset(Part):
    """Offset between what moves and what sounds, found in the file alone; positive when the sound is late."""

    verdict: Literal["in sync", "noticeable", "out of sync", "undetermined"]
    offset_ms: float | None = None
    significance_z: float | None = None


class Span(Part):
    """A stretch of film time."""

    from_s: float
    to_s: float


class PictureFacts(Part):
    """Counts of frames and the steadiness of the light. Flicker is the mean second difference of the mean luma."""

    black_frames: int
    frozen_frames: int
    longest_freeze: int
    mean_luma: float
    flicker: float


class SoundFacts(Part):
    """Levels of the decoded mix. None where the film is too quiet or too short to measure."""

    loudness_lufs: float | None
    target_lufs: float | None
    true_peak_dbtp: float | None
    ceiling_dbtp: float
    clipped_samples: int
    silences: list[Span]


class Problem(Part):
    """Something out of bounds: an error breaks a promise, a warning should be looked at."""

    level: Literal["error", "warning"]
    text: str


class Report(Part):
    """What is really in a film's file."""

    file: str
    engine: str
    width_px: int
    height_px: int
    fps: str
    frames_planned: int
    frames_decoded: int
    samples_planned: int
    samples_decoded: int
    video_start_s: float
    audio_start_s: float
    length_difference_ms: float
    """Sound minus picture."""
    picture: PictureFacts
    sound: SoundFacts
    cues: list[CueSync]
    event_offset: EventOffset
    unstaged: list[Unstaged]
    problems: list[Problem]

    @property
    def loudness_lufs(self) -> float | None:
        """Integrated loudness of the decoded mix."""
        return self.sound.loudness_lufs

    @property
    def passed(self) -> bool:
        """No error was found; warnings may have been."""
        return not any(problem.level == "error" for problem in self.problems)

    def lines(self) -> Iterator[str]:
        """The report for a terminal."""
        exact = self.frames_decoded == self.frames_planned and self.samples_decoded == self.samples_planned
        counts = "as planned" if exact else f"planned {self.frames_planned} and {self.samples_planned}"
        yield f"  picture   {self.width_px}x{self.height_px}, {self.fps} fps, {self.engine} engine"
        yield f"  length    {self.frames_decoded} frames, {self.samples_decoded} samples ({counts})"
        starts = f"picture starts at {self.video_start_s:g} s, sound at {self.audio_start_s:g} s"
        yield f"  starts    {starts}; lengths differ by {self.length_difference_ms:.2f} ms"
        yield f"  sound     {_db(self.sound.loudness_lufs, 'LUFS')}, peak {_db(self.sound.true_peak_dbtp, 'dBTP')}"
        found = [cue.error_ms for cue in self.cues if cue.impact and cue.error_ms is not None]
        impacts = sum(cue.impact for cue in self.cues)
        if impacts:
            worst = f", largest error {max(found, key=abs):+.1f} ms" if found else ""
            yield f"  sync      {len(found)} of {impacts} impacts found in the sound{worst}"
        for item in self.unstaged:
            yield f"  unstaged  {item.text!r}: {item.reason}"
        for problem in self.problems:
            yield f"  {problem.level:9} {problem.text}"


def _db(value: float | None, unit: str) -> str:
    return "silent" if value is None else f"{value:.1f} {unit}"
