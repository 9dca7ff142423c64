"""How well what is seen and what is heard agree: matching of events, F1, offsets. Imports no torch.

    seen, heard = {"drum": [1.0, 2.0]}, {"drum": [1.02, 3.0]}
    score(tallies(heard, seen).values()).f1                # 0.5: one of two is within 80 ms, 20 ms late
    truth(timeline).seen                                   # what the stage engine's film of a Timeline shows

Times are seconds from the start of the film. Offsets are found minus wanted, in milliseconds: positive is late.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from clapboard import clock, engines
from clapboard.engines.nava.nano.domain import KINDS, rain_of
from clapboard.progress import silent
from clapboard.timeline import Timeline

Events = Mapping[str, Sequence[float]]
"""Times in rising order, by kind."""

REACH_S: Final = 0.080
"""An event is found within this of where it is wanted."""
WIDE_S: Final = 0.400
"""Reach of the offsets that show errors beyond `REACH_S` too."""
FAINT: Final = 0.2
"""The stage calls bounces of less force no impacts: to find one is no error, and neither is to miss it."""
LAG_S: Final = {"thunder": 0.3}
"""How much later a kind is heard than seen: the stage's near lightning strikes 100 m away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """What a film shows and sounds; `faint` events are also there, but hardly to be seen or heard."""

    seen: dict[str, list[float]]
    heard: dict[str, list[float]]
    faint: dict[str, list[float]]


def truth(timeline: Timeline) -> Truth:
    """The events of the stage engine's film of a Timeline of one shot, by its cues; paints nothing."""
    take = engines.load("stage").perform(timeline, seed=timeline.seed, progress=silent)
    found = Truth(seen={}, heard={}, faint={})
    for cue in take.cues:
        if cue.who not in KINDS or cue.seen_frame is None:
            continue
        seen_s = float(cue.seen_frame / timeline.fps)
        faint = cue.who == "rubber_ball" and cue.force < FAINT
        (found.faint if faint else found.seen).setdefault(cue.who, []).append(seen_s)
        if not faint and cue.heard_sample < timeline.num_samples:
            found.heard.setdefault(cue.who, []).append(cue.heard_sample / clock.SAMPLE_RATE)
    _, start = rain_of(timeline.shots[0])
    if start is not None:
        found.seen["rain"], found.heard["rain"] = [start.at_s], [start.at_s]
    return found


# ---------------------------------------------------------------------------------------------- two lists of times


def matched(found_s: Sequence[float], wanted_s: Sequence[float], reach_s: float = REACH_S) -> list[tuple[int, int]]:
    """Pairs of indices, one-to-one: as many as lie within reach of each other and, of those, the closest together.

    Both lists rise, so the best pairs never cross and a table of the best so far finds them.
    """
    rows, columns = len(found_s), len(wanted_s)
    best = np.zeros((rows + 1, columns + 1))  # a pair counts 1 less a share of its distance too small to lose a pair
    share = 0.5 / max(1, min(rows, columns)) / reach_s
    for i in range(rows):
        for j in range(columns):
            apart = abs(found_s[i] - wanted_s[j])
            paired = best[i, j] + 1 - share * apart if apart <= reach_s + 1e-9 else -1.0
            best[i + 1, j + 1] = max(best[i, j + 1], best[i + 1, j], paired)
    pairs: list[tuple[int, int]] = []
    i, j = rows, columns
    while i and j:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of one kind in one film, the offsets of the events that match and of those within the wide reach."""

    num_found: int
    num_wanted: int
    offsets_ms: tuple[float, ...]
    wide_ms: tuple[float, ...]


def tally(found_s: Sequence[float], wanted_s: Sequence[float], faint_s: Sequence[float] = ()) -> Tally:
    """Compare times; found ones that no wanted one needs and that lie on a faint one do not count."""
    pairs = matched(found_s, wanted_s)
    taken = {i for i, _ in pairs}
    others = [t_s for i, t_s in enumerate(found_s) if i not in taken]
    excused = len(matched(others, faint_s))
    offsets, wide = (
        tuple(1000 * (found_s[i] - wanted_s[j]) for i, j in some)
        for some in (pairs, matched(found_s, wanted_s, WIDE_S))
    )
    return Tally(len(found_s) - excused, len(wanted_s), offsets, wide)


_NONE: Final[Events] = {}


def tallies(found: Events, wanted: Events, faint: Events = _NONE) -> dict[str, Tally]:
    """Each kind of one film; kinds that neither side has are left out."""
    kinds = [kind for kind in KINDS if found.get(kind) or wanted.get(kind)]
    return {kind: tally(found.get(kind, ()), wanted.get(kind, ()), faint.get(kind, ())) for kind in kinds}


# ------------------------------------------------------------------------------------------------- many of them


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """Tallies together. Ratios are 0 where there is nothing to divide; medians are none without offsets."""

    num_found: int
    num_wanted: int
    num_matched: int
    precision: float
    recall: float
    f1: float
    median_abs_ms: float | None
    median_ms: float | None
    """With its sign: positive is late."""
    wide_abs_ms: float | None
    """Median |offset| within `WIDE_S`, which is not cut off at 80 ms."""


def score(parts: Iterable[Tally]) -> Score:
    """Counts added up, then the ratios; medians over all offsets."""
    tallied = list(parts)
    found, wanted = sum(part.num_found for part in tallied), sum(part.num_wanted for part in tallied)
    offsets = np.array([offset for part in tallied for offset in part.offsets_ms])
    wide = np.array([offset for part in tallied for offset in part.wide_ms])
    hits = len(offsets)
    return Score(
        num_found=found,
        num_wanted=wanted,
        num_matched=hits,
        precision=hits / found if found else 0.0,
        recall=hits / wanted if wanted else 0.0,
        f1=2 * hits / (found + wanted) if found + wanted else 0.0,
        median_abs_ms=float(np.median(np.abs(offsets))) if hits else None,
        median_ms=float(np.median(offsets)) if hits else None,
        wide_abs_ms=float(np.median(np.abs(wide))) if len(wide) else None,
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Many films: each film's tallies by kind."""

    films: list[dict[str, Tally]] = field(default_factory=list)

    def of(self, kind: str) -> Score:
        """One kind over all films."""
        return score(film[kind] for film in self.films if kind in film)

    @property
    def overall(self) -> Score:
        """All kinds together."""
        return score(part for film in self.films for part in film.values())

    def f1_interval(self, seed: int = 0, draws: int = 500) -> tuple[float, float]:
        """95 % interval of the overall F1 by drawing films with replacement."""
        counts = np.array([[_hits(film), _total(film)] for film in self.films], float).reshape(-1, 2)
        if not counts[:, 1].sum():
            return 0.0, 0.0
        picks = np.random.default_rng([seed, 95]).integers(len(counts), size=(draws, len(counts)))
        drawn = counts[picks].sum(1)
        low, high = np.quantile(2 * drawn[:, 0] / np.maximum(drawn[:, 1], 1), (0.025, 0.975))
        return float(low), float(high)


def _hits(film: Mapping[str, Tally]) -> int:
    return sum(len(part.offsets_ms) for part in film.values())


def _total(film: Mapping[str, Tally]) -> int:
    return sum(part.num_found + part.num_wanted for part in film.values())


# ------------------------------------------------------------------------------------------------------ chance


def delayed(events: Events, delays_s: Mapping[str, float], sign: int = 1) -> dict[str, list[float]]:
    """Events moved by their kind's delay: with `LAG_S`, from seen to heard, and back with the sign -1."""
    return {kind: [t_s + sign * delays_s.get(kind, 0.0) for t_s in times] for kind, times in events.items()}


def turned(events: Events, by_s: float, length_s: float) -> dict[str, list[float]]:
    """Events of a film whose sound is shifted, its end put before its start."""
    return {kind: sorted((t_s + by_s) % length_s for t_s in times) for kind, times in events.items()}


def swapped(films: Sequence[Events], kinds: Sequence[Iterable[str]], seed: int) -> list[dict[str, list[float]]]:
    """For each film and kind the events of another film which is meant to have that kind; `kinds` says which those
    are. A kind that only one film has is left out there."""
    rng = np.random.default_rng([seed, 21])
    found: list[dict[str, list[float]]] = [{} for _ in films]
    meant = [set(own) for own in kinds]
    for kind in KINDS:
        having = [i for i, own in enumerate(meant) if kind in own]
        if len(having) < 2:
            continue
        order = rng.permutation(having)
        for one, other in zip(order, np.roll(order, 1), strict=True):
            found[one][kind] = list(films[other].get(kind, ()))
    return found
