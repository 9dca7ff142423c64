"""Films of a known look and sound in any format: red rises with time, a short tone starts with every second."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from clapboard.take import Slate


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the film is like; `tone_hz` 0 leaves the sound out."""

    fps: Fraction = Fraction(24)
    size: tuple[int, int] = (96, 64)
    seconds: float = 1.1
    video: str = "libx264"
    sound: str = "aac"
    sample_rate: int = 48_000
    tone_hz: float = 440.0
    rotation: int = 0
    slate: Slate | None = None


def write_film(path: Path, look: Look) -> Path:
    """The film, with red from 0 to 255, green in the upper half, blue in the left."""
    num_frames = round(look.seconds * look.fps)
    width, height = look.size
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"} if path.suffix == ".mp4" else {}) as film:
        if look.slate:
            film.metadata["clapboard"] = look.slate.model_dump_json()
        video = cast(VideoStream, film.add_stream(look.video, rate=look.fps))
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        if look.rotation:
            video.set_display_rotation(look.rotation)
        audio = None
        if look.tone_hz:
            audio = cast(AudioStream, film.add_stream(look.sound, rate=look.sample_rate, layout="stereo"))
        for k in range(num_frames):
            rgb = np.zeros((height, width, 3), np.uint8)
            rgb[..., 0], rgb[: height // 2, :, 1], rgb[:, : width // 2, 2] = 255 * k // num_frames, 200, 100
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = k, 1 / look.fps
            film.mux(video.encode(frame))
        film.mux(video.encode(None))
        if audio is not None:
            time_s = np.arange(round(look.seconds * look.sample_rate)) / look.sample_rate
            tone = 0.2 * np.sin(2 * np.pi * look.tone_hz * time_s) * (time_s % 1 < 0.05)
            sound = av.AudioFrame.from_ndarray(np.stack([tone, tone]).astype(np.float32), "fltp", "stereo")
            sound.sample_rate, sound.pts, sound.time_base = look.sample_rate, 0, Fraction(1, look.sample_rate)
            into = audio.codec_context
            fitting = av.AudioResampler(into.format.name, "stereo", into.sample_rate, into.frame_size or 1024)
            for part in (sound, None):
                for packed in fitting.resample(part):
                    film.mux(audio.encode(packed))
            film.mux(audio.encode(None))
    return path
