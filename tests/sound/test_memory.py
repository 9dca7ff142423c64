import subprocess
import sys
from pathlib import Path

import pytest

_FILM = """
import resource, sys
from sound.dry import RATE, hit, timeline
from clapboard.sound import mix
from clapboard.take import Source
from clapboard.timeline import Acoustics, Stem
import numpy as np

seconds = float(sys.argv[1])
room = Acoustics(space="hall")

def hum(a, b):
    return np.sin(np.arange(a, b, dtype=np.float32) * np.float32(0.01))[None] * np.float32(0.05)

film = timeline(seconds)
bed = Source(name="hum", start=0, length=film.num_samples, render=hum, room=room)
shared = hit(0)

def struck(at):
    def render(a, b):
        return shared.render(a - at, b - at)
    return Source(name="hit", start=at, length=shared.length, render=render, room=room)

hits = tuple(struck(s * RATE) for s in range(0, int(seconds) - 1, 2))
mix({Stem.AMBIENCE: (bed,), Stem.EFFECTS: hits, Stem.MUSIC: (bed,)}, film)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_memory_is_flat_in_the_films_length():
    def peak_mb(seconds):
        command = [sys.executable, "-c", _FILM, str(seconds)]
        return (
            int(
                subprocess.run(
                    command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1]
                ).stdout
            )
            / 1024
        )

    assert peak_mb(120) - peak_mb(8) < 60
