"""Music and silence."""

import pytest

from clapboard.timeline import Music, Stem


@pytest.mark.parametrize(
    ("prompt", "music"),
    [
        ("window", None),
        ("window, soft piano", Music(mood="calm", instruments=["felt piano"])),
        ("window, quiet grand piano", Music(mood="calm", instruments=["piano"], level_db=-6)),
        ("window; tense strings", Music(mood="tense", instruments=["strings"])),
        ("window, hopeful flute and strings", Music(mood="hopeful", instruments=["flute", "strings"])),
        ("a melancholy window", Music(mood="melancholy")),
        ("window, music", Music()),
        ("a quiet window", None),  # said of the window
        ("a still candle", None),
        ("window, no music", None),
        ("a tense window without music", None),
        ("window, never any music", None),
        ("a silent window", None),
        ("a silent cat, loud cello", Music(instruments=["cello"], level_db=4)),
        ("window, strings but no drums", Music(instruments=["strings"])),
        ("window, no strings", None),
        ("window, harp at 90 bpm in D minor", Music(instruments=["harp"], tempo_bpm=90, key="D minor")),
        ("window, slow guitar in the key of B flat major", Music(instruments=["guitar"], tempo_bpm=60, key="Bb major")),
        ("window, piano, very slow", Music(instruments=["piano"], tempo_bpm=60)),
        ("window, epic violins", Music(mood="epic", instruments=["strings"])),
        ("window, strings building to a crescendo", Music(instruments=["strings"], arc=[(0, 0.2), (8, 1)])),
        ("window, guitar, fading out", Music(instruments=["guitar"], arc=[(0, 0.7), (8, 0.1)])),
        ("window, the strings swell then fade out", Music(instruments=["strings"], arc=[(0, 0.35), (4, 1), (8, 0.1)])),
        ("window, music starts at 2 s", Music(arc=[(0, 0), (2, 0), (4.4, 0.7)])),
        ("embers float above the camp", None),
        ("wind chimes by the window", None),
        ("window, hold for two seconds, then silence", None),
        ("the kettle whistles", None),  # the flute is called a whistle too
        ("rain falls on the sill, it drums", None),
    ],
)
def test_music(plan, prompt: str, music: Music | None):
    timeline = plan(prompt)
    assert timeline.music == music


def test_no_sound_switches_every_stem_off(plan):
    assert plan("rain on the window, no sound").mix.off == list(Stem)
    assert plan("rain on the window, the sound of rain").mix.off == []
