import numpy as np
import pytest

from clapboard.sound.room import impulse, resolve
from clapboard.sound.spaces import SPACES, SURFACES
from clapboard.timeline import Acoustics

RATE = 48_000


def schroeder_rt60_s(response, low_hz=354, high_hz=1414):
    """T20 of the 500 Hz and 1 kHz octaves by backward integration (Schroeder 1965)."""
    size = 1 << (2 * response.shape[1]).bit_length()
    spectrum, freq = np.fft.rfft(response[0], size), np.fft.rfftfreq(size, 1 / RATE)
    spectrum[(freq < low_hz) | (freq > high_hz)] = 0
    energy = np.cumsum(np.square(np.fft.irfft(spectrum)[: response.shape[1]])[::-1])[::-1]
    decay_db = 10 * np.log10(energy / energy[0] + 1e-20)
    return 3 * (np.argmax(decay_db < -25) - np.argmax(decay_db < -5)) / RATE


def energy_db(response, from_s=0.0):
    return 10 * np.log10(np.square(response[:, int(from_s * RATE) :].astype(float)).sum() + 1e-20)


@pytest.mark.parametrize("rt60_s", [0.2, 0.5, 1.0, 2.0])
def test_asked_reverberation_is_measured(rt60_s):
    room = resolve(Acoustics(space="living room", rt60_s=rt60_s))
    assert room.mid_rt60_s == pytest.approx(rt60_s, rel=0.01)
    assert schroeder_rt60_s(impulse(room, 1)) == pytest.approx(rt60_s, rel=0.2)


@pytest.mark.parametrize(
    ("space", "low_s", "high_s"),
    [
        ("living room", 0.35, 0.7),
        ("bathroom", 0.8, 1.7),
        ("cathedral", 3.5, 7),
        ("car", 0.03, 0.15),
        ("hall", 1.5, 2.6),
    ],
)
def test_rooms_ring_as_such_rooms_do(space, low_s, high_s):
    room = resolve(Acoustics(space=space))
    assert low_s < schroeder_rt60_s(impulse(room, 3)) < high_s


def test_sabine_by_hand():
    # 10 x 10 x 10 m of concrete: alpha 0.03 at 500 Hz and 1 kHz, Eyring gives 0.161 * 1000 / (600 * 0.03046) = 8.8 s,
    # less the air's absorption at 1 kHz: 4 m V = 4 * 0.00097 * 1000 = 3.9 m2.
    room = resolve(Acoustics(space="empty concrete room", size_m=(10, 10, 10)))
    assert room.rt60_s[3] == pytest.approx(0.161 * 1000 / (600 * 0.03046 + 3.9), rel=0.02)


def test_short_reverb_in_a_furnished_room_is_drier_than_a_tiled_hallway():
    furnished = impulse(resolve(Acoustics(space="furnished room", rt60_s=0.3)), 1)
    tiled = impulse(resolve(Acoustics(space="tiled hallway")), 1)
    assert schroeder_rt60_s(tiled) > 4 * schroeder_rt60_s(furnished)
    assert energy_db(tiled, 0.05) > energy_db(furnished, 0.05) + 8


def test_surfaces_change_the_room():
    bare = resolve(Acoustics(space="room", size_m=(5, 4, 2.6), surfaces=["concrete"]))
    soft = resolve(Acoustics(space="room", size_m=(5, 4, 2.6), surfaces=["carpet", "curtain"]))
    assert bare.mid_rt60_s > soft.mid_rt60_s
    assert bare.walls[4] != soft.walls[4]


def test_nearer_listening_is_drier():
    close, far = (impulse(resolve(Acoustics(space="kitchen", distance_m=d)), 1) for d in (0.5, 4.0))
    assert energy_db(far) - energy_db(close) == pytest.approx(20 * np.log10(8), abs=0.1)


def test_a_canyon_answers_late_and_dull():
    response = impulse(resolve(Acoustics(space="canyon")), 1)
    late = response[:, int(0.40 * RATE) : int(0.46 * RATE)]
    between = response[:, int(0.25 * RATE) : int(0.31 * RATE)]
    assert energy_db(late) > energy_db(between) + 12
    spectrum = np.abs(np.fft.rfft(late.sum(axis=0)))
    freq = np.fft.rfftfreq(late.shape[1], 1 / RATE)
    assert spectrum[(freq > 500) & (freq < 2000)].mean() > 5 * spectrum[(freq > 8000) & (freq < 12000)].mean()


def test_open_air_has_no_tail_and_no_time_has_no_room():
    assert energy_db(impulse(resolve(Acoustics(space="open air")), 1), 0.05) < -100
    assert impulse(resolve(Acoustics(space="church", rt60_s=0)), 1).shape == (2, 0)


def test_nothing_comes_before_the_direct_sound_and_sides_differ():
    response = impulse(resolve(Acoustics(space="hallway")), 1)
    first = np.argmax(np.abs(response).max(axis=0) > 0)
    assert first >= RATE // 1000
    left, right = response[:, RATE // 10 :].astype(float)
    assert abs(left @ right) < 0.1 * np.sqrt((left @ left) * (right @ right))


def test_the_same_seed_gives_the_same_room():
    room = resolve(Acoustics(space="forest"))
    first = impulse(room, 1).tobytes()
    impulse.cache_clear()
    assert impulse(room, 1).tobytes() == first
    assert impulse(room, 2).tobytes() != first


def test_every_named_space_and_surface_resolves():
    for space in SPACES:
        for word in space.words:
            assert resolve(Acoustics(space=f"a {word} at night")).size_m == space.size_m, word
    for name, surface in SURFACES.items():
        assert all(0 <= alpha <= 1 for alpha in surface.absorption), name
