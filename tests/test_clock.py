"""Exact time."""

from fractions import Fraction

import pytest

from clapboard import clock
from clapboard.errors import InputError


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("24", Fraction(24)),
        (24, Fraction(24)),
        (23.976, Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("60000/1001", Fraction(60000, 1001)),
        ("12.5", Fraction(25, 2)),
    ],
)
def test_rates_are_exact(written, rate):
    assert clock.parse_rate(written) == rate
    assert clock.parse_rate(clock.rate_text(rate)) == rate


@pytest.mark.parametrize(
    "written", [0, "-24", "abc", "24/0", "", "nan", "inf", 1000, "9" * 40, "9" * 9999, "1e999999999"]
)
def test_bad_rates_are_refused_in_one_line(written):
    with pytest.raises(InputError) as error:
        clock.parse_rate(written)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("written", [f"{2**31}/{2**31 - 1}", "1/2147483648", "23.97602397602397602398", 1e-300])
def test_rates_that_no_file_can_keep_are_refused_in_one_line(written):
    with pytest.raises(InputError, match="too fine") as error:
        clock.parse_rate(written)
    assert "\n" not in str(error.value)


def test_the_finest_rate_is_kept():
    assert clock.parse_rate(f"{2**31 - 1}/{2**31 - 2}") == Fraction(2**31 - 1, 2**31 - 2)


def test_a_clap_at_frame_24_is_sample_48000():
    assert clock.first_sample(24, Fraction(24)) == 48_000
    assert clock.first_sample(24, Fraction(24000, 1001)) == 48_048


def test_an_hour_of_ntsc_film_has_no_drift():
    fps = Fraction(30000, 1001)
    frames = clock.num_frames(3600, fps)
    assert frames == 107_892
    assert clock.num_samples(frames, fps) == round(Fraction(frames * 48_000 * 1001, 30_000))


def test_seconds_are_the_decimals_that_were_written():
    assert clock.exact(0.1) == Fraction(1, 10)
    assert clock.frame_at(0.1, Fraction(30)) == 3


def test_a_frame_is_shown_until_the_next_one_begins():
    assert [clock.frame_shown(s, Fraction(24)) for s in (0, 0.04, 0.0417, 1.49, 1.5)] == [0, 0, 1, 35, 36]


def test_the_shortest_film_has_one_frame():
    assert clock.num_frames(1e-6, Fraction(24)) == 1
