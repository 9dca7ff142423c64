"""A vocabulary made ready for finding: one lexicon for each kind of word that the engine knows."""

from typing import NamedTuple

from clapboard.director.lexicon import Lexicon, by_name
from clapboard.vocabulary import PlaceWords, Vocabulary


class Doing(NamedTuple):
    """A doing of a thing, by name."""

    thing: str
    does: str


_NO_SPOTS = Lexicon[str](())


class Known:
    """The engine's words."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.places = by_name({place.name: place.words for place in vocabulary.places})
        self.things = by_name({thing.name: thing.words for thing in vocabulary.things})
        self.doings = Lexicon(
            (phrase, Doing(thing.name, does))
            for thing in vocabulary.things
            for does, doing in thing.doings.items()
            for phrase in dict.fromkeys((does, *doing.words))
        )
        self.beds = by_name(vocabulary.beds)
        self.moods = by_name(vocabulary.moods)
        self.instruments = by_name(vocabulary.instruments)
        self._spots = {place.name: _spots(place) for place in vocabulary.places}

    def generic_bed(self, word: str) -> str | None:
        """The bed that a single word asks for."""
        return next((name for name, phrases in self.vocabulary.beds.items() if word in (name, *phrases)), None)

    def words(self) -> set[str]:
        """All single words of the vocabulary."""
        lexicons = [self.places, self.things, self.doings, self.beds, self.moods, self.instruments]
        return {word for lexicon in [*lexicons, *self._spots.values()] for word in lexicon.words}

    def spots(self, place: str) -> Lexicon[str]:
        """The spots of a place."""
        return self._spots.get(place, _NO_SPOTS)

    def homes(self, thing: str) -> tuple[str, ...]:
        """The places where the thing may be."""
        words = self.vocabulary.thing(thing)
        return tuple(name for name in words.places if self.vocabulary.place(name)) if words else ()

    def can(self, thing: str, place: str) -> bool:
        """Whether the thing may be at the place."""
        return place in self.homes(thing)


def _spots(place: PlaceWords) -> Lexicon[str]:
    return by_name({spot: place.spot_words.get(spot, ()) for spot in place.spots})
