"""The words of camera work."""

from typing import Final

from clapboard.director.tables import word_set
from clapboard.timeline import Framing, MoveKind

FRAMINGS: Final[dict[str, Framing]] = {
    "close up": "close",
    "closeup": "close",
    "close shot": "close",
    "close on": "close",
    "tight shot": "close",
    "tight on": "close",
    "extreme close up": "close",
    "macro": "close",
    "macro shot": "close",
    "detail shot": "close",
    "medium shot": "medium",
    "medium close up": "medium",
    "mid shot": "medium",
    "medium framing": "medium",
    "wide shot": "wide",
    "wide angle": "wide",
    "wide angle shot": "wide",
    "wide view": "wide",
    "wide framing": "wide",
    "extreme wide shot": "wide",
    "establishing shot": "wide",
    "wide establishing shot": "wide",
    "long shot": "wide",
    "panorama": "wide",
    "panoramic": "wide",
    "panoramic shot": "wide",
}

_CAMERA_VERBS: Final = ("camera move", "camera drift", "camera glide", "camera slide", "camera creep")
_SIDEWAYS: Final = ("pan", "truck", "track", "dolly", *_CAMERA_VERBS)
_UPWARD: Final = ("tilt", "crane", "pedestal", *_CAMERA_VERBS)
_FORWARD: Final = ("push", "dolly", "zoom", "camera track", "camera pull", *_CAMERA_VERBS)

# Move -> verbs, and the ways that make them this move.
_GRAMMAR: Final[tuple[tuple[MoveKind, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("push_in", _FORWARD, ("in", "in on", "closer", "closer to", "forward", "into", "toward", "towards", "in towards")),
    ("pull_out", _FORWARD, ("out", "back", "away", "out from", "away from", "backward")),
    ("pull_out", ("pull",), ("out", "back")),
    ("pan_left", _SIDEWAYS, ("left", "to left", "slowly left", "slowly to left", "gently left", "across to left")),
    (
        "pan_right",
        _SIDEWAYS,
        ("right", "to right", "slowly right", "slowly to right", "gently right", "across to right"),
    ),
    ("tilt_up", _UPWARD, ("up", "slowly up", "gently up")),
    ("tilt_down", _UPWARD, ("down", "slowly down", "gently down")),
)

_WHOLE: Final[dict[str, MoveKind]] = {
    "zoom": "push_in",
    "zoom shot": "push_in",
    "dolly": "push_in",
    "dolly shot": "push_in",
    "pullback": "pull_out",
    "pan": "pan_right",
    "pan across": "pan_right",
    "pan over": "pan_right",
    "panning shot": "pan_right",
    "tracking shot": "pan_right",
    "left pan": "pan_left",
    "right pan": "pan_right",
    "handheld": "handheld",
    "hand held": "handheld",
    "handheld camera": "handheld",
    "shaky cam": "handheld",
    "shaky camera": "handheld",
}

_VERBAL: Final[dict[str, MoveKind]] = {
    f"{verb} {way}": move for move, verbs, ways in _GRAMMAR for verb in verbs for way in ways
}

MOVES: Final = _WHOLE | _VERBAL

DIRECTIONS: Final[dict[str, MoveKind]] = {
    "from left to right": "pan_right",
    "left to right": "pan_right",
    "to right": "pan_right",
    "rightward": "pan_right",
    "rightwards": "pan_right",
    "from right to left": "pan_left",
    "right to left": "pan_left",
    "to left": "pan_left",
    "leftward": "pan_left",
    "leftwards": "pan_left",
}
"""Later in the clause of a pan."""

STILL: Final = (
    "static shot",
    "static camera",
    "static frame",
    "static",
    "locked off",
    "locked camera",
    "lock off",
    "tripod",
    "tripod shot",
    "on a tripod",
    "still camera",
    "fixed camera",
    "fixed shot",
    "camera stays still",
    "camera is still",
    "camera is fixed",
    "camera does not move",
)
"""Ask for a camera that does not move."""

MOVEMENT: Final = ("camera movement", "camera move", "camera motion", "camera shake", "zoom", "pan")
"""Denied, these ask for a camera that does not move too ("no camera movement")."""

FOCUS: Final = (
    "focus on",
    "focused on",
    "camera follows",
    "camera following",
    "following",
    "framed on",
    "centered on",
    "centred on",
)
"""Before a thing: look at it. So do a framing and a move with "of", "on", "to" or "at"."""

AMOUNTS: Final[dict[str, float]] = {
    "slow": 0.25,
    "slowly": 0.25,
    "very slow": 0.15,
    "very slowly": 0.15,
    "gentle": 0.25,
    "gently": 0.25,
    "subtle": 0.15,
    "slight": 0.15,
    "slightly": 0.15,
    "smooth": 0.4,
    "smoothly": 0.4,
    "steady": 0.4,
    "steadily": 0.4,
    "slow and steady": 0.25,
    "quick": 0.8,
    "quickly": 0.8,
    "fast": 0.8,
    "rapid": 0.9,
    "rapidly": 0.9,
    "whip": 1.0,
    "sudden": 0.9,
    "dramatic": 0.7,
}
"""How far a move goes within its time; 0.5 is a normal one."""

NORMAL_AMOUNT: Final = 0.5

CUTS: Final = ("cut to", "hard cut to", "smash cut to", "next shot", "next scene", "match cut to", "jump cut to")
"""Begin a new shot."""

BLENDS: Final = ("dissolve to", "crossfade to", "cross fade to", "fade to", "wipe to", "dissolves into")
"""Begin a new shot too; the blend itself is not made."""

NO_SHOT: Final = ("black", "white", "silence")
"""After "fade to": not a new shot."""

UNSUPPORTED: Final = (
    "slow motion",
    "slow mo",
    "time lapse",
    "timelapse",
    "hyperlapse",
    "bird's eye",
    "birds eye view",
    "aerial",
    "drone",
    "drone shot",
    "aerial shot",
    "low angle",
    "high angle",
    "dutch angle",
    "point of view",
    "pov",
    "over the shoulder",
    "fisheye",
    "rack focus",
    "fade to black",
    "fade in from black",
    "split screen",
    "orbit",
    "bokeh",
    "lens flare",
    "anamorphic",
    "shallow depth of field",
    "depth of field",
    "black and white",
    "monochrome",
    "sepia",
    "reverse",
)
"""Camera and picture words that are known and cannot be done."""

AMBIGUOUS: Final = word_set("pan static dolly reverse orbit macro aerial drone tripod")
"""Alone, these are camera words only beside a camera noun or in a clause of hardly anything else."""

CAMERA_NOUNS: Final = word_set("camera shot lens angle tripod")
