"""What a report says. All figures are of the decoded file unless a name says planned."""

from collections.abc import Iterator
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from clapboard.clock import SAMPLE_RATE
from clapboard.timeline import Stem, Unstaged

# Muxing and construction are exact, so the bounds are tight; loudness after EBU R 128.
MAX_START_S: Final = 0.005
LOUDNESS_TOLERANCE_LU: Final = 0.5
IMPACT_TOLERANCE_MS: Final = 10.0
LONGEST_BLACK_S: Final = 1.0
LONGEST_FREEZE_S: Final = 0.5
MOST_FLICKER: Final = 10.0  # films have 0.1 to 0.6, a storm's lightning 2, a strobe 40 and more (measured)


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
    """Counts of frames and the steadiness of the light. Flicker is the mean second difference of the mean luma, in
    codes, without its greatest fifth."""

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
        """The report for a terminal: what was found, then what is wrong, then the verdict."""
        exact = self.frames_decoded == self.frames_planned and self.samples_decoded == self.samples_planned
        counts = "as planned" if exact else f"PLANNED {self.frames_planned} frames, {self.samples_planned} samples"
        length_s = self.samples_decoded / SAMPLE_RATE
        yield f"  picture   {self.width_px}x{self.height_px}, {self.fps} fps, {length_s:.2f} s, {self.engine} engine"
        yield f"  length    {self.frames_decoded} frames, {self.samples_decoded} samples: {counts}"
        yield f"  sound     {_levels(self.sound)}"
        yield f"  sync      {self._sync()}"
        for item in self.unstaged:
            yield f"  unstaged  {item.text}: {item.reason}"
        for problem in self.problems:
            name = "ERROR" if problem.level == "error" else "warning"
            yield f"  {name:8}  {problem.text}"
        errors = sum(problem.level == "error" for problem in self.problems)
        if errors:
            yield f"  FAILED    {errors} error{'s' if errors > 1 else ''}: this film breaks what Clapboard promises"

    def _sync(self) -> str:
        """The planned impacts and the events in one line."""
        parts = [f"starts differ by {abs(self.video_start_s - self.audio_start_s) * 1000:.1f} ms"]
        errors_ms = [cue.error_ms for cue in self.cues if cue.impact]
        found = [error_ms for error_ms in errors_ms if error_ms is not None]
        if errors_ms:
            worst = f", within {max(map(abs, found)):.1f} ms" if found else ""
            parts.append(f"{len(found)} of {len(errors_ms)} impacts heard{worst}")
        if self.event_offset.offset_ms is not None:
            parts.append(f"events {self.event_offset.verdict} ({self.event_offset.offset_ms:+.0f} ms)")
        return "; ".join(parts)


def _levels(sound: SoundFacts) -> str:
    if sound.true_peak_dbtp is None:
        return "silent"
    loudness = "too short or soft for a loudness" if sound.loudness_lufs is None else f"{sound.loudness_lufs:.1f} LUFS"
    target = f" (target {sound.target_lufs:g})" if sound.target_lufs is not None else ""
    return f"{loudness}{target}, peak {sound.true_peak_dbtp:.1f} dBTP (ceiling {sound.ceiling_dbtp:g})"
