"""Streams a film while it is rendered: fragmented MP4 into a pipe, playable from its first fragment on.

    stream_film(sys.stdout.buffer, take.picture, blocks, slate, progress=progress)

A fragment holds half a second. Unlike the finished file it has no edit lists: FFmpeg writes them only once it has seen
the media (delay_moov), and older readers misread those. So nothing may need one: there are no B-frames, and the AAC
encoder's priming packet is left out, at the price of a fade-in over the first 21 ms (measured: both streams at 0).
"""

# PyAV leaves the type of its packets open.
# pyright: reportUnknownMemberType=false
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO, Final

import av

from clapboard import clock
from clapboard.errors import Cancelled, EngineError, MediaError
from clapboard.media import codecs
from clapboard.progress import Progress
from clapboard.take import Picture, Samples, Slate

_FRAGMENT_S: Final = Fraction(1, 2)
_CONTAINER: Final = {
    "movie_timescale": str(clock.SAMPLE_RATE),
    "movflags": "frag_keyframe+empty_moov+default_base_moof+use_metadata_tags",
}


class _Spool:
    """What the muxer wrote and the reader has not yet got.

    The muxer must not meet a closed pipe or Ctrl-C itself: exceptions do not pass through its C code.
    """

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._chunks.append(data)
        return len(data)

    def drain(self, out: BinaryIO) -> None:
        """Everything so far into `out`."""
        if self._chunks:
            data = b"".join(self._chunks)
            self._chunks.clear()
            try:
                out.write(data)
                out.flush()
            except BrokenPipeError:
                raise Cancelled("the reader of the stream closed it before the end") from None
            except OSError as error:
                raise MediaError(f"cannot write the stream: {error.strerror or error}") from None


def _whole(blocks: Iterator[Samples], num_samples: int) -> Iterator[Samples]:
    """The blocks, counted."""
    found = 0
    for block in blocks:
        found += block.shape[1]
        yield block
    if found != num_samples:
        raise EngineError(f"the sound has {found} samples; a film of this length has {num_samples}")


def stream_film(
    out: BinaryIO, picture: Picture, sound_blocks: Iterator[Samples], slate: Slate, *, progress: Progress
) -> None:
    """Renders into `out`, which needs only write() and flush(). Raises `Cancelled` when its reader goes away.

    Blocks are float32 [2, n] of any length, together as long as the picture; they are asked for as they are due.
    """
    fps, spool = slate.timeline.fps, _Spool()
    with av.open(spool, "w", format="mp4", container_options=_CONTAINER) as output:
        output.metadata.update(codecs.metadata(slate))
        group = str(math.ceil(fps * _FRAGMENT_S))
        video = codecs.add_video(output, picture, fps, tune="zerolatency", bf="0", g=group)
        audio = codecs.add_sound(output)
        frames = codecs.encode_picture(video, picture, fps, progress)
        sound = codecs.encode_sound(audio, _whole(sound_blocks, clock.num_samples(picture.num_frames, fps)))
        unprimed = (packet for packet in sound if codecs.seconds(packet.pts, packet.time_base) >= 0)
        for packet in codecs.interleave(frames, unprimed):
            output.mux(packet)
            spool.drain(out)
    spool.drain(out)
