"""Do nano's picture and sound agree? Events seen and heard in films of held-out Timelines, against shuffled sound.

    python benchmarks/nano_sync.py                                   # 48 films, the weights that ship
    python benchmarks/nano_sync.py --net run/nano.safetensors --num-films 16 --json result.json

Two classifiers (nano/critic.py), one of pictures and one of sounds, say when each kind of event is seen and heard.
They see the finished film alone. Found and wanted times of a kind are matched one-to-one within 80 ms. "Another's
sound" takes each kind's times from another film that has the kind; "turned" shifts the sound round by a random time.
The true films' rows come first: no figure further down can be expected to be better than those.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from clapboard.engines.nava.model import Latents
from clapboard.engines.nava.nano import critic as critics
from clapboard.engines.nava.nano import films, net, scoring
from clapboard.engines.nava.nano.domain import KINDS, STEMS
from clapboard.engines.nava.nano.films import Clip
from clapboard.engines.nava.nano.performance import OPTIONS, WEIGHTS, Performer, Scenario, scenarios
from clapboard.engines.nava.nano.scoring import (
    LAG_S,
    Comparison,
    Events,
    Score,
    Truth,
    delayed,
    swapped,
    tallies,
    turned,
)
from clapboard.engines.nava.sampler import Options, Prompt, Start, noise, sample

FIRST_SEED = 100_000
"""Training took seeds below this."""
AGAIN = 1_000_000
"""Added to a film's seed when a stem is made again."""
SEEN_WELL = tuple(kind for kind in KINDS if kind != "rain")
"""Kinds that count. The rain's start is too gradual for the critic to see (docs/nano.md), and is not in the effects."""


@dataclass(frozen=True, slots=True)
class Held:
    """One held-out film: the stage's, its truth, what nano is told, and its latents as the network sees them."""

    clip: Clip
    truth: Truth
    scenario: Scenario
    latents: Latents

    @property
    def seconds(self) -> float:
        return float(self.clip.timeline.duration_s)


@dataclass(frozen=True, slots=True)
class Found:
    """What the critic sees and hears in a film."""

    seen: Events
    heard: Events


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    part: str
    what: str
    overall: Score
    interval: tuple[float, float] | None
    kinds: Mapping[str, Score] = field(default_factory=dict)


def held_out(performer: Performer, folder: Path, seeds: Sequence[int]) -> list[Held]:
    """The films of these seeds, filmed where the folder has them not yet."""
    films.make(folder, seeds)
    found: list[Held] = []
    for seed in seeds:
        clip = films.read(folder / f"{seed:06d}.npz")
        (scenario,), _ = scenarios(clip.timeline)
        found.append(Held(clip, scoring.truth(clip.timeline), scenario, encoded(performer, clip, scenario)))
    return found


@torch.inference_mode()
def encoded(performer: Performer, clip: Clip, scenario: Scenario) -> Latents:
    """A film's latents [1, ...]."""
    shown = torch.from_numpy(clip.pictures).permute(3, 0, 1, 2)[None].float() / 127.5 - 1
    video = performer.net.inward(performer.pictures.encode(shown), scenario.plan.hour)
    sounds = {stem: performer.sounds.encode(torch.from_numpy(clip.sounds[stem])[None]) for stem in STEMS}
    return {"video": video, **sounds}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """The networks, the critic and the held-out films."""

    performer: Performer
    critic: critics.Critic
    held: Sequence[Held]
    batch_size: int
    autocast: bool
    """The network's matrix products in bfloat16."""

    def make(self, given: Sequence[Latents], *, timed: bool, seed: int = 0) -> list[Latents]:
        """Latents of every film; what is given stays. The noise is the same that `Performer.sample` draws."""
        made: list[Latents] = []
        for first in range(0, len(self.held), self.batch_size):
            part = range(first, min(first + self.batch_size, len(self.held)))
            made += self.batch([self.held[i] for i in part], [given[i] for i in part], timed=timed, seed=seed)
        return made

    def batch(self, held: Sequence[Held], given: Sequence[Latents], *, timed: bool, seed: int) -> list[Latents]:
        """Films of one length at once."""
        rows = [torch.from_numpy(one.scenario.plan.rows(timed=timed)) for one in held]
        prompts = [Prompt(text_NE=row, negative_NE=row[:1] * 0) for row in rows]
        start = {
            name: torch.stack([noise(one.clip.timeline.seed + seed, name, shape) for one in held])
            for name, shape in held[0].scenario.shapes.items()
        }
        fixed = {name: torch.cat([one[name] for one in given]) for name in given[0]}
        with torch.autocast("cpu", torch.bfloat16) if self.autocast else nullcontext():
            latents = sample(self.performer.net, prompts, Start(start, fixed), self.performer.options)
        return [{name: x[i : i + 1].float() for name, x in latents.items()} for i in range(len(held))]

    @torch.inference_mode()
    def shown(self, one: Held, video: Tensor) -> np.ndarray:
        """A picture latent as pictures, uint8 [N, H, W, 3]."""
        decoded = self.performer.pictures.decode(self.performer.net.outward(video, one.scenario.plan.hour))[0]
        return ((decoded.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 3, 0).contiguous().numpy()

    @torch.inference_mode()
    def sounded(self, latents: Latents) -> dict[str, np.ndarray]:
        """The stems as sounds [T]."""
        return {stem: self.performer.sounds.decode(latents[stem], seed=0)[0].numpy() for stem in STEMS}

    def watched(self, made: Sequence[Latents]) -> list[Found]:
        """What is seen and heard in films made of these latents."""
        return [
            Found(
                self.critic.seen_events(self.shown(one, latents["video"])),
                self.critic.heard_events(self.sounded(latents)),
            )
            for one, latents in zip(self.held, made, strict=True)
        ]


class Table:
    """The lines so far, and how each comparison becomes some."""

    def __init__(self, held: Sequence[Held], num_shuffles: int, kinds: Sequence[str]) -> None:
        self.held, self.num_shuffles, self.kinds = held, num_shuffles, kinds
        self.rows: list[Row] = []

    def add(
        self, part: str, what: str, pairs: Sequence[tuple[Events, Events, Events]], *, chance: bool = False
    ) -> None:
        """A line of found, wanted and faint times per film."""
        counted = [tallies(*pair) for pair in pairs]
        compared = Comparison([{kind: own for kind, own in film.items() if kind in self.kinds} for film in counted])
        kinds = {kind: compared.of(kind) for kind in self.kinds if any(kind in film for film in compared.films)}
        self.rows.append(Row(part, what, compared.overall, None if chance else compared.f1_interval(), kinds))

    def against_truth(self, part: str, sense: str, found: Sequence[Events]) -> None:
        """What is seen or heard against the film's cues, and against those when shuffled."""
        wanted = [one.truth.seen if sense == "seen" else one.truth.heard for one in self.held]
        faint = [one.truth.faint for one in self.held]
        self.add(part, f"{sense} against cues", list(zip(found, wanted, faint, strict=True)))
        self.by_chance(part, found, wanted, faint)

    def together(self, part: str, found: Sequence[Found]) -> None:
        """What is heard against what is seen in the same film, and in shuffled ones."""
        heard = [delayed(one.heard, LAG_S, -1) for one in found]
        seen = [one.seen for one in found]
        self.add(part, "heard against seen", [(h, s, {}) for h, s in zip(heard, seen, strict=True)])
        self.by_chance(part, heard, seen, [{} for _ in found])

    def by_chance(self, part: str, found: Sequence[Events], wanted: Sequence[Events], faint: Sequence[Events]) -> None:
        """The same with another film's times, and with times turned round."""
        kinds = [{event.kind for event in one.scenario.plan.events} for one in self.held]
        others: list[tuple[Events, Events, Events]] = []
        shifted: list[tuple[Events, Events, Events]] = []
        for shuffle in range(self.num_shuffles):
            rng = np.random.default_rng([shuffle, 24])
            for i, other in enumerate(swapped(found, kinds, shuffle)):
                others.append((other, wanted[i], faint[i]))
                length_s = self.held[i].seconds
                moved = turned(found[i], rng.uniform(0.25, 0.75) * length_s, length_s)
                shifted.append((moved, wanted[i], faint[i]))
        self.add(part, "  another's", others, chance=True)
        self.add(part, "  turned", shifted, chance=True)

    def text(self) -> str:
        """The table for people."""
        lines = [f"{'':24}{'':22}{'F1':>6}{'95 %':>13}{'|ms|':>6}{'ms':>7}{'|ms|<400':>9}{'found':>7}{'wanted':>7}"]
        for row in self.rows:
            own = row.overall
            span = f"{row.interval[0]:.2f}-{row.interval[1]:.2f}" if row.interval else ""
            lines.append(
                f"{row.part:24}{row.what:22}{own.f1:6.3f}{span:>13}{_ms(own.median_abs_ms):>6}{_ms(own.median_ms):>7}"
                f"{_ms(own.wide_abs_ms):>9}{own.num_found:7}{own.num_wanted:7}"
            )
            if row.interval:
                each = (f"{kind} {s.f1:.2f}/{_ms(s.median_abs_ms)}" for kind, s in row.kinds.items())
                lines.append(f"{'':24}  {'  '.join(each)}")
        return "\n".join(lines)


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


# ------------------------------------------------------------------------------------------------ the five uses


def fidelity(bench: Bench) -> tuple[float, float]:
    """Peak signal-to-noise ratio in dB of pictures that come back from their autoencoder: of all of them, and of the
    pixels that differ from the film's middle picture by a twentieth of the range or more, where something moves."""
    everywhere: list[float] = []
    moving: list[np.ndarray] = []
    for one in bench.held:
        true = one.clip.pictures.astype(np.float32)
        square = ((true - bench.shown(one, one.latents["video"])) / 255) ** 2
        moves = (np.abs(true - np.median(true, 0)) / 255).max(-1) >= 0.05
        everywhere.append(float(square.mean()))
        moving.append(square[moves])
    return -10 * float(np.log10(np.mean(everywhere))), -10 * float(np.log10(np.concatenate(moving).mean()))


def ceilings(bench: Bench, table: Table) -> None:
    """The true films, and the true films through the autoencoders."""
    print("pictures through their autoencoder: {:.1f} dB, {:.1f} dB where something moves".format(*fidelity(bench)))
    true = [
        Found(bench.critic.seen_events(o.clip.pictures), bench.critic.heard_events(o.clip.sounds)) for o in bench.held
    ]
    through = bench.watched([one.latents for one in bench.held])
    for part, found in (("true films", true), ("through autoencoders", through)):
        table.against_truth(part, "seen", [one.seen for one in found])
        table.against_truth(part, "heard", [one.heard for one in found])
        table.together(part, found)


def from_text(bench: Bench, table: Table, *, timed: bool) -> list[Latents]:
    """All streams from what the Timeline tells; with its times, these are asked for."""
    made = bench.make([{} for _ in bench.held], timed=timed)
    found, part = bench.watched(made), "text, times given" if timed else "text, times hidden"
    if timed:
        table.against_truth(part, "seen", [one.seen for one in found])
        table.against_truth(part, "heard", [one.heard for one in found])
    table.together(part, found)
    return made


def sound_for_picture(bench: Bench, table: Table) -> None:
    """The true picture is held, the times are hidden."""
    made = bench.make([{"video": one.latents["video"]} for one in bench.held], timed=False)
    heard = [bench.critic.heard_events(bench.sounded(latents)) for latents in made]
    table.against_truth("sound for picture", "heard", heard)


def picture_for_sound(bench: Bench, table: Table) -> None:
    """The true effects are held, the times are hidden."""
    made = bench.make([{"effects": one.latents["effects"]} for one in bench.held], timed=False)
    seen = [
        bench.critic.seen_events(bench.shown(one, latents["video"]))
        for one, latents in zip(bench.held, made, strict=True)
    ]
    table.against_truth("picture for sound", "seen", seen)


def effects_again(bench: Bench, table: Table, made: Sequence[Latents]) -> float:
    """The effects of films made by nano, again, beside their picture and ambience, times hidden; the middle
    one of the changes' root mean squares. That a retaken file keeps its picture and ambience is a test's matter."""
    kept = ("video", "ambience")
    again = bench.make([{name: one[name] for name in kept} for one in made], timed=False, seed=AGAIN)
    table.together("effects again", bench.watched(again))
    before, after = ([bench.sounded(one)["effects"] for one in some] for some in (made, again))
    return float(np.median([np.sqrt(np.mean((a - b) ** 2)) for a, b in zip(before, after, strict=True)]))


def measure(bench: Bench, table: Table, uses: Sequence[str]) -> list[float]:
    """All asked uses, each announced with its time; what `effects_again` says, if asked."""
    again: list[float] = []
    hidden: list[Latents] = []
    steps: dict[str, Callable[[], object]] = {
        "ceilings": lambda: ceilings(bench, table),
        "hidden": lambda: hidden.extend(from_text(bench, table, timed=False)),
        "timed": lambda: from_text(bench, table, timed=True),
        "sound": lambda: sound_for_picture(bench, table),
        "picture": lambda: picture_for_sound(bench, table),
        "again": lambda: again.append(effects_again(bench, table, hidden)),
    }
    for name, step in steps.items():
        if name in uses:
            started_s = time.monotonic()
            step()
            print(f"{name}: {time.monotonic() - started_s:.0f} s", file=sys.stderr, flush=True)
    return again


USES = ("ceilings", "hidden", "timed", "sound", "picture", "again")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="folder of all weights")
    parser.add_argument("--net", type=Path, help="the network's weights, if not the folder's")
    parser.add_argument("--critic", type=Path, default=critics.WEIGHTS)
    parser.add_argument("--folder", type=Path, help="keeps the held-out films; else they are made again each time")
    parser.add_argument("--num-films", type=int, default=48)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--steps", type=int, default=OPTIONS.num_steps)
    parser.add_argument("--guidance", type=float, nargs=2, metavar=("VIDEO", "AUDIO"))
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--num-shuffles", type=int, default=8)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(SEEN_WELL))
    parser.add_argument("--uses", nargs="+", choices=USES, default=list(USES), help="'again' needs 'hidden'")
    parser.add_argument("--bfloat16", action="store_true", help="matrix products of the network in bfloat16")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    if "again" in args.uses and "hidden" not in args.uses:
        parser.error("'again' makes stems of the films of 'hidden' again; ask for both")
    performer = Performer(args.weights, chosen(args.steps, args.guidance))
    if args.net:
        performer.net = net.load(args.net)
    seeds = range(args.first_seed, args.first_seed + args.num_films)
    with tempfile.TemporaryDirectory() as fresh:
        held = held_out(performer, args.folder or Path(fresh), seeds)
    bench = Bench(
        performer=performer,
        critic=critics.load(args.critic),
        held=held,
        batch_size=args.batch_size,
        autocast=args.bfloat16,
    )
    table = Table(bench.held, args.num_shuffles, args.kinds)
    again = measure(bench, table, args.uses)
    print(table.text())
    for value in again:
        print(f"effects again: the stem changes by {20 * np.log10(value):.1f} dB full scale (rms, the middle film)")
    if args.json:
        settings = {name: str(value) if isinstance(value, Path) else value for name, value in vars(args).items()}
        rows = [asdict(row) for row in table.rows]
        args.json.write_text(json.dumps({"settings": settings, "rows": rows, "again": again}, indent=1) + "\n")


def chosen(num_steps: int, guidance: Sequence[float] | None) -> Options:
    """The shipped options with these steps and strengths."""
    options = replace(OPTIONS, num_steps=num_steps)
    if guidance is None:
        return options
    return replace(options, guidance=replace(options.guidance, video=guidance[0], audio=guidance[1]))


if __name__ == "__main__":
    main()
