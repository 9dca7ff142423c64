"""Writes docs/timeline.md from the Timeline's schema: `python docs/make_timeline_reference.py`.

A test compares the file with `reference()`, so it cannot fall behind the code.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clapboard.director import Options, direct
from clapboard.timeline import Acoustics, Timeline
from clapboard.vocabulary import DoingWords, PlaceWords, ThingWords, Vocabulary

TARGET = Path(__file__).parent / "timeline.md"

# In the order in which one reads a Timeline.
ORDER = (
    "Timeline",
    "Shot",
    "Weather",
    "Camera",
    "Move",
    "Acoustics",
    "Member",
    "Action",
    "Line",
    "Bed",
    "Music",
    "Mix",
    "Retake",
    "Unstaged",
)

INTRODUCTION = """\
# The Timeline

<!-- Written by docs/make_timeline_reference.py from the schema; do not edit. -->

A Timeline is one film, planned: shots, cast, actions, sounds and music on one clock. `clapboard plan PROMPT` writes
one, `clapboard render plan.yaml` films it, `clapboard plan --json-schema` prints its JSON schema. It is read and
written as YAML or JSON without loss. Unknown fields are errors that name the nearest right one; fields that are left
out have the defaults below. Times are seconds from the start of their shot (of the film, for music and retakes),
levels are decibels, and intensities run from 0 to 1.
"""

PROMPT = (
    "A glass ball drops onto a wooden table at night while rain building to a downpour runs down the window; tense"
    " strings building to a crescendo. No dogs, one dragon."
)

# Just enough words for the example, so that it does not change when an engine learns more.
VOCABULARY = Vocabulary(
    places=(
        PlaceWords(
            name="window_room",
            words=("window", "room"),
            spots=("table",),
            acoustics=Acoustics(space="living room", distance_m=1.4),
            beds=("room_tone",),
            weather_beds={"rain": "rain_on_glass"},
        ),
    ),
    things=(
        ThingWords(
            name="glass_ball",
            words=("glass ball",),
            doings={"drop": DoingWords(words=("drop",), duration_s=3.0, needs_onto=True)},
            places={"window_room": ("table",)},
            material="glass",
        ),
    ),
    beds={"room_tone": (), "rain_on_glass": ()},
    moods={"tense": ()},
    instruments={"strings": ()},
)


def reference() -> str:
    """The text of docs/timeline.md."""
    schema = Timeline.model_json_schema()
    models: dict[str, Any] = {"Timeline": schema, **schema["$defs"]}
    missing = {name for name, model in models.items() if "properties" in model} - set(ORDER)
    assert not missing, f"name {sorted(missing)} in ORDER"
    example = direct(PROMPT, VOCABULARY, options=Options(seed=7)).to_yaml()
    parts = [INTRODUCTION, "## Example\n", f"```yaml\n{example}```\n"]
    for name in ORDER:
        parts += _section(name, models)
    return "\n".join(parts)


def _section(name: str, models: dict[str, Any]) -> Iterator[str]:
    model = models[name]
    yield f"## {name}\n"
    yield " ".join(model["description"].split()) + "\n"
    yield "| Field | Type | Default |\n| --- | --- | --- |"
    required = model.get("required", [])
    for field, spec in model["properties"].items():
        default = "required" if field in required else _default(spec.get("default"))
        yield f"| `{field}` | {_type(spec, models)} | {default} |"
    yield ""


def _default(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, dict) and value:
        return "its defaults"
    if value in ([], {}, ""):
        return "empty"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _type(spec: dict[str, Any], models: dict[str, Any]) -> str:
    """A type in words: "number from 0 to 1", "list of Move", "`dawn`, `day`, ... or none"."""
    if "$ref" in spec:
        name = spec["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})" if "properties" in models[name] else _type(models[name], models)
    if "anyOf" in spec:
        kinds = [_type(kind, models) for kind in spec["anyOf"] if kind.get("type") != "null"]
        return " or ".join([*kinds, *(["none"] if len(kinds) < len(spec["anyOf"]) else [])])
    if "enum" in spec:
        return ", ".join(f"`{value}`" for value in spec["enum"])
    if "const" in spec:
        return f"`{spec['const']}`"
    if "prefixItems" in spec:
        return "[" + ", ".join(_type(item, models) for item in spec["prefixItems"]) + "]"
    if spec.get("type") == "array":
        return f"list of {_type(spec['items'], models)}"
    if spec.get("type") == "object":
        return f"mapping from names to {_type(spec['additionalProperties'], models)}"
    kinds = [spec["type"]] if isinstance(spec["type"], str) else spec["type"]
    words = {"integer": "whole number", "string": "text"}
    return " or ".join(words.get(kind, kind) for kind in kinds) + _range(spec)


def _range(spec: dict[str, Any]) -> str:
    """Bounds in words; those that no one reaches (2**63) are left out."""
    low, high = spec.get("minimum"), spec.get("maximum")
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    if "exclusiveMinimum" in spec and high is not None:
        return f" over {spec['exclusiveMinimum']:g}, up to {high:g}"
    return f" of {low:g} or more" if low is not None else ""


if __name__ == "__main__":
    TARGET.write_text(reference())
