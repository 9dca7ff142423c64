"""Finds what the room sounds like, in a prompt or in a note about sound.

read_room("short reverb, furnished room")  ->  Acoustics(space="furnished room, short reverb")
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from clapboard.director.facts import RoomFact
from clapboard.director.lexicon import Hit, Lexicon, by_word
from clapboard.director.read import Text, read
from clapboard.director.tables.grammar import ARTICLES
from clapboard.director.tables.rooms import (
    DISTANCES_M,
    INSIDE,
    NOTE_SPACES,
    ONLY_IN_NOTES,
    QUALITIES,
    REVERBS,
    SOUND_NOUNS,
    SPACES,
    SURFACES,
    Reverb,
)
from clapboard.director.words import Spelling
from clapboard.timeline import Acoustics

_SPACES: Final = Lexicon[str]((space, space) for space in SPACES)
_NOTE_SPACES: Final = Lexicon[str]([*((space, space) for space in SPACES), *NOTE_SPACES.items()])
_REVERBS: Final = by_word(REVERBS)
_SURFACES: Final = by_word(SURFACES)
_DISTANCES: Final = by_word(DISTANCES_M)
WORDS: Final = _SPACES.words | _REVERBS.words | _SURFACES.words
_MAX_RT60_S: Final = 12.0


def read_room(note: str) -> Acoustics | None:
    """The acoustics that a note about sound asks for ("drier, a tiled hallway"), or none when it names no room."""
    text = read(note, Spelling(WORDS))
    fact = find_room(text, frozenset(), is_note=True)
    distances = _DISTANCES.find(text)
    if not distances:
        return fact.acoustics if fact else None
    heard = (fact.acoustics if fact else Acoustics()).model_dump() | {"distance_m": distances[0].meaning}
    return Acoustics.model_validate(heard)


def find_room(
    text: Text, taken: frozenset[int], *, shown: frozenset[int] = frozenset(), is_note: bool = False
) -> RoomFact | None:
    """The room that the text asks to hear, or none.

    In a prompt a space counts when something is in it ("in a tiled hallway") or its sound is named; `shown` tokens name
    places that have a sound of their own. A note is all about sound.
    """
    reverbs = [hit for hit in _REVERBS.find(text, taken) if is_note or not _is_plain(text, hit)]
    seconds, said = _seconds(text)
    names = _NOTE_SPACES if is_note else _SPACES
    spaces = [_Space.read(text, hit, reverbs) for hit in names.find(text, taken) if not hit.negated]
    heard = [space for space in spaces if space.described]
    inside = [space for space in spaces if space.inside and not shown & set(space.hit.words)]
    loose = spaces if is_note or reverbs or seconds is not None else []
    space = next(iter([*heard, *inside, *loose]), None)
    if space is None:
        return _spaceless(text, reverbs, seconds, said, is_note=is_note)
    fields = _fields(text, space, reverbs if seconds is None else ()) | {"rt60_s": seconds}
    if is_note:
        fields["surfaces"] = list(dict.fromkeys(hit.meaning for hit in _SURFACES.find(text)))
    words = space.words | {index for hit in reverbs for index in hit.words} | said
    only_heard = frozenset[int]() if space.sound else frozenset(space.hit.words)
    return RoomFact(words=words, acoustics=Acoustics.model_validate(fields), only_heard=only_heard)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Space:
    """A space named in the text, with what is said of it."""

    hit: Hit[str]
    words: frozenset[int]
    said: tuple[str, ...]
    """Adjectives that change its sound, in order."""
    sound: bool
    """Only its sound is meant: "church reverb"."""
    inside: bool

    @property
    def described(self) -> bool:
        """Whether the text says how it sounds."""
        return self.sound or bool(self.said)

    @classmethod
    def read(cls, text: Text, hit: Hit[str], reverbs: Sequence[Hit[Reverb]]) -> "_Space":
        """The space with the words around it."""
        describing = {index for other in reverbs for index in other.words}
        describing |= {index for other in _SURFACES.find(text) for index in other.words}
        used, said = set(hit.words), list[str]()
        for token in text.before(hit.start):
            if token.word not in QUALITIES and token.index not in describing:
                break
            used.add(token.index)
            said.insert(0, token.word)
        following = text.at(hit.last + 1)
        sound = following is not None and following.word in SOUND_NOUNS
        used |= {hit.last + 1} if sound else set()
        lead = next((token for token in text.before(min(used)) if token.word not in ARTICLES), None)
        inside = lead is not None and lead.word in INSIDE
        return cls(hit=hit, words=frozenset(used), said=tuple(said), sound=sound, inside=inside)


def _spaceless(
    text: Text, reverbs: Sequence[Hit[Reverb]], seconds: float | None, said: set[int], *, is_note: bool
) -> RoomFact | None:
    """A room of which only the reverberation, or in a note the surfaces, are given."""
    surfaces = _SURFACES.find(text) if is_note else []
    if seconds is None and reverbs:
        seconds = reverbs[0].meaning.rt60_s
    if seconds is None and not surfaces:
        return None
    words = said | {index for hit in (*reverbs, *surfaces) for index in hit.words}
    materials = list(dict.fromkeys(hit.meaning for hit in surfaces))
    return RoomFact(words=frozenset(words), acoustics=Acoustics(surfaces=materials, rt60_s=seconds))


def _is_plain(text: Text, hit: Hit[Reverb]) -> bool:
    """Whether a word such as "dry", or a verb such as "echoes", says nothing of the room here."""
    first = text.at(hit.start)
    return len(hit.words) == 1 and first is not None and first.word in ONLY_IN_NOTES | {"echoes", "echo", "echoed"}


def _fields(text: Text, space: _Space, reverbs: Sequence[Hit[Reverb]]) -> dict[str, Any]:
    """The fields of the Acoustics of a named space."""
    near = Text(tuple(token for token in text.tokens if token.index in space.words))
    materials = dict.fromkeys(hit.meaning for hit in _SURFACES.find(near))
    name = " ".join([*space.said, space.hit.meaning])
    elsewhere = [hit.meaning.words for hit in reverbs if hit.meaning.words and hit.meaning.words not in name]
    return {"space": ", ".join([name, *dict.fromkeys(elsewhere)]), "surfaces": list(materials)}


def _seconds(text: Text) -> tuple[float | None, set[int]]:
    """A reverberation time in seconds ("a reverb of 2 s", "1.5 s reverb"), with its tokens."""
    for hit in _REVERBS.find(text):
        for token in text.tokens:
            unit = text.at(token.index + 1)
            near = 0 < token.index - hit.last <= 2 or 0 < hit.start - token.index <= 2
            if (
                token.number is not None
                and near
                and unit is not None
                and unit.word in ("s", "second", "seconds", "sec")
            ):
                return min(_MAX_RT60_S, token.number), {token.index, unit.index}
    return None, set()
