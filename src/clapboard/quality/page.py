"""One HTML page for a film: verdict, contact sheet, a waveform per stem with cue marks, and every figure.

Nothing is loaded from elsewhere, so the page can be kept, sent or printed.
"""

import base64
import html
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from clapboard import media
from clapboard.clock import SAMPLE_RATE
from clapboard.quality.report import CueSync, Report
from clapboard.take import Frame, Master, Reel

SHEET_FRAMES = 8
_WAVE_POINTS = 900
_WAVE_HEIGHT = 70

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}
body{background:#14151a;color:#e6e3dc}
h1{font-weight:500;font-size:1.5rem}h2{font-weight:500;font-size:1.1rem;margin-top:2rem;color:#f0c27a}
table{border-collapse:collapse;width:100%}
td,th{padding:.25rem .8rem .25rem 0;text-align:left;border-bottom:1px solid #2b2d36}
th{color:#9a978f;font-weight:400}img{width:100%;border-radius:6px}
svg{width:100%;height:auto;background:#1b1d24;border-radius:6px}
.error{color:#ff7a6b}.warning{color:#f0c27a}.ok{color:#8fd694}
figcaption{color:#9a978f;margin:.3rem 0 1rem}figure{margin:0}
"""


def write_page(path: Path, report: Report, target: Path, master: Master | None = None) -> None:
    """Write the page. `master` adds a waveform per stem; without it there is only the decoded mix."""
    waves = dict(_stem_waves(master)) if master else {}
    waves["mix, decoded"] = _outline(media.decode_sound(path), report.samples_decoded)
    body = "\n".join(
        [
            f"<h1>{_text(report.file)}</h1>",
            _verdict(report),
            "<h2>Picture</h2>",
            f'<img alt="contact sheet" src="{_sheet(path, report.frames_decoded)}">',
            "<h2>Sound</h2>",
            *(_wave(name, wave, report) for name, wave in waves.items()),
            "<h2>Cues</h2>",
            _table(("cue", "stem", "planned", "heard"), (_cue_row(cue) for cue in report.cues)),
            "<h2>Figures</h2>",
            _table(("what", "found"), _figures(report)),
            "<h2>Not staged</h2>",
            _table(("words", "reason"), ((item.text, item.reason) for item in report.unstaged)),
        ]
    )
    page = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{_text(report.file)}</title>'
    media.write_text(target, f"{page}<style>{_STYLE}</style><body>{body}</body></html>\n")


def _text(value: object) -> str:
    return html.escape(str(value))


def _verdict(report: Report) -> str:
    rows = [f'<p class="{problem.level}">{problem.level}: {_text(problem.text)}</p>' for problem in report.problems]
    return "\n".join(rows) or '<p class="ok">Within all bounds.</p>'


def _table(head: tuple[str, ...], rows: "Iterator[tuple[str, ...]]") -> str:
    lines = ["<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    if not lines:
        return "<p>None.</p>"
    return f"<table><tr>{''.join(f'<th>{_text(cell)}</th>' for cell in head)}</tr>{''.join(lines)}</table>"


def _cue_row(cue: CueSync) -> tuple[str, ...]:
    heard = "no onset stands out" if cue.error_ms is None else f"{cue.error_ms:+.1f} ms"
    return f"{cue.who}: {cue.label}", cue.stem.value, f"{cue.planned_s:.3f} s", heard


def _figures(report: Report) -> Iterator[tuple[str, ...]]:
    yield "size and rate", f"{report.width_px}x{report.height_px}, {report.fps} fps"
    yield "frames", f"{report.frames_decoded} of {report.frames_planned} planned"
    yield "samples", f"{report.samples_decoded} of {report.samples_planned} planned"
    yield "starts", f"picture {report.video_start_s:g} s, sound {report.audio_start_s:g} s"
    yield "sound minus picture", f"{report.length_difference_ms:.3f} ms"
    for part in (report.sound, report.picture, report.event_offset):
        for name, value in part.model_dump(mode="json").items():
            yield name.replace("_", " "), "-" if value in (None, []) else str(value)


def _sheet(path: Path, num_frames: int) -> str:
    """Evenly spaced frames, four a row, as a data URL."""
    wanted = {round(i) for i in np.linspace(0, num_frames - 1, SHEET_FRAMES)}
    chosen = [_thumbnail(frame) for index, frame in enumerate(media.decode_frames(path)) if index in wanted]
    while len(chosen) % 4:
        chosen.append(np.zeros_like(chosen[0]))
    rows = [np.concatenate(chosen[i : i + 4], 1) for i in range(0, len(chosen), 4)]
    _, data = cv2.imencode(".jpg", np.concatenate(rows, 0), [cv2.IMWRITE_JPEG_QUALITY, 88])
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode()


def _thumbnail(frame: Frame) -> NDArray[np.uint8]:
    rgb = media.to_rgb(frame)
    height = max(2, round(rgb.shape[0] * 400 / rgb.shape[1]))
    small = cv2.resize(rgb[..., ::-1], (400, height), interpolation=cv2.INTER_AREA)
    return cv2.copyMakeBorder(small, 3, 3, 3, 3, cv2.BORDER_CONSTANT, value=(26, 21, 20)).astype(np.uint8)


def _stem_waves(master: Master) -> Iterator[tuple[str, NDArray[np.float32]]]:
    for stem, reel in master.stems.items():
        wave = _reel_outline(reel)
        if wave.max() > 0:
            yield stem.value, wave


def _reel_outline(reel: Reel) -> NDArray[np.float32]:
    return _outline(reel.blocks(1 << 16), reel.length)


def _outline(blocks: "Iterator[NDArray[np.float32]]", length: int) -> NDArray[np.float32]:
    """Peak of each of 900 equal parts."""
    peaks, start = np.zeros(_WAVE_POINTS, np.float32), 0
    for block in blocks:
        where = (np.arange(start, start + block.shape[1]) * _WAVE_POINTS // max(1, length)).clip(0, _WAVE_POINTS - 1)
        np.maximum.at(peaks, where, np.abs(block).max(0))
        start += block.shape[1]
    return peaks


def _wave(name: str, wave: NDArray[np.float32], report: Report) -> str:
    """An SVG of the wave (square root of the amplitude) with a line at each cue of the stem, or at all on the mix."""
    middle = _WAVE_HEIGHT / 2
    high = np.sqrt(np.clip(wave, 0, 1)) * (middle - 3)
    top = " ".join(f"{x},{middle - y:.1f}" for x, y in enumerate(high))
    bottom = " ".join(f"{x},{middle + y:.1f}" for x, y in reversed(list(enumerate(high))))
    length_s = max(1e-6, report.samples_planned / SAMPLE_RATE)
    marks = [
        f'<line x1="{cue.planned_s / length_s * _WAVE_POINTS:.1f}" x2="{cue.planned_s / length_s * _WAVE_POINTS:.1f}" '
        f'y1="0" y2="{_WAVE_HEIGHT}" stroke="#f0c27a" stroke-width="1"><title>{_text(cue.label)}</title></line>'
        for cue in report.cues
        if name.startswith("mix") or cue.stem.value == name
    ]
    box = f'<svg viewBox="0 0 {_WAVE_POINTS} {_WAVE_HEIGHT}" role="img" aria-label="{_text(name)}">'
    shape = f'<polygon points="{top} {bottom}" fill="#6fa8dc"/>'
    return f"<figure>{box}{shape}{''.join(marks)}</svg><figcaption>{_text(name)}</figcaption></figure>"
