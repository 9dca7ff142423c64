"""The least that any film costs: its frames, already painted, through the same encoder.

    python benchmarks/encode_floor.py film.mp4      # prints seconds

A process of its own, because a process inherits its parent's peak memory and this one holds all frames at once.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import av

from clapboard import media
from clapboard.media.codecs import add_video, encode_picture
from clapboard.progress import silent
from clapboard.take import Frame


class Painted:
    """Frames that are there already, as a picture."""

    def __init__(self, film: Path) -> None:
        header, self.held = media.read_header(film), list(media.decode_frames(film))
        self.width_px, self.height_px, self.num_frames = header.width_px, header.height_px, len(self.held)
        self.fps = header.fps

    def frames(self, start: int, stop: int) -> Iterator[Frame]:
        """Frames start..stop-1."""
        return iter(self.held[start:stop])


def encode_floor_s(film: Path) -> float:
    """Seconds to encode the film's frames again, decoded beforehand, with the film's own settings."""
    painted, times = Painted(film), []
    for _ in range(3):
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder, av.open(f"{folder}/floor.mp4", "w") as output:
            stream = add_video(output, painted, painted.fps)
            for packet in encode_picture(stream, painted, painted.fps, silent):
                output.mux(packet)
        times.append(time.monotonic() - started)
    return statistics.median(times)


if __name__ == "__main__":
    print(encode_floor_s(Path(sys.argv[1])))
