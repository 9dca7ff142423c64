"""Writes films: H.264 and AAC in one MP4, exact to the frame and to the sample, with its slate inside.

sound = encode_sound(master)
write_film(path, take.picture, sound, slate, progress=progress)
replace_sound(path, other, sound, slate)          # same video packets, byte for byte
"""

# PyAV leaves the type of its packets open.
# pyright: reportUnknownMemberType=false
import hashlib
import io
import struct
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream

from clapboard import clock
from clapboard.media import boxes, codecs
from clapboard.media.files import replacing
from clapboard.media.probe import decode_sound, opened
from clapboard.progress import Progress
from clapboard.sound.loudness import true_peak_dbtp
from clapboard.take import Master, Picture, Slate

_BLOCK: Final = 1 << 16
"""Samples encoded at a time."""

_TRIES: Final = 4
"""Encodings at most. Measured: limited noise and square waves need two or three."""

_MARGIN_DB: Final = 0.05
"""Below the ceiling when the gain is lowered: AAC's error changes a little with every gain."""

_IN_MEMORY: Final = {"movie_timescale": str(clock.SAMPLE_RATE)}
"""Keeps the edit lists exact to the sample (measured: 1000 ticks, the usual value, cut 32 samples off a film)."""

_ON_DISK: Final = _IN_MEMORY | {"movflags": "+faststart+use_metadata_tags"}


@dataclass(frozen=True, kw_only=True, slots=True)
class EncodedSound:
    """A film's finished sound as AAC-LC: `mp4` is a small MP4 of that one stream, kept in memory."""

    mp4: bytes
    num_samples: int
    gain_db: float
    """Gain put on the mix before the encoder, 0 or less, so that the decoded sound keeps the true-peak ceiling."""
    true_peak_dbtp: float
    """Of the decoded sound."""


def encode_sound(master: Master) -> EncodedSound:
    """The mix as AAC. AAC raises peaks by up to 2 dB, so it is decoded, measured and, if too high, encoded lower."""
    sound = _encode_mix(master, gain_db=0.0)
    for _ in range(_TRIES - 1):
        over_db = sound.true_peak_dbtp - master.ceiling_dbtp
        if over_db <= 0:
            break
        sound = _encode_mix(master, gain_db=sound.gain_db - over_db - _MARGIN_DB)
    return sound


def _encode_mix(master: Master, gain_db: float) -> EncodedSound:
    gain = np.float32(10 ** (gain_db / 20))
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", container_options=_IN_MEMORY) as output:
        stream = codecs.add_sound(output)
        for packet in codecs.encode_sound(stream, (block * gain for block in master.mix.blocks(_BLOCK))):
            output.mux(packet)
    mp4 = file.getvalue()
    peak_dbtp = true_peak_dbtp(decode_sound(io.BytesIO(mp4)))
    return EncodedSound(mp4=mp4, num_samples=master.num_samples, gain_db=gain_db, true_peak_dbtp=peak_dbtp)


@contextmanager
def _writing(path: Path, slate: Slate) -> Generator[OutputContainer]:
    """An MP4 that appears at `path` when the block ends well, checked to be complete."""
    with replacing(path) as part:
        with av.open(part, "w", format="mp4", container_options=_ON_DISK) as output:
            output.metadata.update(codecs.metadata(slate))
            yield output
        boxes.scan(part)  # closing does not report a write that failed; a box cut short does


def _copied(source: InputContainer, stream: Stream) -> "Iterator[Packet[Any]]":
    """The packets of the source's first stream of this type, for `stream` of another file."""
    for packet in source.demux(**{stream.type: 0}):
        if packet.dts is not None:  # the last one is empty and marks the end
            packet.stream = stream
            yield packet


def write_film(path: Path, picture: Picture, sound: EncodedSound, slate: Slate, *, progress: Progress) -> None:
    """Renders the picture into a film at `path`. On any failure nothing is left there, nor is an older film harmed."""
    assert sound.num_samples == slate.timeline.num_samples
    with _writing(path, slate) as output, opened(io.BytesIO(sound.mp4)) as source:
        fps = slate.timeline.fps
        video = codecs.add_video(output, picture, fps)
        audio = output.add_stream_from_template(source.streams.audio[0])
        frames = codecs.encode_picture(video, picture, fps, progress)
        for packet in codecs.interleave(frames, _copied(source, audio)):
            output.mux(packet)


def replace_sound(source: Path, target: Path, sound: EncodedSound, slate: Slate) -> None:
    """The film at `source` with other sound and slate, at `target`, which may be the same file.

    Video packets are copied as they are, never decoded: `video_digest` stays.
    """
    assert sound.num_samples == slate.timeline.num_samples
    with _writing(target, slate) as output, opened(source) as old, opened(io.BytesIO(sound.mp4)) as new:
        video = output.add_stream_from_template(old.streams.video[0])
        audio = output.add_stream_from_template(new.streams.audio[0])
        for packet in codecs.interleave(_copied(old, video), _copied(new, audio)):
            output.mux(packet)


def video_digest(path: Path) -> str:
    """SHA-256 over every video packet's timestamps and bytes: equal digests mean the same picture."""
    digest = hashlib.sha256()
    with opened(path) as source:
        for packet in _copied(source, source.streams.video[0]):
            base = packet.time_base
            digest.update(struct.pack("<5q", packet.pts, packet.dts, packet.duration, base.numerator, base.denominator))
            digest.update(bytes(packet))
    return digest.hexdigest()
