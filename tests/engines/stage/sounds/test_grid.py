"""The grid: any range of a film alone, the same values whenever they are asked."""

import itertools

import numpy as np

from clapboard.engines.stage.curves import constant, from_points
from clapboard.engines.stage.sounds.grid import CELL, HOP, Dice, Turns, as_point, edge_times, on_grid, over_samples
from clapboard.engines.stage.sounds.spectra import BIN_HZ, bump, layered, noise_piece, spectrum

TAIL = 700


def _ramp_piece(cell):
    piece = np.zeros((2, CELL + TAIL), np.float32)
    piece[:, :CELL] = cell + 1
    piece[:, CELL:] = 100
    return piece


def test_tails_ring_into_the_next_cell_and_ranges_join():
    render = on_grid(_ramp_piece)
    whole = render(0, 2 * CELL)
    assert whole.shape == (2, 2 * CELL)
    assert whole.dtype == np.float32
    assert np.all(whole[:, :TAIL] == 101)  # the cell before the film rings too: nothing fades in at its start
    assert np.all(whole[:, TAIL:CELL] == 1)
    assert np.all(whole[:, CELL : CELL + TAIL] == 102)
    cuts = [0, 1, 5000, CELL - 1, CELL + 3, 2 * CELL]
    parts = [render(a, b) for a, b in itertools.pairwise(cuts)]
    assert np.array_equal(np.concatenate(parts, axis=1), whole)
    assert render(CELL, CELL).shape == (2, 0)


def test_a_point_is_the_mean_of_both_sides():
    assert as_point(on_grid(_ramp_piece))(TAIL, TAIL + 10).tolist() == [[1.0] * 10]


def test_turns_follow_the_rate_across_cells():
    turns = Turns(constant(10.0))
    got = np.concatenate([turns.of_cell(cell) for cell in range(3)])
    expected = 10.0 * np.arange(3 * CELL) / 48_000
    away = (got - got[0] - expected + 0.5) % 1 - 0.5
    assert np.abs(away).max() < 1e-9


def test_turns_are_the_same_when_asked_late():
    rate = from_points([(0, 2.0), (9, 900.0)])
    early, late = Turns(rate), Turns(rate)
    for cell in range(7):
        early.of_cell(cell)
    assert np.array_equal(early.of_cell(6), late.of_cell(6))
    last, first = late.of_cell(5), late.of_cell(6)
    step = ((first[0] - last[-1]) + 0.5) % 1 - 0.5
    assert abs(step - rate(np.array([6 * CELL / 48_000]))[0] / 48_000) < 1e-6


def test_chance_depends_on_seed_name_and_lane_only():
    index = np.arange(-4, 40)
    one = Dice(7, "rain").uniform(index, 3)
    assert np.array_equal(one[5:9], Dice(7, "rain").uniform(index[5:9], 3))
    assert one.min() >= 0
    assert one.max() < 1
    for other in (
        Dice(8, "rain").uniform(index, 3),
        Dice(7, "wind").uniform(index, 3),
        Dice(7, "rain").uniform(index, 4),
    ):
        assert np.abs(other - one).max() > 0.3


def test_drift_is_smooth_and_bounded():
    t_s = np.arange(0, 60, 0.01)
    value = Dice(2**62, "x").drift(t_s, 0.5)
    assert np.abs(value).max() <= 1
    assert value.std() > 0.3
    assert np.abs(np.diff(value)).max() < 0.02


def test_samples_between_edges_are_straight():
    line = over_samples(np.arange(49, dtype=float))
    assert line.shape == (CELL,)
    assert line[HOP // 2] == 0.5
    assert len(edge_times(0)) == 49


def test_noise_has_the_asked_power_and_spectrum():
    flat = np.ones((48, len(BIN_HZ)), np.float32)
    piece = noise_piece(np.random.default_rng(1), flat)
    middle = piece[:, HOP:CELL]
    assert np.abs(middle.std(axis=1) - 1).max() < 0.02
    bell = np.repeat(bump(np.array([1000.0]), 0.2), 48, axis=0)
    power = np.abs(np.fft.rfft(noise_piece(np.random.default_rng(1), bell)[0, HOP:CELL])) ** 2
    hz = np.fft.rfftfreq(CELL - HOP, 1 / 48_000)
    assert abs(np.sum(hz * power) / np.sum(power) - 1000) < 40


def test_layers_add_in_power():
    a, b = spectrum((100, 0), (10_000, 0)), spectrum((100, -6.0206), (10_000, -6.0206))
    sum_of_two = layered([np.full(3, 3.0), np.full(3, 8.0)], [a, b])
    assert np.allclose(sum_of_two[:, 1:], 5.0, atol=1e-3)
    assert np.all(sum_of_two[:, 0] == 0)  # no DC
