import numpy as np
import pytest

from clapboard.sound.convolve import BLOCK, Convolver
from clapboard.sound.place import WetStem
from clapboard.take import fixed
from clapboard.timeline import Acoustics
from sound.dry import RATE, given, hit, noise, rms_db, tone


def wet(*sources, seconds=2.0, seed=1):
    stem = WetStem(sources, num_samples=int(seconds * RATE), seed=seed)
    return np.concatenate([stem.block(k) for k in range(stem.num_blocks)], axis=1)[:, : int(seconds * RATE)]


def ring(convolver, dry):
    out = convolver.feed(dry)
    assert out is not None
    return out


def test_convolver_is_a_convolution_in_blocks():
    rng = np.random.default_rng([1])
    response = rng.normal(0, 1, (2, BLOCK + 1000)).astype(np.float32)
    dry = rng.normal(0, 1, 3 * BLOCK).astype(np.float32)
    dry[BLOCK : 2 * BLOCK] = 0
    convolver = Convolver(response)
    out = np.concatenate([ring(convolver, dry[a : a + BLOCK]) for a in range(0, len(dry), BLOCK)], axis=1)
    size = 1 << 18
    for channel in range(2):
        expected = np.fft.irfft(np.fft.rfft(dry, size) * np.fft.rfft(response[channel], size))[: len(dry)]
        assert np.abs(out[channel] - expected).max() < 1e-5 * np.abs(expected).max()


def test_a_silent_room_rings_out_and_rests():
    convolver = Convolver(np.ones((2, 10), np.float32))
    click = np.zeros(BLOCK, np.float32)
    click[-1] = 1
    silence = np.zeros(BLOCK, np.float32)
    assert convolver.feed(silence) is None
    assert convolver.feed(click) is not None
    assert ring(convolver, silence)[0, :10].sum() == pytest.approx(9, abs=1e-4)
    assert convolver.feed(silence) is None


def test_level_falls_by_six_decibels_a_doubling():
    one, two, four = (rms_db(wet(noise(2, position=fixed(0, d)))) for d in (1, 2, 4))
    assert one - two == pytest.approx(6.02, abs=0.1)
    assert two - four == pytest.approx(6.02, abs=0.1)
    assert rms_db(wet(noise(2, position=fixed(0, 0.1)))) == pytest.approx(one + 6.02, abs=0.1)


def test_pan_follows_position_with_constant_power():
    moving = noise(2, position=lambda t: (np.clip(t - 1, -1, 1), np.ones(len(t))))
    out = wet(moving)
    power = np.square(out.astype(float)).reshape(2, 20, -1).mean(axis=2)
    balance = power[1] / power.sum(axis=0)
    assert (np.diff(balance) > 0).all()
    assert balance[0] < 0.02
    assert balance[-1] > 0.98
    assert balance[9:11].mean() == pytest.approx(0.5, abs=0.02)
    assert np.ptp(10 * np.log10(power.sum(axis=0)[:-1])) < 0.6  # the film's end fades


def test_far_and_unseen_sounds_are_duller():
    def brightness(azimuth, distance_m):
        out = wet(noise(2, position=fixed(azimuth, distance_m)))
        spectrum, freq = np.abs(np.fft.rfft(out.sum(axis=0))), np.fft.rfftfreq(out.shape[1], 1 / RATE)
        return spectrum[freq > 6000].mean() / spectrum[(freq > 200) & (freq < 1000)].mean()

    assert brightness(0, 2) == pytest.approx(1, abs=0.05)
    assert brightness(0, 100) < 0.5 * brightness(0, 10)
    assert brightness(2.5, 2) < 0.5 * brightness(1, 2)


def test_a_block_edge_cannot_be_heard():
    # A sine that crosses edges of blocks and control points, moving: no step beyond its own slope.
    moving = tone(2, 0.5, freq_hz=100, position=lambda t: (np.sin(t), 1 + t))
    out = wet(moving)[:, 500:-500]
    assert np.abs(np.diff(out, n=2, axis=1)).max() < 0.5 * (2 * np.pi * 100 / RATE) ** 2 * 1.5 + 1e-4


@pytest.mark.parametrize("room", [None, Acoustics(space="cathedral"), Acoustics(space="canyon")])
@pytest.mark.parametrize("distance_m", [1.0, 300.0])
def test_no_onset_moves(room, distance_m):
    start = 40_001
    out = wet(hit(start, position=fixed(0.4, distance_m), room=room))
    assert np.abs(out[:, :start]).max() < 1e-7  # the FFT's rounding, under 24 bits
    assert np.abs(out[:, start : start + 24]).max() > 0.4 * np.abs(out[:, start : start + 480]).max()


def test_wide_sound_stays_as_it_is_and_no_room_is_dry():
    sound = np.random.default_rng([1]).normal(0, 0.1, (2, RATE)).astype(np.float32)
    out = wet(given(sound, 1000, position=fixed(1, 5)))
    assert np.array_equal(out[:, 1000 : 1000 + RATE], sound)
    assert not out[:, 1000 + RATE :].any()


def test_a_strike_on_the_first_frame_keeps_its_edge_and_the_end_is_faded():
    out = wet(hit(0), noise(2, 0.01))
    assert np.abs(out[:, :48]).max() > 0.8 * np.abs(out).max()
    assert np.abs(out[:, -3:]).max() < 1e-3
