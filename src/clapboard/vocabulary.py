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
    every_s: float | None = None
    """Seconds from one repeat to the next; none: its duration and a breath."""
    lasting: bool = False
    """It goes on from the shot's start to its end unless the prompt gives times (a fire burns, a boat sails)."""
    distances_m: Mapping[str, float | None] = field(default_factory=dict[str, float | None])
    """For doings heard from afar, "near", "middle" and "far" in metres; the word goes into `onto` and the sound comes
    late by distance / `clock.SPEED_OF_SOUND_M_S`. None: only heard, so never late (far thunder without a flash)."""
    sides: bool = False
    """For doings that cross the picture: the side that they come from, "left" or "right", goes into `onto`."""


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
    dresses: bool = True
    """False: naming it leaves the place's usual cast as it is (thunder, an owl that is only heard)."""


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
    spot_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Spot -> its other names ("sill": ("windowsill", "window ledge")); a spot's own name always counts."""
    weather_beds: Mapping[str, str] = field(default_factory=dict[str, str])
    """Kind of weather -> the bed that it makes here ("rain": "rain_on_glass", "wind": "wind")."""
    hour_beds: Mapping[Hour, tuple[str, ...]] = field(default_factory=dict[Hour, tuple[str, ...]])
    """Hour -> beds of that hour, left out in snow and heavy rain ("night": ("night_insects",))."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Vocabulary:
    """All of an engine's words; the first place is the one used when the prompt names none."""

    free: bool = False
    """The engine takes any words, because it reads the prompt itself: none of them is unstaged."""
    usual_s: float | None = None
    """Seconds of a shot when the prompt gives no length; none: what its events need."""
    is_still: bool = False
    """The camera cannot move: no move is planned that the prompt does not ask for."""
    places: tuple[PlaceWords, ...] = ()
    things: tuple[ThingWords, ...] = ()
    beds: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Bed name -> words that ask for it ("rain_on_glass": ("rain on the window", ...))."""
    moods: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    instruments: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Instrument name -> its other names ("strings": ("violins", "string section"))."""

    def place(self, name: str) -> PlaceWords | None:
        """The place of this name, if there is one."""
        return next((place for place in self.places if place.name == name), None)

    def thing(self, name: str) -> ThingWords | None:
        """The thing of this name, if there is one."""
        return next((thing for thing in self.things if thing.name == name), None)
