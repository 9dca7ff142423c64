"""The Timeline: the contract between the director, the engines, the mixing desk and the report.

It is the only value that crosses a file, HTTP or a language model, so it is strict: unknown fields are errors that name
the nearest right one. It reads and writes YAML and JSON without loss.

    timeline = Timeline.from_text(Path("plan.yaml").read_text())
    timeline.to_yaml()

Times are seconds within their shot; `fps` is exact. Levels are decibels; intensities run from 0 to 1.
"""

import json
import re
from enum import StrEnum
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, Literal, Self, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from clapboard import clock
from clapboard.errors import InputError, TimelineError
from clapboard.schema_errors import explain

SCHEMA_VERSION = 1
MAX_PROMPT_CHARS = 20_000
DEFAULT_FPS = Fraction(24)
DEFAULT_SIZE = (1280, 720)
"""Width and height in pixels."""


class Stem(StrEnum):
    """The four stems of every film; their sum is the mix."""

    DIALOGUE = "dialogue"
    EFFECTS = "effects"
    AMBIENCE = "ambience"
    MUSIC = "music"


Hour = Literal["dawn", "day", "dusk", "night"]
Season = Literal["spring", "summer", "autumn", "winter"]
Framing = Literal["wide", "medium", "close"]
MoveKind = Literal["push_in", "pull_out", "pan_left", "pan_right", "tilt_up", "tilt_down", "handheld"]
MasterName = Literal["web", "apple", "broadcast-eu", "broadcast-us", "off"]
DEFAULT_MASTER: MasterName = "web"


def _rate(value: object) -> Fraction:
    try:
        return clock.parse_rate(value)
    except InputError as error:
        raise ValueError(str(error)) from None


Rate = Annotated[
    Fraction,
    BeforeValidator(_rate),
    PlainSerializer(clock.rate_text, return_type=str),
    WithJsonSchema({"type": ["string", "number"], "examples": ["24", "24000/1001", 30]}),
]
Unit = Annotated[float, Field(ge=0, le=1)]
TimeS = Annotated[float, Field(ge=0, le=clock.MAX_DURATION_S)]
LevelDb = Annotated[float, Field(ge=-60, le=24)]
CurvePoints = list[tuple[TimeS, Unit]]
"""Breakpoints [[seconds, value], ...] in rising time, linear between them, constant outside."""


class Strict(BaseModel):
    """Base of all parts: no unknown fields, no NaN, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, validate_default=True)

    @classmethod
    def parse(cls, data: object) -> Self:
        """A value from plain data; raises `TimelineError` with one line that says what to change."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise TimelineError(explain(error, cls)) from None


class Weather(Strict):
    """Intensities; clouds 0 is a clear sky."""

    rain: Unit = 0.0
    snow: Unit = 0.0
    fog: Unit = 0.0
    wind: Unit = 0.2
    clouds: Unit = 0.3
    aurora: Unit = 0.0


class Acoustics(Strict):
    """The room that the shot's sounds are heard in; unset fields follow from `space` or the place."""

    space: str | None = None
    size_m: tuple[float, float, float] | None = None
    surfaces: list[str] = []
    distance_m: Annotated[float, Field(gt=0, le=1000)] | None = None
    rt60_s: Annotated[float, Field(ge=0, le=12)] | None = None


class Move(Strict):
    """One camera move; `amount` 0.5 is a normal one."""

    kind: MoveKind
    from_s: TimeS = 0.0
    to_s: TimeS | None = None
    amount: Unit = 0.5


class Camera(Strict):
    """Framing and moves; `focus` names a cast member to frame and keep sharp."""

    framing: Framing = "wide"
    focus: str | None = None
    moves: list[Move] = []


class Member(Strict):
    """Someone or something in the shot. `at` is a spot of the place ("sill"), or none for the thing's usual one."""

    id: Annotated[str, Field(min_length=1)]
    thing: Annotated[str, Field(min_length=1)]
    at: str | None = None
    count: Annotated[int, Field(ge=1, le=50)] = 1


class Action(Strict):
    """A doing that starts on the frame nearest to `at_s`; `heard_at_s` is set when its sound comes late on purpose."""

    at_s: TimeS
    who: str
    does: str
    onto: str | None = None
    material: str | None = None
    force: Unit = 0.6
    until_s: TimeS | None = None
    heard_at_s: TimeS | None = None


class Line(Strict):
    """Spoken words."""

    at_s: TimeS
    who: str
    text: Annotated[str, Field(min_length=1)]
    lang: str = "en"
    delivery: str | None = None
    voice: str | None = None


class Bed(Strict):
    """A continuous background sound."""

    bed: str
    level_db: LevelDb = 0.0


class Music(Strict):
    """Music composed for the whole film; unset fields are chosen from the mood and the seed."""

    mood: str = "calm"
    instruments: list[str] = []
    tempo_bpm: Annotated[float, Field(ge=30, le=240)] | None = None
    key: str | None = None
    arc: CurvePoints = []
    level_db: LevelDb = 0.0


class Mix(Strict):
    """The desk: loudness target, how far music ducks under dialogue, gain of each stem, stems switched off."""

    master: MasterName = DEFAULT_MASTER
    duck_db: Annotated[float, Field(ge=0, le=40)] = 9.0
    gains_db: dict[Stem, LevelDb] = {}
    off: list[Stem] = []


class Unstaged(Strict):
    """Words of the prompt that are not shown or sounded, and why."""

    text: str
    reason: str


class Retake(Strict):
    """Sound made again after the picture: the whole, one stem, or one window of the film."""

    stem: Stem | None = None
    from_s: TimeS | None = None
    to_s: TimeS | None = None
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    note: str | None = None
    acoustics: Acoustics | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        start_s = self.from_s or 0.0
        if self.to_s is not None and self.to_s <= start_s:
            raise ValueError(f"retake ends at {self.to_s:g} s but starts at {start_s:g} s; give from_s < to_s")
        return self


class Shot(Strict):
    """One uncut piece of film."""

    id: Annotated[str, Field(min_length=1)]
    duration_s: Annotated[float, Field(gt=0, le=clock.MAX_DURATION_S)]
    place: Annotated[str, Field(min_length=1)]
    hour: Hour = "day"
    weather: Weather = Weather()
    season: Season | None = None
    camera: Camera = Camera()
    acoustics: Acoustics = Acoustics()
    cast: list[Member] = []
    actions: list[Action] = []
    lines: list[Line] = []
    ambience: list[Bed] = []
    curves: dict[str, CurvePoints] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        members = [member.id for member in self.cast]
        if len(set(members)) < len(members):
            raise ValueError(f"shot {self.id}: two cast members share an id; every id is used once")
        for action in self.actions:
            if action.who not in members:
                raise ValueError(f"shot {self.id}: action by {action.who!r}, who is not in its cast {members}")
        for action in (*self.actions, *self.lines):
            if action.at_s >= self.duration_s:
                raise ValueError(
                    f"shot {self.id}: {action.who!r} acts at {action.at_s} s but the shot lasts {self.duration_s} s;"
                    " move the action or raise duration_s"
                )
        for name, points in self.curves.items():
            if not points or any(b[0] <= a[0] for a, b in pairwise(points)):
                raise ValueError(f"shot {self.id}: curve {name!r} needs one point or more, in rising time")
        return self


class Timeline(Strict):
    """One film, planned."""

    clapboard: Literal[1] = SCHEMA_VERSION
    prompt: Annotated[str, Field(max_length=MAX_PROMPT_CHARS)] = ""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    fps: Rate = DEFAULT_FPS
    size: tuple[Annotated[int, Field(ge=64, le=7680)], Annotated[int, Field(ge=64, le=7680)]] = DEFAULT_SIZE
    shots: Annotated[list[Shot], Field(min_length=1)]
    music: Music | None = None
    mix: Mix = Mix()
    retakes: list[Retake] = []
    unstaged: list[Unstaged] = []

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if any(side % 2 for side in self.size):
            raise ValueError(f"size {self.size[0]}x{self.size[1]} is odd; 4:2:0 video needs even width and height")
        ids = [shot.id for shot in self.shots]
        if len(set(ids)) < len(ids):
            raise ValueError("two shots share an id; every id is used once")
        if self.duration_s > clock.MAX_DURATION_S:
            raise ValueError(f"the film lasts {float(self.duration_s):g} s; at most {clock.MAX_DURATION_S} s")
        return self

    @property
    def duration_s(self) -> Fraction:
        """Exact sum of the shots' durations."""
        return sum((clock.exact(shot.duration_s) for shot in self.shots), Fraction(0))

    @property
    def num_frames(self) -> int:
        """Frames of the film."""
        return clock.num_frames(self.duration_s, self.fps)

    @property
    def num_samples(self) -> int:
        """Samples of the film's sound."""
        return clock.num_samples(self.num_frames, self.fps)

    def shot_frames(self) -> list[range]:
        """The film's frames that each shot owns; cuts fall on frame boundaries, the last shot ends with the film."""
        cuts, end_s = [0], Fraction(0)
        for shot in self.shots:
            end_s += clock.exact(shot.duration_s)
            cuts.append(clock.frame_at(end_s, self.fps))
        cuts[-1] = self.num_frames
        return [range(a, b) for a, b in pairwise(cuts)]

    def change(self, **fields: Any) -> "Timeline":  # noqa: ANN401 - any field of the schema
        """A copy with these fields, validated again."""
        return Timeline.parse(self.model_dump(mode="json") | fields)

    def to_json(self) -> str:
        """Compact JSON; fields that keep their default are written too, so a later default changes no old film."""
        return self.model_dump_json()

    def to_yaml(self) -> str:
        """YAML for people: fields left at their default are not written, short values stay on one line."""
        import yaml

        body = {"clapboard": SCHEMA_VERSION} | self.model_dump(mode="json", exclude_defaults=True)
        return yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)

    @classmethod
    def from_text(cls, text: str) -> "Timeline":
        """A Timeline from YAML or JSON text."""
        import yaml

        try:
            data = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, _yaml_loader())
        except (json.JSONDecodeError, yaml.YAMLError) as error:
            place = getattr(error, "problem_mark", None)
            line = place.line + 1 if place else getattr(error, "lineno", "?")
            problem = getattr(error, "problem", None) or getattr(error, "msg", "syntax error")
            raise TimelineError(
                f"not YAML or JSON: {problem} at line {line}; see `clapboard plan` for the form"
            ) from None
        if not isinstance(data, dict):
            raise TimelineError(f"a Timeline is a mapping of fields, found {type(data).__name__}; see `clapboard plan`")
        return cls.parse(cast(object, data))


@cache
def _yaml_loader() -> Any:  # noqa: ANN401 - PyYAML's loader class
    """A safe loader for which only true and false are booleans (YAML 1.2): `off` is a preset's name here."""
    import yaml

    boolean = "tag:yaml.org,2002:bool"

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own class attribute
            first: [(tag, pattern) for tag, pattern in resolvers if tag != boolean]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    resolve = cast(Any, Loader).add_implicit_resolver
    resolve(boolean, re.compile("^(?:true|false)$", re.IGNORECASE), list("tTfF"))
    return Loader
