"""One HTML page for a film: its prompt, verdict, contact sheet, sound on one time axis, cues and every figure.

Nothing is loaded from elsewhere and nothing runs in it, so the page can be kept, sent or printed.
"""

import html
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clapboard import media
from clapboard.clock import SAMPLE_RATE, frame_time
from clapboard.quality.drawing import COLUMNS, Outline, Spectrogram, height_of, thumbnails
from clapboard.quality.report import IMPACT_TOLERANCE_MS, CueSync, Report
from clapboard.quality.style import STYLE
from clapboard.take import Master
from clapboard.timeline import Shot, Timeline

SHEET_FRAMES: Final = 8
_WAVE_HEIGHT: Final = 64
_BLOCK: Final = 1 << 16
_TICKS_S: Final = (0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_MOST_TICKS: Final = 12
_MOST_SILENCES: Final = 6


def write_page(path: Path, report: Report, target: Path, master: Master | None = None) -> None:
    """Write the page. `master` adds a waveform per stem; without it there is only the decoded mix."""
    timeline = media.read_slate(path).timeline
    report = report.model_copy(update={"cues": sorted(report.cues, key=lambda cue: cue.planned_s)})
    title = timeline.prompt.strip() or report.file
    body = "\n".join(
        [
            _opening(title, report, timeline),
            _section("Shots", _table(("time", "shot", "where", "what happens"), _shots(timeline))),
            _section("Picture", _sheet(path, report, timeline)),
            _section("Sound", _lanes(path, report, master)),
            _section("Cues", _cue_table(report.cues) + f"<p class=note>{_text(_events(report))}</p>"),
            _section("Figures", _table(("what", "found", "wanted"), _figures(report))),
            _section("Not staged", _table(("words", "why"), ((item.text, item.reason) for item in report.unstaged))),
        ]
    )
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{_text(title)}</title>'
    page = f'<!doctype html><html lang="en"><head>{head}<style>{STYLE}</style></head><body>{body}</body></html>\n'
    media.write_text(target, page)


def _text(value: object) -> str:
    return html.escape(str(value))


def _section(name: str, content: str) -> str:
    return f"<section><h2>{name}</h2>{content}</section>"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    if not lines:
        return "<p class=note>Nothing.</p>"
    return f"<table><tr>{''.join(f'<th>{_text(cell)}</th>' for cell in head)}</tr>{''.join(lines)}</table>"


def _opening(title: str, report: Report, timeline: Timeline) -> str:
    facts = (
        report.file,
        f"{report.engine} engine",
        f"{report.width_px} x {report.height_px}",
        f"{report.fps} fps",
        f"{report.samples_decoded / SAMPLE_RATE:.2f} s",
        f"seed {timeline.seed}",
    )
    problems = [f"<li class={problem.level}>{_text(problem.text)}</li>" for problem in report.problems]
    level = "error" if not report.passed else "warning" if problems else "ok"
    verdict = {"error": "Failed", "warning": "Passed, with warnings", "ok": "Passed: within all bounds"}[level]
    items = "".join(f"<span>{_text(fact)}</span>" for fact in facts)
    listed = f"<ul>{''.join(problems)}</ul>" if problems else ""
    box = f'<div class="verdict {level}"><b>{verdict}</b>{listed}</div>'
    return f'<header><h1>{_text(title)}</h1><p class="facts">{items}</p>{box}</header>'


def _shots(timeline: Timeline) -> Iterator[tuple[str, ...]]:
    for shot, frames in zip(timeline.shots, timeline.shot_frames(), strict=True):
        from_s, to_s = (float(frame_time(edge, timeline.fps)) for edge in (frames.start, frames.stop))
        yield f"{from_s:.2f} - {to_s:.2f} s", shot.id, _where(shot), _doings(shot)


def _where(shot: Shot) -> str:
    weather = [name for name in ("rain", "snow", "fog", "aurora") if getattr(shot.weather, name) > 0]
    moves = [move.kind.replace("_", " ") for move in shot.camera.moves]
    return ", ".join([shot.place.replace("_", " "), shot.hour, *weather, shot.camera.framing, *moves])


def _doings(shot: Shot) -> str:
    done = [f"{action.who} {action.does} at {action.at_s:g} s" for action in shot.actions]
    said = [f"{line.who}: “{line.text}”" for line in shot.lines]
    beds = [bed.bed.replace("_", " ") for bed in shot.ambience]
    return "; ".join([*done, *said, *beds]) or "-"


def _sheet(path: Path, report: Report, timeline: Timeline) -> str:
    """Evenly spaced frames with their times."""
    last = max(0, report.frames_decoded - 1)
    wanted = sorted({round(i) for i in np.linspace(0, last, SHEET_FRAMES)})
    shown: list[str] = []
    for index, url in sorted(thumbnails(path, wanted).items()):
        caption = f"<figcaption>{float(frame_time(index, timeline.fps)):.2f} s</figcaption>"
        shown.append(f'<figure><img alt="frame {index}" src="{url}">{caption}</figure>')
    return f'<div class="sheet">{"".join(shown)}</div>'


def _lanes(path: Path, report: Report, master: Master | None) -> str:
    """The stems, the mix and its spectrogram under one another, on one time axis."""
    length_s = max(1, report.samples_planned) / SAMPLE_RATE
    lanes = [_marks(report.cues, length_s)]
    for stem, reel in (master.stems if master else {}).items():
        outline = Outline(reel.length)
        for block in reel.blocks(_BLOCK):
            outline.feed(block)
        if outline.peaks.any():
            lanes.append(_wave(stem.value, outline.peaks, [cue for cue in report.cues if cue.stem is stem], length_s))
    outline, spectrogram = Outline(report.samples_decoded), Spectrogram(report.samples_decoded)
    for block in media.decode_sound(path):
        outline.feed(block)
        spectrogram.feed(block)
    lanes.append(_wave("mix", outline.peaks, report.cues, length_s))
    lines = "".join(
        f'<span style="top:{height_of(hz):.1%}">{name}</span>'
        for hz, name in ((100, "100 Hz"), (1000, "1 kHz"), (8000, "8 kHz"))
    )
    picture = f'<img alt="spectrogram of the mix" src="{spectrogram.image()}"><div class="hz">{lines}</div>'
    lanes += [_lane("spectrum", picture), _lane("", f'<div class="axis">{_axis(length_s)}</div>')]
    return f'<div class="lanes">{"".join(lanes)}</div>'


def _lane(name: str, content: str) -> str:
    return f'<div class="lane"><label>{_text(name)}</label><div class="track">{content}</div></div>'


def _axis(length_s: float) -> str:
    step_s = next((step for step in _TICKS_S if length_s / step <= _MOST_TICKS), _TICKS_S[-1])
    times = np.arange(0, length_s * 0.985, step_s)
    return "".join(f'<span style="left:{time / length_s:.2%}">{time:g} s</span>' for time in times)


def _marks(cues: list[CueSync], length_s: float) -> str:
    dots: list[str] = []
    for number, cue in enumerate(cues, 1):
        place = f'style="left:{cue.planned_s / length_s:.2%}" title="{_text(cue.label)}"'
        dots.append(f'<i class="{_quality(cue)}" {place}>{number}</i>')
    return _lane("cues", f'<div class="marks">{"".join(dots)}</div>')


def _wave(name: str, peaks: NDArray[np.float32], cues: list[CueSync], length_s: float) -> str:
    """The outline (square root of the amplitude, so that soft sounds show) with a line at each cue."""
    middle = _WAVE_HEIGHT / 2
    high = np.sqrt(np.clip(peaks, 0, 1)) * (middle - 2) + 0.4
    top = " ".join(f"{x},{middle - y:.1f}" for x, y in enumerate(high))
    foot = " ".join(f"{x},{middle + y:.1f}" for x, y in reversed(list(enumerate(high))))
    lines = []
    for cue in cues:
        x = f"{cue.planned_s / length_s * COLUMNS:.1f}"
        title = f"<title>{_text(cue.label)}</title>"
        lines.append(f'<line x1="{x}" x2="{x}" y1="0" y2="{_WAVE_HEIGHT}">{title}</line>')
    box = f'viewBox="0 0 {COLUMNS} {_WAVE_HEIGHT}" preserveAspectRatio="none"'
    shape = f'<polygon points="{top} {foot}"></polygon>{"".join(lines)}'
    return _lane(name, f'<svg {box} class="{name}" role="img" aria-label="{name}">{shape}</svg>')


def _quality(cue: CueSync) -> str:
    """ok, warning or error for an impact; soft for what has no sharp start to measure."""
    if not cue.impact:
        return "soft"
    if cue.error_ms is None:
        return "warning"
    return "ok" if abs(cue.error_ms) <= IMPACT_TOLERANCE_MS else "error"


def _cue_table(cues: list[CueSync]) -> str:
    if not cues:
        return "<p class=note>The plan has no cues.</p>"
    rows = []
    for number, cue in enumerate(cues, 1):
        cells = (str(number), f"{cue.planned_s:.3f} s", cue.label, cue.who, cue.stem.value, _heard(cue))
        plain = "".join(f"<td>{_text(cell)}</td>" for cell in cells)
        rows.append(f'<tr class="{_quality(cue)}">{plain}<td>{_needle(cue)}</td></tr>')
    names = ("no.", "planned", "cue", "who", "stem", "heard", "early | late, 20 ms")
    head = "".join(f"<th>{name}</th>" for name in names)
    return f'<table class="cues"><tr>{head}</tr>{"".join(rows)}</table>'


def _heard(cue: CueSync) -> str:
    if cue.error_ms is None:
        return "does not stand out" if cue.impact else "soft start"
    return f"{cue.error_ms:+.2f} ms" if cue.impact else f"about {cue.error_ms:+.0f} ms"


def _needle(cue: CueSync) -> str:
    if cue.error_ms is None:
        return ""
    place = float(np.clip(0.5 + cue.error_ms / 40, 0, 1))
    return f'<div class="needle"><i style="left:{place:.1%}"></i></div>'


def _events(report: Report) -> str:
    event = report.event_offset
    if event.offset_ms is None:
        return "Without the plan, from the film alone: no offset between events can be told."
    late = "behind" if event.offset_ms >= 0 else "ahead"
    return (
        f"Without the plan, from the film alone: {event.verdict}; what sounds is"
        f" {abs(event.offset_ms):.0f} ms {late} of what moves (z = {event.significance_z:.1f})."
    )


def _figures(report: Report) -> Iterator[tuple[str, ...]]:
    picture, sound = report.picture, report.sound
    yield "frames", str(report.frames_decoded), str(report.frames_planned)
    yield "samples", str(report.samples_decoded), str(report.samples_planned)
    yield "start of picture and sound", f"{report.video_start_s:g} s, {report.audio_start_s:g} s", "0 s, 0 s"
    yield "sound minus picture", f"{report.length_difference_ms:.3f} ms", "half a sample at most"
    target = "-" if sound.target_lufs is None else f"{sound.target_lufs:g} LUFS"
    yield "loudness", _level(sound.loudness_lufs, "LUFS"), target
    yield "true peak", _level(sound.true_peak_dbtp, "dBTP"), f"at most {sound.ceiling_dbtp:g} dBTP"
    yield "samples at full scale", str(sound.clipped_samples), "0"
    silent = ", ".join(f"{span.from_s:.2f} - {span.to_s:.2f} s" for span in sound.silences[:_MOST_SILENCES])
    more = len(sound.silences) - _MOST_SILENCES
    yield "silences", (silent or "none") + (f" and {more} more" if more > 0 else ""), "-"
    yield "black frames", str(picture.black_frames), "-"
    yield "repeated frames", f"{picture.frozen_frames}, at most {picture.longest_freeze} in a row", "-"
    yield "mean luma", f"{picture.mean_luma:.1f} of 16 to 235", "-"
    yield "flicker", f"{picture.flicker:.2f} codes", "0.1 to 0.6 is usual"


def _level(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.2f} {unit}"
