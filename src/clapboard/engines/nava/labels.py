"""What the clips of a film show, in the words that the model is trained on.

captions = captions_of(path, probe(path))        # NAME.txt beside the film, or the Timeline inside a film of ours
captions.sections(duration_s)                    # the parts without a cut
captions.of(start_s, length_s)                   # the caption of one clip
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from pydantic import ValidationError

from clapboard import clock
from clapboard.engines.nava.caption import NO_SPEECH, VOICE_MARK, shot_caption
from clapboard.engines.nava.footage import Facts
from clapboard.errors import MediaError
from clapboard.take import Slate
from clapboard.timeline import Timeline


def given_caption(text: str) -> str:
    """A caption that someone wrote, in the release's form: marked speech, or word that there is none."""
    text = " ".join(text.split())
    if "<S>" not in text:
        return text + NO_SPEECH
    return text.replace("<S>" + VOICE_MARK, "<S>").replace("<S>", "<S>" + VOICE_MARK)


def window(timeline: Timeline, index: int, start_s: Fraction, end_s: Fraction) -> Timeline:
    """One shot of a film, told from `start_s` to `end_s` of it: what happens then, at times from there (whole ms)."""
    shot = timeline.shots[index].model_dump(mode="json")
    for kind in ("actions", "lines"):
        inside = [doing for doing in shot[kind] if start_s <= clock.exact(doing["at_s"]) < end_s]
        shot[kind] = [
            doing | {"at_s": math.floor((clock.exact(doing["at_s"]) - start_s) * 1000) / 1000} for doing in inside
        ]  # rounded down: rounded up, it could be where the clip ends
    shot["duration_s"] = float(end_s - start_s)
    return timeline.change(shots=[shot])


@dataclass(frozen=True, kw_only=True, slots=True)
class Captions:
    """What a film's clips are told to show: a text for all of them, or its Timeline."""

    text: str | None = None
    timeline: Timeline | None = None

    def sections(self, duration_s: float) -> list[tuple[Fraction, Fraction]]:
        """Start and end in seconds of the parts without a cut, as far as that is known."""
        if self.timeline is None:
            return [(Fraction(0), clock.exact(duration_s))]
        fps = self.timeline.fps
        return [(frames.start / fps, frames.stop / fps) for frames in self.timeline.shot_frames()]

    def of(self, start_s: Fraction, length_s: Fraction) -> str:
        """The caption of the clip that starts here."""
        if self.timeline is None:
            return given_caption(self.text or "")
        parts = self.sections(0)
        index = max(i for i, (begin_s, _) in enumerate(parts) if begin_s <= start_s)
        begin_s, end_s = parts[index]
        shot = self.timeline.shots[index]
        is_part = len(parts) > 1 or length_s < end_s - begin_s
        is_listed = bool(shot.cast or shot.actions or shot.lines)
        part = window(self.timeline, index, start_s - begin_s, start_s - begin_s + length_s)
        return shot_caption(part, 0, opens=not (is_part and is_listed)).text


def captions_of(path: Path, facts: Facts) -> Captions:
    """The words beside the film, or the Timeline inside it; raises `MediaError` when there are neither."""
    beside = path.with_suffix(".txt")
    if beside.is_file():
        try:
            text = beside.read_text("utf-8-sig").strip()
        except UnicodeDecodeError:
            raise MediaError(f"{beside.name} is not UTF-8 text") from None
        except OSError as error:
            raise MediaError(f"{beside.name} cannot be read ({error.strerror})") from None
        if not text:
            raise MediaError(f"{beside.name} is empty")
        return Captions(text=text)
    if facts.slate is None:
        raise MediaError(f"it has no caption; write one into {beside.name}")
    try:
        return Captions(timeline=Slate.model_validate_json(facts.slate).timeline)
    except ValidationError:
        raise MediaError(f"its slate is of another version of Clapboard; write {beside.name}") from None
