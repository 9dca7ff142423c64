import numpy as np
import pytest

from clapboard.sound import live_blocks, mix
from clapboard.sound.loudness import true_peak_dbtp
from clapboard.timeline import Acoustics, Mix, Stem
from sound.dry import RATE, hit, integrated_lufs, noise, timeline, tone, whole

ROOM = Acoustics(space="kitchen")


def film(seconds):
    return {
        Stem.DIALOGUE: (noise(0.8, 0.05, start=RATE, seed=9, room=ROOM),),
        Stem.EFFECTS: tuple(hit(int(t * RATE), 0.9, room=ROOM) for t in np.arange(0.4, seconds - 0.3, 0.9)),
        Stem.AMBIENCE: (noise(seconds, 0.01, channels=2, seed=2),),
        Stem.MUSIC: (tone(seconds, 0.03),),
    }


@pytest.mark.parametrize("seconds", [1.0, 3.5, 12.0])
def test_live_is_the_mix_in_order(seconds):
    desk = timeline(seconds)
    live = np.concatenate(list(live_blocks(film(seconds), desk)), axis=1)
    master = whole(mix(film(seconds), desk).mix)
    assert live.shape == master.shape
    assert live.dtype == np.float32
    assert true_peak_dbtp([live]) <= -1.8
    if seconds >= 3:
        assert integrated_lufs([live]) == pytest.approx(-14, abs=0.5)
    scale = (live * master).sum() / np.square(master).sum()
    assert np.abs(live - scale * master).max() < 0.02


def test_blocks_join():
    desk = timeline(3.5, mix=Mix(master="off"))
    stems = {Stem.MUSIC: (tone(3.5, 0.5, freq_hz=60),), Stem.EFFECTS: (hit(65_600, 0.9), hit(65_536 * 2 - 30, 0.9))}
    live = np.concatenate(list(live_blocks(stems, desk)), axis=1)
    master = whole(mix(stems, desk).mix)
    assert np.abs(live - master).max() < 1e-3


def test_silence_lives():
    assert sum(block.shape[1] for block in live_blocks({}, timeline(1.3))) == timeline(1.3).num_samples
