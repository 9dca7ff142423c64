import numpy as np
import pytest

from clapboard.sound import mix
from clapboard.sound.loudness import true_peak_dbtp
from clapboard.timeline import Acoustics, Retake, Stem
from sound.dry import RATE, hit, integrated_lufs, noise, rms_db, timeline, tone, whole

SECONDS = 3.5
ROOM = Acoustics(space="tiled hallway")
BASE = {
    Stem.DIALOGUE: (noise(0.8, 0.05, start=RATE // 2, seed=9),),
    Stem.EFFECTS: (hit(70_000, 0.4, room=ROOM),),
    Stem.AMBIENCE: (noise(SECONDS, 0.01, channels=2, seed=2),),
    Stem.MUSIC: (tone(SECONDS, 0.03),),
}
LOUD = {
    Stem.DIALOGUE: (noise(1.5, 0.2, start=RATE, seed=10),),
    Stem.EFFECTS: tuple(hit(at, 0.95, room=ROOM) for at in (48_100, 60_000, 95_900, 130_000)),
    Stem.AMBIENCE: (noise(SECONDS, 0.1, channels=2, seed=3),),
    Stem.MUSIC: (tone(SECONDS, 0.3, freq_hz=700),),
}


def outside(samples, start, stop):
    return np.concatenate((samples[:, :start], samples[:, stop:]), axis=1).tobytes()


@pytest.mark.parametrize("stem", [None, *Stem])
@pytest.mark.parametrize(("from_s", "to_s"), [(1.0, 2.0), (0.0, 1.2), (1.23456, 1.25), (2.5, None), (None, 0.7)])
def test_a_window_changes_nothing_outside_of_it(stem, from_s, to_s):
    film, again = timeline(SECONDS), Retake(stem=stem, from_s=from_s, to_s=to_s, seed=8)
    base, retaken = mix(BASE, film), mix(BASE, film, retaken=[(again, LOUD)])
    start, stop = round((from_s or 0) * RATE), round((to_s or SECONDS) * RATE)
    for name in Stem:
        before, after = whole(base.stems[name]), whole(retaken.stems[name])
        assert outside(before, start, stop) == outside(after, start, stop), name
        if stem in (None, name) and before[:, start:stop].any():
            assert before[:, start:stop].tobytes() != after[:, start:stop].tobytes(), name
    assert outside(whole(base.mix), start, stop) == outside(whole(retaken.mix), start, stop)
    assert retaken.static_gain_db == base.static_gain_db
    assert true_peak_dbtp([whole(retaken.mix)]) <= -1.2


def test_a_window_joins_without_a_step():
    film = timeline(SECONDS)
    quiet = {Stem.MUSIC: (tone(SECONDS, 0.2, freq_hz=100),)}
    other = {Stem.MUSIC: (tone(SECONDS, 0.2, freq_hz=100, start=0),), Stem.EFFECTS: (hit(60_000, 0.9),)}
    music = whole(mix(quiet, film, retaken=[(Retake(from_s=1, to_s=2), other)]).stems[Stem.MUSIC])[0, 500:-500]
    assert np.abs(np.diff(music)).max() < 2.0 * np.abs(music).max() * 2 * np.pi * 100 / RATE


def test_retakes_follow_each_other():
    film = timeline(SECONDS)
    one, two = Retake(from_s=0.5, to_s=1.0, seed=8), Retake(stem=Stem.MUSIC, from_s=2.0, to_s=2.5, seed=9)
    first = mix(BASE, film, retaken=[(one, LOUD)])
    both = mix(BASE, film, retaken=[(one, LOUD), (two, LOUD)])
    for name in Stem:
        a, b = whole(first.stems[name]), whole(both.stems[name])
        assert outside(a, 2 * RATE, 5 * RATE // 2) == outside(b, 2 * RATE, 5 * RATE // 2), name


def test_a_whole_stem_is_replaced_and_the_level_set_again():
    film = timeline(SECONDS)
    again = Retake(stem=Stem.MUSIC, seed=film.seed)
    expected = mix(BASE | {Stem.MUSIC: LOUD[Stem.MUSIC]}, film)
    retaken = mix(BASE, film, retaken=[(again, LOUD)])
    assert whole(retaken.mix).tobytes() == whole(expected.mix).tobytes()
    assert integrated_lufs([whole(retaken.mix)]) == pytest.approx(-14, abs=0.2)


def test_a_stem_may_be_new_or_fall_silent_in_a_window():
    film, window = timeline(SECONDS), Retake(stem=Stem.MUSIC, from_s=1, to_s=2)
    base = {Stem.AMBIENCE: BASE[Stem.AMBIENCE]}
    grown = whole(mix(base, film, retaken=[(window, {Stem.MUSIC: LOUD[Stem.MUSIC]})]).stems[Stem.MUSIC])
    assert rms_db(grown[:, RATE + 1000 : 2 * RATE - 1000]) > -30
    assert not grown[:, :RATE].any()
    hushed = whole(
        mix(base | {Stem.MUSIC: BASE[Stem.MUSIC]}, film, retaken=[(window, {Stem.MUSIC: ()})]).stems[Stem.MUSIC]
    )
    assert not hushed[:, RATE + 500 : 2 * RATE - 500].any()
    assert hushed[:, : RATE // 2].any()
