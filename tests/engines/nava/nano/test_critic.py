"""Nano's critic: matching and scores with known answers, onsets placed between moments, files, the shipped weights."""

from pathlib import Path

import numpy as np
import pytest

from clapboard import engines
from clapboard.engines.nava.nano import scoring
from clapboard.engines.nava.nano.domain import KINDS, random_timeline
from clapboard.engines.nava.nano.scoring import Comparison, delayed, matched, score, swapped, tallies, tally, turned

torch = pytest.importorskip("torch")

from clapboard.engines.nava.nano import critic as critics  # noqa: E402
from clapboard.engines.nava.nano import films, train_critic  # noqa: E402
from clapboard.errors import WeightsError  # noqa: E402


def test_matching_takes_as_many_pairs_as_there_are_and_then_the_closest():
    # Nearest first would pair 1.00 with 1.05 and leave 0.98 alone; two pairs are possible.
    assert matched([1.05, 1.10], [1.00, 1.06]) == [(0, 0), (1, 1)]
    assert matched([1.0], [0.95, 1.01, 1.05]) == [(0, 1)]
    assert matched([0.5, 1.0], [0.581, 2.0]) == []
    assert matched([], [1.0]) == []


def test_matching_agrees_with_trying_all_pairings():
    def tried(found: list[float], wanted: list[float]) -> tuple[int, float]:
        if not found or not wanted:
            return 0, 0.0
        best = tried(found[1:], wanted)
        for j, time_s in enumerate(wanted):
            if abs(found[0] - time_s) <= 0.08:
                count, apart = tried(found[1:], wanted[:j] + wanted[j + 1 :])
                best = max(best, (count + 1, apart - abs(found[0] - time_s)))
        return best

    rng = np.random.default_rng(0)
    for _ in range(100):
        found, wanted = (sorted(rng.uniform(0, 0.4, rng.integers(0, 5)).tolist()) for _ in range(2))
        pairs = matched(found, wanted)
        count, apart = tried(found, wanted)
        assert len(pairs) == count
        assert -sum(abs(found[i] - wanted[j]) for i, j in pairs) == pytest.approx(apart)


def test_scores_of_a_known_film():
    found = {"drum": [1.02, 2.5], "car": [2.0]}
    wanted = {"drum": [1.0, 2.0, 3.0]}
    own = score(tallies(found, wanted).values())
    assert (own.num_found, own.num_wanted, own.num_matched) == (3, 3, 1)
    assert own.f1 == pytest.approx(1 / 3)
    assert own.median_ms == pytest.approx(20)
    late = score([tally([1.04, 1.94], [1.0, 2.0])])
    assert (late.precision, late.recall, late.f1) == (1, 1, 1)
    assert (late.median_abs_ms, late.median_ms) == (pytest.approx(50), pytest.approx(-10))
    beyond = score([tally([1.3], [1.0])])
    assert (beyond.f1, beyond.median_abs_ms, beyond.wide_abs_ms) == (0, None, pytest.approx(300))


def test_a_faint_bounce_is_no_error_found_or_not():
    assert score([tally([1.0, 1.5], [1.0], [1.52])]).f1 == 1
    assert score([tally([1.0], [1.0], [1.52])]).f1 == 1
    assert score([tally([1.0, 1.7], [1.0], [1.52])]).precision == 0.5


def test_nothing_at_all_scores_nothing():
    empty = score([])
    assert (empty.f1, empty.median_abs_ms) == (0, None)
    assert Comparison([{}]).f1_interval() == (0, 0)


def test_interval_holds_the_score():
    films_ = [tallies({"drum": [1.0]}, {"drum": [1.0 if i % 3 else 2.0]}) for i in range(30)]
    compared = Comparison(films_)
    low, high = compared.f1_interval()
    assert compared.overall.f1 == pytest.approx(2 / 3)
    assert low < 2 / 3 < high
    assert compared.of("drum") == compared.overall


def test_shuffles_take_times_from_other_films_of_the_kind():
    own = [{"drum": [float(i)]} for i in range(4)] + [{"car": [9.0]}]
    other = swapped(own, [["drum"]] * 4 + [["car"]], seed=1)
    assert sorted(one["drum"][0] for one in other[:4]) == [0, 1, 2, 3]
    assert all(one["drum"] != mine["drum"] for one, mine in zip(other[:4], own[:4], strict=True))
    assert other[4] == {}
    assert turned({"drum": [1.0, 3.5]}, 1.0, 4.0) == {"drum": [0.5, 2.0]}
    assert delayed({"thunder": [1.0], "car": [1.0]}, scoring.LAG_S) == {"thunder": [1.3], "car": [1.0]}


def test_truth_is_the_stage_s():
    timeline = random_timeline(1, engines.load("stage").vocabulary)
    true = scoring.truth(timeline)
    assert {action.who for action in timeline.shots[0].actions} == set(true.seen)
    thunder = true.heard["thunder"][0] - true.seen["thunder"][0]
    assert thunder == pytest.approx(scoring.LAG_S["thunder"], abs=0.001)
    assert true.seen["stone"] == true.heard["stone"]


def test_onsets_lie_between_moments_and_keep_apart():
    at = np.arange(100)
    chances = np.exp(-0.5 * ((at - 40.3) / 2) ** 2) * 0.9 + np.exp(-0.5 * ((at - 49) / 1) ** 2) * 0.5
    times = critics.onsets(chances, 100, 0.3, 0.1)
    assert len(times) == 1
    assert times[0] == pytest.approx(0.403, abs=0.004)
    assert critics.onsets(np.zeros(5), 24, 0.3, 0.1) == []
    assert critics.onsets(np.array([0.9, 0.1]), 24, 0.3, 0.1) == [0.0]


def test_each_sense_gives_a_chance_per_moment():
    torch.manual_seed(0)
    critic = critics.Critic().eval()
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (12, 64, 112, 3), dtype=np.uint8)
    sounds = {stem: rng.normal(0, 0.1, 12_000).astype(np.float32) for stem in ("effects", "ambience")}
    assert critic.seen_chances(pictures).shape == (12, len(KINDS))
    assert critic.heard_chances(sounds).shape == (100, len(KINDS))
    assert sum(x.numel() for x in critic.seen.parameters()) < 200_000
    assert sum(x.numel() for x in critic.heard.parameters()) < 200_000


def test_levels_stand_at_their_instant():
    click = torch.zeros(1, 2, 2400)
    click[0, 0, 1200] = 0.5
    loud = critics.levels(click)[0, :, : critics.NUM_BANDS].sum(1)
    assert int(loud.argmax()) == 10
    assert critics.levels(torch.zeros(1, 2, 2400)).shape == (1, 20, 2 * critics.NUM_BANDS)


def test_bumps_and_what_counts():
    wanted = train_critic.bumps({"drum": [0.5]}, 0.25, 24, 24, 0.02)
    assert int(wanted[:, KINDS.index("drum")].argmax()) == 6
    assert wanted.sum() == wanted[:, KINDS.index("drum")].sum()
    faint = scoring.Truth(seen={}, heard={}, faint={"rubber_ball": [0.5]})
    weight = train_critic.counted(faint, 0.0, 24, 24)
    assert weight[12, KINDS.index("rubber_ball")] == 0
    assert weight[12, KINDS.index("drum")] == weight[2, KINDS.index("rubber_ball")] == 1


def test_training_a_moment_and_the_file(tmp_path: Path):
    timelines = [random_timeline(seed, engines.load("stage").vocabulary) for seed in (0, 1)]
    rng = np.random.default_rng(0)
    lessons = []
    for timeline in timelines:
        sounds = {stem: rng.normal(0, 0.01, 96_000).astype(np.float32) for stem in ("effects", "ambience")}
        clip = films.Clip(rng.integers(0, 256, (96, 64, 112, 3), dtype=np.uint8), sounds, timeline)
        lessons.append(train_critic.lesson(clip, scoring.truth(timeline)))
    critic = train_critic.train([lessons], train_critic.Plan(minutes=0.004, batch_size=1))
    path = tmp_path / "critic.safetensors"
    critics.save(critic, path, {"films": "2"})
    again = critics.load(path)
    assert all(
        torch.equal(x.half(), y.half())
        for x, y in zip(critic.state_dict().values(), again.state_dict().values(), strict=True)
    )
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(WeightsError):
        critics.load(path)
