"""Measure a finished film: one pass over its frames, one over its samples, and the slate that it carries."""

from pathlib import Path

from clapboard import media
from clapboard.clock import SAMPLE_RATE, num_samples, rate_text
from clapboard.media.probe import Header
from clapboard.progress import Progress, Step, silent
from clapboard.quality.picture import PictureMeter
from clapboard.quality.report import (
    IMPACT_TOLERANCE_MS,
    LOUDNESS_TOLERANCE_LU,
    MAX_START_S,
    CueSync,
    PictureFacts,
    Problem,
    Report,
    SoundFacts,
)
from clapboard.quality.sound import SoundMeter
from clapboard.quality.sync import cue_error_ms, event_offset
from clapboard.sound import PRESETS
from clapboard.take import Cue, Slate

SHORTEST_GATED_S = 3
"""Shorter films have too few gating blocks and are peak-normalised instead."""


def review(path: Path, *, progress: Progress = silent) -> Report:
    """The report of a film that Clapboard made; raises `MediaError` when it cannot be read or carries no slate."""
    slate = media.read_slate(path)
    header = media.read_header(path)
    timeline = slate.timeline
    picture = PictureMeter()
    for frame in media.decode_frames(path):
        picture.feed(frame)
        progress(Step(stage="report", done=picture.num_frames, total=timeline.num_frames))
    sound = SoundMeter([cue.heard_sample for cue in slate.cues])
    for block in media.decode_sound(path):
        sound.feed(block)
    return _report(path, slate, header, picture, sound)


def _report(path: Path, slate: Slate, header: Header, picture: PictureMeter, sound: SoundMeter) -> Report:
    timeline = slate.timeline
    frozen, longest = picture.freezes()
    preset = PRESETS[timeline.mix.master]
    long_enough = timeline.duration_s >= SHORTEST_GATED_S
    facts = SoundFacts(
        loudness_lufs=_rounded(sound.loudness_lufs),
        target_lufs=preset.target_lufs if long_enough else None,
        true_peak_dbtp=_rounded(sound.true_peak_dbtp),
        ceiling_dbtp=preset.ceiling_dbtp,
        clipped_samples=sound.clipped_samples,
        silences=sound.silences(),
    )
    length_ms = (sound.num_samples / SAMPLE_RATE - picture.num_frames / float(timeline.fps)) * 1000
    partial = Report(
        file=path.name,
        engine=slate.engine,
        width_px=header.width_px,
        height_px=header.height_px,
        fps=rate_text(header.fps),
        frames_planned=timeline.num_frames,
        frames_decoded=picture.num_frames,
        samples_planned=num_samples(timeline.num_frames, timeline.fps),
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
        sound=facts,
        cues=[_synced(cue, slate, sound) for cue in slate.cues],
        event_offset=event_offset(picture.novelty(), float(timeline.fps), sound.outline()),
        unstaged=timeline.unstaged,
        problems=[],
    )
    return partial.model_copy(update={"problems": [*_broken(partial, slate), *_odd(partial)]})


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _synced(cue: Cue, slate: Slate, sound: SoundMeter) -> CueSync:
    audible = cue.stem not in slate.timeline.mix.off
    error_ms = cue_error_ms(sound.around[cue.heard_sample]) if audible else None
    planned_s = round(cue.heard_sample / SAMPLE_RATE, 4)
    return CueSync(
        label=cue.label, who=cue.who, stem=cue.stem, planned_s=planned_s, impact=cue.impact, error_ms=error_ms
    )


def _broken(report: Report, slate: Slate) -> list[Problem]:
    """Promises that the file does not keep."""
    found = []
    if report.frames_decoded != report.frames_planned:
        found.append(f"{report.frames_decoded} frames decode, {report.frames_planned} were planned")
    if report.samples_decoded != report.samples_planned:
        found.append(f"{report.samples_decoded} samples decode, {report.samples_planned} were planned")
    for name, start_s in (("picture", report.video_start_s), ("sound", report.audio_start_s)):
        if abs(start_s) > MAX_START_S:
            found.append(f"the {name} starts at {start_s:.3f} s instead of 0")
    peak, ceiling = report.sound.true_peak_dbtp, report.sound.ceiling_dbtp
    if peak is not None and peak > ceiling:
        found.append(f"the true peak is {peak:.1f} dBTP, above {ceiling:g} dBTP")
    for cue in report.cues:
        if cue.impact and cue.error_ms is not None and abs(cue.error_ms) > IMPACT_TOLERANCE_MS:
            found.append(f"{cue.label} at {cue.planned_s:.2f} s is heard {cue.error_ms:+.1f} ms away")
    if report.event_offset.verdict == "out of sync" and slate.cues:
        found.append(f"what moves and what sounds are {report.event_offset.offset_ms:+.0f} ms apart")
    return [Problem(level="error", text=text) for text in found]


def _odd(report: Report) -> list[Problem]:
    """What a film-maker should look at."""
    found = []
    loudness, target = report.sound.loudness_lufs, report.sound.target_lufs
    if target is not None and loudness is not None and abs(loudness - target) > LOUDNESS_TOLERANCE_LU:
        found.append(f"loudness is {loudness:.1f} LUFS, {target:g} was asked for")
    if report.sound.clipped_samples:
        found.append(f"{report.sound.clipped_samples} samples are at full scale")
    if loudness is None and report.samples_decoded > SAMPLE_RATE:
        found.append("the film is silent")
    if report.picture.black_frames == report.frames_decoded:
        found.append("the picture is black")
    if report.picture.longest_freeze >= 12:
        found.append(f"the picture stands still for {report.picture.longest_freeze} frames")
    for cue in report.cues:
        if cue.impact and cue.error_ms is None:
            found.append(f"{cue.label} at {cue.planned_s:.2f} s does not stand out in the sound")
    return [Problem(level="warning", text=text) for text in found]
