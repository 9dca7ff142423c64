"""Composed music: a key, chords that lead, a melody from a motif, an arc, an ending that lands.

    score = compose(timeline.music, duration_s=8.0, seed=7)      # plain values: the notes
    parts = sources(score, num_samples=384_000, seed=7)          # one Source per instrument

To follow it: `compose` (the story), `plan` (bars and tempo), `harmony`, `melody`, `parts` and `figures` (who plays
what), `perform` (touch), `render` (blocks and hall), `struck`, `sustained` and `synth` (the sound itself).
"""

from clapboard.engines.stage.music.cast import INSTRUMENTS
from clapboard.engines.stage.music.compose import compose
from clapboard.engines.stage.music.moods import MOODS
from clapboard.engines.stage.music.render import sources
from clapboard.engines.stage.music.score import Note, Score

__all__ = ["INSTRUMENTS", "MOODS", "Note", "Score", "compose", "sources"]
