"""Curves: continuous values over the film's time that picture and sound both read (rain, wind, a fire's size)."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Film times in seconds [n] -> values [n], usually 0..1. Pure."""


def constant(value: float) -> Curve:
    """The same value at all times."""
    return lambda t_s: np.full(len(t_s), value)


def from_points(points: Sequence[tuple[float, float]], offset_s: float = 0.0) -> Curve:
    """Linear between breakpoints (seconds, value), constant outside; `offset_s` is the shot's start in the film."""
    times = np.array([time for time, _ in points]) + offset_s
    values = np.array([value for _, value in points])
    return lambda t_s: np.interp(t_s, times, values)


def at(curve: Curve, t_s: float) -> float:
    """One value of a curve."""
    return float(curve(np.array([t_s]))[0])
