"""The director's story: prompt -> text -> facts -> Timeline.

direct("rain on a night window, soft piano, far thunder", engine.vocabulary, options=Options())
"""

from dataclasses import dataclass
from fractions import Fraction

from clapboard.director import arrange
from clapboard.director.cuts import split
from clapboard.director.facts import SceneFacts
from clapboard.director.known import Known
from clapboard.director.read import read
from clapboard.director.scenes import find_scene
from clapboard.director.tables.english import ENGLISH
from clapboard.director.throughout import share_weather
from clapboard.director.unstaged import unstaged
from clapboard.director.words import Spelling
from clapboard.errors import InputError
from clapboard.timeline import (
    DEFAULT_FPS,
    DEFAULT_MASTER,
    DEFAULT_SIZE,
    MAX_PROMPT_CHARS,
    MasterName,
    Timeline,
    Unstaged,
)
from clapboard.vocabulary import Vocabulary


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """What the prompt does not decide. A duration of none leaves it to the prompt."""

    duration_s: float | None = None
    fps: Fraction = DEFAULT_FPS
    size: tuple[int, int] = DEFAULT_SIZE
    seed: int = 0
    master: MasterName = DEFAULT_MASTER


def direct(prompt: str, vocabulary: Vocabulary, *, options: Options) -> Timeline:
    """The Timeline of a prompt, in the words that an engine knows; the rest of its words are listed as unstaged."""
    if not prompt.strip():
        raise InputError("the prompt is empty; describe a place, what happens there and how it sounds")
    if len(prompt) > MAX_PROMPT_CHARS:
        raise InputError(f"the prompt has {len(prompt)} characters; at most {MAX_PROMPT_CHARS} are read")
    known = Known(vocabulary)
    text = read(prompt, Spelling(known.words() | ENGLISH))
    if all(token.kind == "mark" for token in text.tokens):
        raise InputError("the prompt has no words; describe a place, what happens there and how it sounds")
    parts = split(text, known)
    scenes: list[SceneFacts] = []
    for part in parts:
        scenes.append(find_scene(part, known, scenes[-1].place if scenes else None))
    scenes = share_weather(parts, scenes)
    lengths_s = arrange.durations(scenes, options.duration_s, vocabulary.usual_s)
    film = arrange.shots(scenes, known, lengths_s)
    left: list[Unstaged] = []
    for part, facts, missed in zip(parts, scenes, film.missed, strict=True):
        left += unstaged(prompt, part.text, facts, known, missed)
    return Timeline.parse(
        {
            "prompt": prompt,
            "seed": options.seed,
            "fps": options.fps,
            "size": options.size,
            "shots": film.shots,
            "music": arrange.music(scenes, known, sum(lengths_s)),
            "mix": arrange.mix(scenes, options.master),
            "unstaged": [] if vocabulary.free else list(dict.fromkeys(left)),
        }
    )
