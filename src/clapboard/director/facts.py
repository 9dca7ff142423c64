"""What a prompt says, as typed facts. Each knows the tokens that it was read from (`words`, token indices)."""

from dataclasses import dataclass, field, fields, replace
from typing import Literal

from clapboard.timeline import Acoustics, Framing, Hour, MoveKind, Season

Position = Literal["start", "middle", "end"]
Distance = Literal["near", "middle", "far"]
Change = Literal["grow", "fade", "start", "stop"]
Link = Literal["free", "then", "with", "before"]
"""How a doing stands in time to another: anyhow, after it, together with it, in front of it."""
WeatherKind = Literal["rain", "snow", "fog", "wind", "clouds", "aurora"]
Changing = WeatherKind | Literal["music"]


@dataclass(frozen=True, kw_only=True, slots=True)
class When:
    """Times given for a doing or a change, in seconds; positions are of the film or of its parts."""

    at_s: float | None = None
    position: Position | None = None
    later_s: float | None = None
    """After the doing before it."""
    length_s: float | None = None
    until_s: float | None = None
    every_s: float | None = None

    def joined(self, other: "When | None") -> "When":
        """Both together; where both say something, this one counts."""
        if other is None:
            return self
        own = {part.name: getattr(self, part.name) for part in fields(self)}
        return replace(other, **{name: value for name, value in own.items() if value is not None})


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """Base of all facts."""

    words: frozenset[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeFact(Fact):
    """A time expression, not yet tied to what happens then."""

    when: When


@dataclass(frozen=True, kw_only=True, slots=True)
class LengthFact(Fact):
    """How long the film lasts, or with `whole` false the shot that says so."""

    duration_s: float
    whole: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class CutFact(Fact):
    """When a shot begins: in seconds of the film, or with `relative` after the shot before it began."""

    at_s: float
    relative: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class HourFact(Fact):
    """A time of day; `sure` is false for words that only suggest it (stars, sunny)."""

    hour: Hour
    sure: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class SeasonFact(Fact):
    """A season."""

    season: Season


@dataclass(frozen=True, kw_only=True, slots=True)
class WeatherFact(Fact):
    """A kind of weather with its strength 0..1; 0 when it is denied."""

    kind: WeatherKind
    strength: float
    when: When | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeFact(Fact):
    """Something that grows, fades, starts or stops: a kind of weather, or the music."""

    of: Changing
    change: Change
    at: int
    when: When | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ThingFact(Fact):
    """A thing of the vocabulary, named in the prompt."""

    thing: str
    count: int = 1
    said: int = 1
    """The number in front of it, also where it counts something else: "three" in "three drum beats"."""
    another: bool = False
    """It is not the one named before."""
    denied: bool = False
    vague: bool = False
    """Named by a pronoun ("someone"), which means this thing only if it does something of its own."""
    spot: str | None = None

    @property
    def head(self) -> int:
        """Its last token: the noun."""
        return max(self.words)


@dataclass(frozen=True, kw_only=True, slots=True)
class DoingFact(Fact):
    """A doing of a thing; `at` is the token where it stands in the text."""

    thing: str
    does: str
    member: int
    """Which thing fact does it: an index into the scene's things; -1 for a denied doing of nothing named."""
    at: int
    word: str
    """The verb as a stem."""
    repeats: int | None = None
    force: float | None = None
    far: Distance | None = None
    side: str | None = None
    """Where it comes from, "left" or "right", for a doing that crosses the picture."""
    onto: str | None = None
    material: str | None = None
    """Of the surface."""
    link: Link = "free"
    to: int | None = None
    """The doing that the link is to: an index into the scene's doings."""
    when: When | None = None
    denied: bool = False
    again: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class BedFact(Fact):
    """A background sound asked for by name."""

    bed: str
    level_db: float = 0.0
    denied: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class MusicFact(Fact):
    """Something said of the music; unset fields say nothing."""

    asked: bool = True
    denied: bool = False
    mood: str | None = None
    instrument: str | None = None
    tempo_bpm: float | None = None
    key: str | None = None
    level_db: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraFact(Fact):
    """One camera word: a framing, a move, what to look at, or that it stands still."""

    framing: Framing | None = None
    move: MoveKind | None = None
    amount: float = 0.5
    focus: str | None = None
    still: bool = False
    when: When | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RoomFact(Fact):
    """What the room sounds like; `only_heard` tokens name a place that is not shown."""

    acoustics: Acoustics
    only_heard: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class LineFact(Fact):
    """Spoken words; `at` is the token of the quotation."""

    text: str
    at: int
    who: str
    lang: str
    delivery: str | None
    when: When | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Missed(Fact):
    """Words that were understood and cannot be staged, with the reason."""

    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SceneFacts:
    """All facts of one shot."""

    place: str = ""
    hours: tuple[HourFact, ...] = ()
    seasons: tuple[SeasonFact, ...] = ()
    weather: tuple[WeatherFact, ...] = ()
    changes: tuple[ChangeFact, ...] = ()
    things: tuple[ThingFact, ...] = ()
    doings: tuple[DoingFact, ...] = ()
    beds: tuple[BedFact, ...] = ()
    music: tuple[MusicFact, ...] = ()
    camera: tuple[CameraFact, ...] = ()
    room: RoomFact | None = None
    lines: tuple[LineFact, ...] = ()
    lengths: tuple[LengthFact, ...] = ()
    cut: CutFact | None = None
    """Of the cut that begins this shot, where it is given a time."""
    all_sound_off: bool = False
    missed: tuple[Missed, ...] = ()
    understood: frozenset[int] = field(default=frozenset())
    """Tokens that some fact, or a word of it, was read from."""
