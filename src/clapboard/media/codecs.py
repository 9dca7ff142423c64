"""The two codecs of every film, set up in one place: H.264 High 4:2:0 BT.709 and AAC-LC 48 kHz stereo.

Bytes are the same on every run: x264 gets a fixed number of threads, whatever machine it is on, and keeps off a code
path of its own that does not repeat.
"""

# PyAV leaves the type of its packets open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
import heapq
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, Final

import av
import cv2
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from clapboard.clock import SAMPLE_RATE
from clapboard.errors import EngineError
from clapboard.progress import Progress, Step
from clapboard.take import Frame, Picture, Samples, Slate

SLATE_KEY: Final = "clapboard"
"""Metadata key under which a film carries its slate."""

BT709: Final = 1
"""Code of BT.709 primaries, transfer and matrix alike (ITU-T H.273)."""

LIMITED_RANGE: Final = 1
"""FFmpeg's AVCOL_RANGE_MPEG: luma 16..235."""

_X264: Final = {
    "preset": "veryfast",  # measured: the bit rate of medium at the same crf for 2.5 times less work
    "crf": "20",  # measured: no visible banding in night scenes
    "profile": "high",
}
_X264_THREADS: Final = 2

_AAC_BITRATE: Final = 192_000
"""Bits a second; the report's measurements of sync were made at this rate."""

_AVX512F: Final = 13
"""OpenCV's number of the processor feature (its Python module has no name for it)."""


def _repeatable(width_px: int) -> dict[str, str]:
    """Options that make x264 give the same bytes twice.

    On processors with AVX-512 its macroblock-tree code gave two or three different files for the same frames at 40
    of 66 widths, never at multiples of 8 macroblocks (128 pixels), never with AVX2 code, which is 9 % slower.
    """
    risky = -(-width_px // 16) % 8 != 0 and cv2.checkHardwareSupport(_AVX512F)
    return {"x264-params": "asm=avx2"} if risky else {}


def add_video(output: OutputContainer, picture: Picture, fps: Fraction, **options: str) -> VideoStream:
    """An H.264 stream for this picture. Frame k has pts k in units of 1 / fps."""
    stream = output.add_stream("libx264", rate=fps, options=_X264 | _repeatable(picture.width_px) | options)
    context = stream.codec_context
    context.width, context.height = picture.width_px, picture.height_px
    context.pix_fmt = "yuv420p"
    context.time_base = 1 / fps
    context.color_range = LIMITED_RANGE
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.thread_count = _X264_THREADS
    context.thread_type = "FRAME"
    return stream


def add_sound(output: OutputContainer) -> AudioStream:
    """An AAC-LC 48 kHz stereo stream."""
    stream = output.add_stream("aac", rate=SAMPLE_RATE, layout="stereo", bit_rate=_AAC_BITRATE)
    stream.codec_context.time_base = Fraction(1, SAMPLE_RATE)
    return stream


def encode_picture(stream: VideoStream, picture: Picture, fps: Fraction, progress: Progress) -> "Iterator[Packet[Any]]":
    """The picture's packets; each frame is rendered when its packet is asked for."""
    shape, index = (picture.height_px * 3 // 2, picture.width_px), -1
    for index, frame in enumerate(picture.frames(0, picture.num_frames)):
        if frame.shape != shape or frame.dtype != np.uint8:
            raise EngineError(f"frame {index} is {frame.dtype} {frame.shape}; the picture promised uint8 {shape}")
        yield from stream.encode(_video_frame(frame, index, fps))
        progress(Step(stage="picture", done=index + 1, total=picture.num_frames))
    if index + 1 != picture.num_frames:
        raise EngineError(f"the picture gave {index + 1} frames; it promised {picture.num_frames}")
    yield from stream.encode(None)


def _video_frame(frame: Frame, index: int, fps: Fraction) -> av.VideoFrame:
    """Shares the memory of `frame`: the encoder looks ahead, so the array must not be written to again."""
    native = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(frame), format="yuv420p")
    native.pts, native.time_base = index, 1 / fps
    native.color_range = LIMITED_RANGE
    native.colorspace = native.color_primaries = native.color_trc = BT709
    return native


def encode_sound(stream: AudioStream, blocks: Iterable[Samples]) -> "Iterator[Packet[Any]]":
    """The packets of float32 [2, n] blocks of any length; the first one is priming, with a negative pts."""
    start = 0
    for block in blocks:
        native = av.AudioFrame.from_ndarray(np.ascontiguousarray(block, np.float32), format="fltp", layout="stereo")
        native.sample_rate = SAMPLE_RATE
        native.pts, native.time_base = start, Fraction(1, SAMPLE_RATE)
        yield from stream.encode(native)
        start += block.shape[1]
    yield from stream.encode(None)


def interleave(*streams: "Iterable[Packet[Any]]") -> "Iterator[Packet[Any]]":
    """Packets in decoding order, so that a player finds sound and picture of a moment side by side."""
    return heapq.merge(*streams, key=lambda packet: seconds(packet.dts, packet.time_base))


def seconds(ticks: int | None, time_base: Fraction | None) -> Fraction:
    """A time stamp in exact seconds. PyAV knows streams without stamps; an MP4 has none of those."""
    assert ticks is not None and time_base is not None
    return ticks * time_base


def metadata(slate: Slate) -> dict[str, str]:
    """The slate, and the three fields that ordinary players show."""
    software = ", ".join(f"{name} {version}" for name, version in slate.versions.items())
    return {
        "title": " ".join(slate.timeline.prompt.split())[:120] or "Untitled",
        "comment": f"Made with Clapboard, engine {slate.engine}, seed {slate.timeline.seed}.",
        "software": software or "Clapboard",
        SLATE_KEY: slate.model_dump_json(),
    }
