"""What an engine can show and sound, in the words that prompts use. The director learns its words from here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from clapboard.timeline import Acoustics, Hour


@dataclass(frozen=True, kw_only=True, slots=True)
class DoingWords:
    """One doing of a thing. `words` are verb stems and phrases ("meow", "mewing"); `every_s` spaces repeats."""

    words: tuple[str, ...]
    duration_s: float = 1.0
    needs_onto: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ThingWords:
    """A thing: its names in prompts (singular; plurals are formed), where it may stand and what it can do."""

    name: str
    words: tuple[str, ...]
    doings: Mapping[str, DoingWords]
    places: Mapping[str, tuple[str, ...]]
    """Place name -> spots of it where the thing may be; the first is the usual one."""
    usual: str | None = None
    """The doing that happens when the prompt names the thing without a verb (thunder rolls); none: it is just there."""
    material: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceWords:
    """A place: its names in prompts, its spots, and what it sounds like when nothing is said."""

    name: str
    words: tuple[str, ...]
    spots: tuple[str, ...]
    acoustics: Acoustics
    beds: tuple[str, ...]
    hour: Hour = "day"
    """Hour when the prompt names none."""
    usual_cast: tuple[str, ...] = ()
    """Things that dress the place when the prompt names none."""
    indoors: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Vocabulary:
    """All of an engine's words; the first place is the one used when the prompt names none."""

    places: tuple[PlaceWords, ...] = ()
    things: tuple[ThingWords, ...] = ()
    beds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Bed name -> words that ask for it ("rain_on_glass": ("rain on the window", ...))."""
    moods: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    instruments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Instrument name -> its other names ("strings": ("violins", "string section"))."""

    def place(self, name: str) -> PlaceWords | None:
        """The place of this name, if there is one."""
        return next((place for place in self.places if place.name == name), None)

    def thing(self, name: str) -> ThingWords | None:
        """The thing of this name, if there is one."""
        return next((thing for thing in self.things if thing.name == name), None)
