import numpy as np
import pytest

from clapboard.sound import mix
from clapboard.sound.loudness import true_peak_dbtp
from clapboard.take import fixed
from clapboard.timeline import Acoustics, Mix, Stem
from sound.dry import RATE, hit, integrated_lufs, noise, rms_db, timeline, tone, whole

ROOM = Acoustics(space="living room")
MATERIALS = {
    "noise": {Stem.AMBIENCE: (noise(3.5, 0.01, channels=2),)},
    "loud noise": {Stem.AMBIENCE: (noise(3.5, 0.4),)},
    "sparse impacts": {Stem.EFFECTS: tuple(hit(k * RATE, 0.3, room=ROOM) for k in (0, 1, 2))},
    "tone and impacts": {
        Stem.MUSIC: (tone(3.5, 0.05),),
        Stem.EFFECTS: tuple(hit(k, 0.9, room=ROOM, position=fixed(0.3, 1.5)) for k in (20_000, 90_000)),
    },
    "all": {
        Stem.DIALOGUE: (noise(1.0, 0.1, start=RATE, room=ROOM),),
        Stem.EFFECTS: (hit(30_000, room=ROOM),),
        Stem.AMBIENCE: (noise(3.5, 0.02, channels=2, seed=2, room=ROOM),),
        Stem.MUSIC: (tone(3.5, 0.08),),
    },
}


@pytest.mark.parametrize("material", MATERIALS)
def test_loudness_ceiling_and_sum(material):
    master = mix(MATERIALS[material], timeline())
    mixed = whole(master.mix)
    assert integrated_lufs([mixed]) == pytest.approx(-14, abs=0.2)
    assert true_peak_dbtp([mixed]) <= -1.9
    total = sum(whole(reel).astype(np.float64) for reel in master.stems.values())
    assert np.abs(total - mixed).max() < 10 ** (-90 / 20)
    rounded = [np.rint(whole(reel) * 2**23) / 2**23 for reel in (*master.stems.values(), master.mix)]
    assert np.abs(sum(rounded[:-1]) - rounded[-1]).max() < 10 ** (-90 / 20)
    assert set(master.stems) == set(Stem)


@pytest.mark.parametrize(
    ("preset", "target", "ceiling"), [("apple", -16, -1), ("broadcast-eu", -23, -1), ("broadcast-us", -24, -2)]
)
def test_presets(preset, target, ceiling):
    master = mix(MATERIALS["all"], timeline(mix=Mix(master=preset)))
    assert integrated_lufs([whole(master.mix)]) == pytest.approx(target, abs=0.2)
    assert master.ceiling_dbtp == ceiling
    assert true_peak_dbtp([whole(master.mix)]) <= ceiling - 0.9


def test_off_leaves_the_level_alone():
    master = mix({Stem.EFFECTS: (noise(3.5, 0.01, channels=2),)}, timeline(mix=Mix(master="off")))
    assert master.static_gain_db == 0
    assert rms_db(whole(master.mix)) == pytest.approx(-40, abs=0.1)


def test_short_films_are_brought_to_the_ceiling():
    master = mix({Stem.EFFECTS: (hit(9000, 0.1),)}, timeline(1.0))
    assert true_peak_dbtp([whole(master.mix)]) == pytest.approx(-2, abs=0.1)


@pytest.mark.parametrize("seconds", [1.0, 3.5])
def test_silence_stays_silence(seconds):
    for stems in ({}, {Stem.MUSIC: ()}, {Stem.MUSIC: (tone(seconds, 0.0),)}):
        master = mix(stems, timeline(seconds))
        assert not whole(master.mix).any()
        assert master.static_gain_db == 0
        assert integrated_lufs([whole(master.mix)]) == -np.inf


def test_music_ducks_under_dialogue_and_ambience_by_half():
    stems = {
        Stem.DIALOGUE: (noise(2.0, 0.07, start=2 * RATE, seed=3),),
        Stem.AMBIENCE: (tone(6, 0.02, freq_hz=300),),
        Stem.MUSIC: (tone(6, 0.05, freq_hz=500),),
    }
    master = mix(stems, timeline(6, mix=Mix(master="off", duck_db=12)))

    def level(stem, at_s):
        return rms_db(master.stems[stem].read(int(at_s * RATE), int((at_s + 0.2) * RATE)))

    for stem, depth_db in ((Stem.MUSIC, 12), (Stem.AMBIENCE, 6)):
        before, under, after = (level(stem, t) for t in (1.0, 3.0, 5.7))
        assert before - under == pytest.approx(depth_db, abs=0.5)
        assert after == pytest.approx(before, abs=0.6)
        assert level(stem, 1.8) == pytest.approx(before, abs=2.5)  # it looks ahead by 80 ms only
    music = whole(master.stems[Stem.MUSIC])[0]
    assert np.abs(np.diff(music, n=2)).max() < 0.05 * (2 * np.pi * 500 / RATE) ** 2 * 1.2  # no click


def test_the_desk_sets_and_switches_stems():
    stems = {Stem.MUSIC: (tone(3.5),), Stem.EFFECTS: (tone(3.5, freq_hz=900),)}
    plain = mix(stems, timeline(mix=Mix(master="off", duck_db=0)))
    desk = Mix(master="off", duck_db=0, gains_db={Stem.MUSIC: -6}, off=[Stem.EFFECTS])
    turned = mix(stems, timeline(mix=desk))
    assert not whole(turned.stems[Stem.EFFECTS]).any()
    change = rms_db(whole(turned.stems[Stem.MUSIC])) - rms_db(whole(plain.stems[Stem.MUSIC]))
    assert change == pytest.approx(-6, abs=0.01)


def test_strikes_stand_out_of_music():
    stems = {Stem.EFFECTS: (hit(RATE, 0.3),), Stem.MUSIC: (tone(3.5, 0.05),)}
    master = mix(stems, timeline(mix=Mix(master="off")))
    music = whole(master.stems[Stem.MUSIC])
    before, under, after = (rms_db(music[:, a : a + 960]) for a in (RATE // 2, RATE + 200, 2 * RATE))
    assert before - under == pytest.approx(4, abs=0.5)
    assert after == pytest.approx(before, abs=0.1)


def test_a_quiet_room_stays_quiet_around_few_short_sounds():
    stems = {
        Stem.EFFECTS: tuple(hit(k * RATE, 0.1, tau_s=0.01, room=ROOM) for k in (1, 2)),
        Stem.AMBIENCE: (noise(3.5, 0.001, channels=2),),
    }
    master = mix(stems, timeline())
    assert integrated_lufs([whole(master.mix)]) == pytest.approx(-14, abs=0.2)
    assert integrated_lufs([whole(master.stems[Stem.AMBIENCE])]) < -24


def test_hard_limiting_keeps_onsets_and_makes_no_steps():
    stems = {Stem.EFFECTS: (hit(RATE, 0.9), hit(2 * RATE, 0.9)), Stem.AMBIENCE: (tone(3.5, 0.004, freq_hz=200),)}
    master = mix(stems, timeline())
    effects = whole(master.stems[Stem.EFFECTS])
    assert np.abs(effects[:, RATE : RATE + 24]).max() > 0.5 * np.abs(effects).max()
    assert not effects[:, :RATE].any()
    bed = whole(master.stems[Stem.AMBIENCE])[0, 1000:-1000]
    assert np.abs(np.diff(bed)).max() < 2 * np.abs(bed).max() * 2 * np.pi * 200 / RATE


def test_the_same_film_gives_the_same_bytes():
    first, second = (mix(MATERIALS["all"], timeline()) for _ in range(2))
    assert whole(first.mix).tobytes() == whole(second.mix).tobytes()


def test_progress_ends_complete():
    steps = []
    mix(MATERIALS["all"], timeline(), progress=steps.append)
    assert steps[-1].done == steps[-1].total
    assert [step.done for step in steps] == sorted(step.done for step in steps)
