"""Reads back what is really in a film: tags from the header, layout from the boxes, frames and samples decoded.

header = read_header(path)
slate = read_slate(path)                  # how it was made
for frame in decode_frames(path): ...     # uint8 I420 [height * 3 / 2, width]
for block in decode_sound(path): ...      # float32 [2, n]
"""

import io
import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import InvalidDataError
from av.video.stream import VideoStream
from pydantic import ValidationError

from clapboard.clock import SAMPLE_RATE, sample_at
from clapboard.errors import MediaError
from clapboard.media import boxes, codecs
from clapboard.schema_errors import explain
from clapboard.take import Frame, Samples, Slate
from clapboard.timeline import SCHEMA_VERSION

Source = Path | io.BytesIO
"""A file, or the bytes of one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What the header says, before any frame is decoded. Of more streams, the first picture and the first sound."""

    fps: Fraction
    width_px: int
    height_px: int
    pixel_format: str
    video_codec: str
    video_profile: str
    color_range: int
    color_primaries: int
    color_transfer: int
    color_matrix: int
    """Colour tags by their code (ITU-T H.273): 1 is limited range and BT.709."""
    audio_codec: str
    audio_profile: str
    audio_rate: int
    audio_channels: int
    audio_bitrate: int
    """Bits a second."""
    video_start_s: Fraction
    audio_start_s: Fraction
    """Time of the first frame and of the first sample, after the edit lists."""
    video_duration_s: Fraction
    audio_duration_s: Fraction
    file_duration_s: Fraction
    faststart: bool
    fragmented: bool
    movie_timescale: int
    size_bytes: int


@contextmanager
def opened(source: Source) -> Generator[InputContainer]:
    """The film, checked to be a whole MP4 with picture or sound; reading errors become one-line `MediaError`s."""
    if isinstance(source, Path):
        boxes.scan(source)
    name = str(source) if isinstance(source, Path) else "the film"
    try:
        with av.open(source, "r", metadata_errors="replace") as container:
            yield container
    except InvalidDataError as error:
        raise MediaError(f"{name} is damaged and cannot be decoded; make it again or restore a copy") from error


def _picture(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise MediaError(f"{container.name} has no picture; a film has both picture and sound")
    return container.streams.video[0]


def _sound(container: InputContainer) -> AudioStream:
    if not container.streams.audio:
        raise MediaError(f"{container.name} has no sound; a film has both picture and sound")
    return container.streams.audio[0]


def decode_frames(source: Source) -> Iterator[Frame]:
    """The film's frames in order of showing, uint8 I420 [height * 3 / 2, width]; other pixel formats are converted."""
    with opened(source) as container:
        stream = _picture(container)
        stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            planar = frame if frame.format.name == "yuv420p" else frame.reformat(format="yuv420p")
            yield cast(Frame, planar.to_ndarray())


def decode_sound(source: Source) -> Iterator[Samples]:
    """The film's sound from its first sample to its last as float32 [2, n] blocks at 48 kHz.

    Edit lists are honoured at both ends: FFmpeg cuts the encoder's priming but not always the padding after the last
    sample (measured: up to 1023 samples more), so the duration in the header ends it here.
    """
    with opened(source) as container:
        stream = _sound(container)
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE)
        left = sample_at(codecs.seconds(stream.duration, stream.time_base))
        for native in chain(container.decode(stream), [None]):
            for frame in resampler.resample(native):
                samples = cast(Samples, frame.to_ndarray())[:, :left]
                left -= samples.shape[1]
                yield samples


def read_header(path: Path) -> Header:
    """The header's facts; raises `MediaError` when the file is no whole film."""
    layout = boxes.scan(path)
    with opened(path) as container:
        video, audio = _picture(container), _sound(container)
        return Header(
            fps=video.average_rate or Fraction(0),
            width_px=video.width,
            height_px=video.height,
            pixel_format=video.format.name,
            video_codec=video.codec_context.codec.canonical_name,
            video_profile=video.profile or "unknown",
            color_range=video.color_range,
            color_primaries=video.color_primaries,
            color_transfer=video.color_trc,
            color_matrix=video.colorspace,
            audio_codec=audio.codec_context.codec.canonical_name,
            audio_profile=audio.profile or "unknown",
            audio_rate=audio.rate,
            audio_channels=audio.channels,
            audio_bitrate=audio.bit_rate,
            video_start_s=codecs.seconds(video.start_time, video.time_base),
            audio_start_s=codecs.seconds(audio.start_time, audio.time_base),
            video_duration_s=codecs.seconds(video.duration, video.time_base),
            audio_duration_s=codecs.seconds(audio.duration, audio.time_base),
            file_duration_s=Fraction(container.duration or 0, av.time_base),
            faststart=layout.faststart,
            fragmented=layout.fragmented,
            movie_timescale=layout.movie_timescale,
            size_bytes=path.stat().st_size,
        )


def read_slate(path: Path) -> Slate:
    """How the film was made."""
    with opened(path) as container:
        record = container.metadata.get(codecs.SLATE_KEY)
    if record is None:
        raise MediaError(f"{path} was not made by Clapboard: it carries no slate; give a film that Clapboard wrote")
    try:
        data = json.loads(record)
        newer = data["timeline"]["clapboard"] > SCHEMA_VERSION
    except (json.JSONDecodeError, TypeError, KeyError):
        raise MediaError(f"{path}: its slate is damaged; use another copy") from None
    if newer:
        raise MediaError(f"{path} was made by a newer Clapboard, whose schema is not yet known here; upgrade first")
    try:
        return Slate.model_validate(data)
    except ValidationError as error:
        raise MediaError(f"{path}: its slate breaks the schema: {explain(error, Slate)}") from None
