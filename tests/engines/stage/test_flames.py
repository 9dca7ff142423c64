"""Flames, smoke and sparks: pure in time, in their place, and gone with the fire."""

import numpy as np

from clapboard.engines.stage.camera import Lens, View
from clapboard.engines.stage.flames import Fire, paint_burst, paint_fire, paint_shimmer, paint_smoke


def fire(size: float = 0.8, wind: float = 0.0) -> Fire:
    return Fire(foot_px=(80, 70), per_m=40, size=size, wind=wind, seed=3)


def test_a_fire_burns_over_its_foot_and_moves() -> None:
    first, second, again = (np.zeros((3, 90, 160), np.float32) for _ in range(3))
    for canvas, t_s in ((first, 1.0), (second, 1.04), (again, 1.0)):
        paint_fire(canvas, fire(), t_s)
    assert (first == again).all() and np.abs(first - second).max() > 0.1
    y, x = np.unravel_index(first[0].argmax(), first[0].shape)
    assert abs(x - 80) < 12 and 35 < y <= 72 and first[0].max() > 2
    assert first[0].sum() > first[1].sum() > first[2].sum()


def test_a_fire_of_no_size_paints_nothing() -> None:
    canvas = np.zeros((3, 90, 160), np.float32)
    paint_fire(canvas, fire(0.0), 1.0)
    assert not canvas.any()


def test_smoke_rises_over_the_fire_and_bends_with_the_wind() -> None:
    columns = []
    for wind in (0.0, 0.8):
        canvas = np.zeros((3, 90, 160), np.float32)
        paint_smoke(canvas, fire(wind=wind), 5.0, (1.0, 1.0, 1.0), 0.5)
        assert canvas[:, 70:].sum() == 0 and canvas.max() > 0.02
        columns.append(float((canvas[0].sum(0) * np.arange(160)).sum() / canvas[0].sum()))
    assert columns[1] > columns[0] + 4


def test_sparks_last_as_long_as_they_may() -> None:
    for age_s, seen in ((-0.1, False), (0.0, True), (0.5, True), (1.7, False)):
        canvas = np.zeros((3, 90, 160), np.float32)
        paint_burst(canvas, (80, 60), 40, age_s, 9)
        assert canvas.any() == seen, age_s


def test_hot_air_bends_only_what_is_over_the_fire() -> None:
    view = View(width_px=160, height_px=90, lens=Lens())
    canvas = np.random.default_rng(1).random((3, 90, 160), dtype=np.float32)
    bent = canvas.copy()
    paint_shimmer(bent, view, fire(), 2.0)
    moved = np.abs(bent - canvas).max(0)
    assert moved[:66, 70:90].max() > 0.01 and not moved[:, :60].any() and not moved[:, 100:].any()
