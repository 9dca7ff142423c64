"""Measure a finished film: one pass over its frames, one over its samples, and the slate that it carries."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from clapboard import media
from clapboard.clock import frame_time, num_frames, rate_text, sample_time
from clapboard.media.probe import Header
from clapboard.progress import Progress, Step, silent
from clapboard.quality.events import event_offset
from clapboard.quality.picture import PictureMeter
from clapboard.quality.report import (
    IMPACT_TOLERANCE_MS,
    LONGEST_BLACK_S,
    LONGEST_FREEZE_S,
    LOUDNESS_TOLERANCE_LU,
    MAX_START_S,
    MOST_FLICKER,
    CueSync,
    PictureFacts,
    Problem,
    Report,
    SoundFacts,
)
from clapboard.quality.sound import SoundMeter
from clapboard.quality.sync import CueMeter
from clapboard.sound import PRESETS
from clapboard.sound.presets import SHORTEST_GATED_S
from clapboard.take import Samples, Slate
from clapboard.timeline import Timeline

_BLOCK: Final = 1 << 15
"""Samples measured at a time; the decoder's 1,024 would cost more in calls than in work."""


def review(path: Path, *, progress: Progress = silent) -> Report:
    """The report of a film that Clapboard made; raises `MediaError` when it cannot be read or carries no slate."""
    slate = media.read_slate(path)
    header = media.read_header(path)
    picture = PictureMeter()
    for frame in media.decode_frames(path):
        picture.feed(frame)
        progress(Step(stage="report", done=picture.num_frames, total=slate.timeline.num_frames))
    sound, cues = SoundMeter(), CueMeter([cue.heard_sample for cue in slate.cues])
    for block in _gathered(media.decode_sound(path)):
        sound.feed(block)
        cues.feed(block)
    sound.finish()
    cues.finish()
    found = _measured(path, slate, header, picture, sound).model_copy(update={"cues": _synced(slate, cues)})
    return found.model_copy(update={"problems": [*_broken(found, slate.timeline), *_odd(found, slate.timeline.fps)]})


def _gathered(blocks: Iterable[Samples]) -> Iterator[Samples]:
    held: list[Samples] = []
    for block in blocks:
        held.append(block)
        if sum(part.shape[1] for part in held) >= _BLOCK:
            yield np.concatenate(held, 1)
            held.clear()
    if held:
        yield np.concatenate(held, 1)


def _measured(path: Path, slate: Slate, header: Header, picture: PictureMeter, sound: SoundMeter) -> Report:
    """All but the cues and the verdict."""
    timeline = slate.timeline
    frozen, longest = picture.freezes()
    preset = PRESETS[timeline.mix.master]
    length_ms = float(sample_time(sound.num_samples) - frame_time(picture.num_frames, timeline.fps)) * 1000
    return Report(
        file=path.name,
        engine=slate.engine,
        width_px=header.width_px,
        height_px=header.height_px,
        fps=rate_text(header.fps),
        frames_planned=timeline.num_frames,
        frames_decoded=picture.num_frames,
        samples_planned=timeline.num_samples,
        samples_decoded=sound.num_samples,
        video_start_s=float(header.video_start_s),
        audio_start_s=float(header.audio_start_s),
        length_difference_ms=round(length_ms, 3),
        picture=PictureFacts(
            black_frames=picture.black_frames,
            frozen_frames=frozen,
            longest_freeze=longest,
            mean_luma=round(picture.mean_luma, 1),
            flicker=round(picture.flicker, 3),
        ),
        sound=SoundFacts(
            loudness_lufs=_rounded(sound.loudness_lufs),
            target_lufs=preset.target_lufs if timeline.duration_s >= SHORTEST_GATED_S else None,
            true_peak_dbtp=_rounded(sound.true_peak_dbtp),
            ceiling_dbtp=preset.ceiling_dbtp,
            clipped_samples=sound.clipped_samples,
            silences=sound.silences(),
        ),
        cues=[],
        event_offset=event_offset(picture.novelty(float(timeline.fps)), float(timeline.fps), sound.outline()),
        unstaged=timeline.unstaged,
        problems=[],
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _synced(slate: Slate, cues: CueMeter) -> list[CueSync]:
    off = slate.timeline.mix.off
    return [
        CueSync(
            label=cue.label,
            who=cue.who,
            stem=cue.stem,
            planned_s=round(float(sample_time(cue.heard_sample)), 4),
            impact=cue.impact,
            error_ms=None if cue.stem in off else cues.errors_ms[cue.heard_sample],
        )
        for cue in slate.cues
    ]


def _broken(report: Report, planned: Timeline) -> list[Problem]:
    """Promises that the file does not keep."""
    found: list[str] = []
    if (report.width_px, report.height_px) != planned.size:
        found.append(f"the picture is {report.width_px}x{report.height_px}, {_by(planned.size)} was planned")
    if report.fps != rate_text(planned.fps):
        found.append(f"the frame rate is {report.fps}, {rate_text(planned.fps)} was planned")
    if report.frames_decoded != report.frames_planned:
        found.append(f"{report.frames_decoded} frames decode, {report.frames_planned} were planned")
    if report.samples_decoded != report.samples_planned:
        found.append(f"{report.samples_decoded} samples decode, {report.samples_planned} were planned")
    for name, start_s in (("picture", report.video_start_s), ("sound", report.audio_start_s)):
        if abs(start_s) > MAX_START_S:
            found.append(f"the {name} starts at {start_s:.3f} s instead of 0")
    peak, ceiling = report.sound.true_peak_dbtp, report.sound.ceiling_dbtp
    if peak is not None and peak > ceiling:
        found.append(f"the true peak is {peak:.2f} dBTP, above {ceiling:g} dBTP")
    impacts = [(cue, cue.error_ms) for cue in report.cues if cue.impact and cue.error_ms is not None]
    astray = [(cue, error_ms) for cue, error_ms in impacts if abs(error_ms) > IMPACT_TOLERANCE_MS]
    if astray:
        errors = (f"{cue.label} at {cue.planned_s:.2f} s by {error_ms:+.1f} ms" for cue, error_ms in astray)
        found.append(f"{len(astray)} of {len(impacts)} impacts are not heard where planned: {_few(errors)}")
    # Events may stray on purpose (thunder); when planned impacts are where they belong, that is stronger evidence.
    if report.event_offset.verdict == "out of sync" and report.cues and len(astray) == len(impacts):
        found.append(f"what moves and what sounds are {report.event_offset.offset_ms:+.0f} ms apart")
    return [Problem(level="error", text=text) for text in found]


def _odd(report: Report, fps: Fraction) -> list[Problem]:
    """What a film-maker should look at."""
    found: list[str] = []
    loudness, target = report.sound.loudness_lufs, report.sound.target_lufs
    picture = report.picture
    if target is not None and loudness is not None and abs(loudness - target) > LOUDNESS_TOLERANCE_LU:
        found.append(f"loudness is {loudness:.1f} LUFS, {target:g} was asked for")
    if report.sound.clipped_samples:
        found.append(f"{report.sound.clipped_samples} samples are at full scale")
    if report.sound.true_peak_dbtp is None:
        found.append("the film is silent")
    if picture.black_frames > num_frames(LONGEST_BLACK_S, fps) or picture.black_frames == report.frames_decoded:
        found.append(f"{picture.black_frames} of {report.frames_decoded} frames are black")
    if picture.longest_freeze >= num_frames(LONGEST_FREEZE_S, fps):
        found.append(f"the picture stands still for {picture.longest_freeze} frames")
    if picture.flicker > MOST_FLICKER:
        found.append(f"the light flickers by {picture.flicker:.1f} codes a frame")
    masked = [cue for cue in report.cues if cue.impact and cue.error_ms is None]
    if masked:
        where = _few(f"{cue.label} at {cue.planned_s:.2f} s" for cue in masked)
        impacts = sum(cue.impact for cue in report.cues)
        found.append(f"{len(masked)} of {impacts} impacts do not stand out in the sound: {where}")
    return [Problem(level="warning", text=text) for text in found]


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _few(texts: Iterable[str]) -> str:
    """The first three, and how many more."""
    all_texts = list(texts)
    more = f" and {len(all_texts) - 3} more" if len(all_texts) > 3 else ""
    return ", ".join(all_texts[:3]) + more
