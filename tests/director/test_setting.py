"""Place, hour, season, weather and its curves, beds."""

import pytest

from clapboard.timeline import Timeline, Weather


def beds(timeline: Timeline) -> list[str]:
    return [bed.bed for bed in timeline.shots[0].ambience]


@pytest.mark.parametrize(
    ("prompt", "place"),
    [
        ("waves at the shore", "ocean_coast"),
        ("rain on a night window", "window_room"),
        ("campfire by a mountain lake", "lake_camp"),
        ("a candle and a cat", "window_room"),
        ("an owl hoots", "lake_camp"),
        ("a lighthouse far away", "ocean_coast"),
        ("a boat on the lake", "lake_camp"),
        ("a campfire on the beach", "ocean_coast"),
        ("crickets and lapping water", "lake_camp"),
        ("thunder", "ocean_coast"),
        ("something nice", "ocean_coast"),
        ("no waves, no beach, a tent", "lake_camp"),
        ("a man sings in a bathroom", "window_room"),
    ],
)
def test_place(plan, prompt: str, place: str):
    assert plan(prompt).shots[0].place == place


@pytest.mark.parametrize(
    ("prompt", "hour"),
    [
        ("window at dawn", "dawn"),
        ("sunrise over the sea", "dawn"),
        ("the beach at noon", "day"),
        ("a sunny beach", "day"),
        ("the sun sets over the sea", "dusk"),
        ("golden hour at the lake", "dusk"),
        ("starry lake", "night"),
        ("beach by moonlight", "night"),
        ("camp under the aurora", "night"),
        ("stars fade at dawn over the camp", "dawn"),
        ("sea", "dusk"),
        ("window", "night"),
    ],
)
def test_hour(plan, prompt: str, hour: str):
    assert plan(prompt).shots[0].hour == hour


@pytest.mark.parametrize(
    ("prompt", "season"),
    [
        ("a winter lake", "winter"),
        ("snow-covered mountains", "winter"),
        ("camp in autumn", "autumn"),
        ("spring morning at the lake", "spring"),
        ("a ball will spring up", None),
    ],
)
def test_season(plan, prompt: str, season: str | None):
    shot = plan(prompt).shots[0]
    assert shot.season == season and shot.weather.snow == 0


@pytest.mark.parametrize(
    ("prompt", "weather"),
    [
        ("window", Weather()),
        ("rain, window", Weather(rain=0.55, clouds=0.85)),
        ("light rain, window", Weather(rain=0.3, clouds=0.85)),
        ("the rain falls heavily, window", Weather(rain=0.85, clouds=0.85)),
        ("it is pouring rain, window", Weather(rain=0.95, clouds=0.85)),
        ("a torrential downpour, window", Weather(rain=1.0, clouds=0.85)),
        ("not too heavy rain, window", Weather(rain=0.33, clouds=0.85)),
        ("soft drizzle, window", Weather(rain=0.15, clouds=0.85)),
        ("heavy snow, camp", Weather(snow=0.78, clouds=0.85)),
        ("a blizzard, camp", Weather(snow=1.0, wind=0.9, clouds=1.0)),
        ("thick fog, sea", Weather(fog=0.9, clouds=0.6)),
        ("mist under a clear sky, lake", Weather(fog=0.35, clouds=0.0)),
        ("strong wind, sea", Weather(wind=0.78)),
        ("a howling wind, camp", Weather(wind=0.8)),
        ("a stormy sea", Weather(wind=0.85, clouds=0.9)),
        ("calm sea", Weather(wind=0.05)),
        ("without any wind, sea", Weather(wind=0.0)),
        ("no rain, window", Weather()),
        ("it is not raining, window", Weather()),
        ("aurora over the lake", Weather(aurora=0.8, clouds=0.1)),
        ("raindrops race down the window", Weather(rain=0.45, clouds=0.85)),
        ("a curtain of rain, window", Weather(rain=0.77, clouds=0.85)),
        ("the patter of falling rain, window", Weather(rain=0.44, clouds=0.85)),
        ("howling of wind, camp", Weather(wind=0.8)),
        ("candle light, rain, window", Weather(rain=0.55, clouds=0.85)),  # the light is the candle's
    ],
)
def test_weather(plan, prompt: str, weather: Weather):
    timeline = plan(prompt)
    assert timeline.shots[0].weather == weather
    assert timeline.unstaged == []


@pytest.mark.parametrize(
    ("prompt", "curves"),
    [
        ("rain building on the window", {"rain": [(0, 0.28), (8, 0.83)]}),
        ("the rain gets heavier, window", {"rain": [(0, 0.28), (8, 0.83)]}),
        ("rain fading on the window", {"rain": [(0, 0.55), (8, 0.08)]}),
        ("the rain stops at 3 seconds, window", {"rain": [(0, 0.55), (3, 0.55), (5.4, 0)]}),
        ("rain begins to fall at 2 s, window", {"rain": [(0, 0), (2, 0), (4.4, 0.55)]}),
        ("rain turns to snow, camp", {"rain": [(0, 0.55), (4, 0.55), (6.4, 0)], "snow": [(0, 0), (4, 0), (6.4, 0.5)]}),
        ("the fog lifts over the sea", {"fog": [(0, 0.6), (8, 0.09)]}),
        ("from 2 to 5 seconds rain pours, sea", {"rain": [(0, 0), (2, 0), (3, 0.95), (5, 0.95), (6, 0)]}),
        ("rain, and the strings build to a crescendo, window", {}),
        ("a campfire flares up, rain", {}),
        ("rain until 3 s, window", {"rain": [(0, 0.55), (3, 0.55), (4, 0)]}),
        (
            "the storm passes over the sea",
            {"rain": [(0, 0.85), (8, 0.13)], "wind": [(0, 0.8), (8, 0.12)], "clouds": [(0, 1), (8, 0.15)]},
        ),
    ],
)
def test_curves(plan, prompt: str, curves: dict[str, list[tuple[float, float]]]):
    timeline = plan(prompt)
    assert timeline.shots[0].curves == curves
    assert timeline.unstaged == []


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("window", ["room_tone"]),
        ("rain, window", ["room_tone", "rain_on_glass"]),
        ("rain, sea", ["waves", "rain_on_water"]),
        ("rain, camp", ["mountain_air", "lake_lapping", "rain_on_leaves", "insects"]),
        ("heavy rain, camp", ["mountain_air", "lake_lapping", "rain_on_leaves"]),
        ("rain on the tent, camp", ["mountain_air", "lake_lapping", "rain_on_canvas", "insects"]),
        ("rain drums on the roof, window", ["room_tone", "rain_on_roof"]),
        ("strong wind, camp at dawn", ["mountain_air", "lake_lapping", "wind_pines", "birdsong"]),
        ("distant traffic hum, window", ["room_tone", "city_night"]),
        ("no room tone, window", []),
        ("sea without waves", []),
        ("birds singing, camp by day", ["mountain_air", "lake_lapping", "birdsong"]),
    ],
)
def test_beds(plan, prompt: str, expected: list[str]):
    timeline = plan(prompt)
    assert beds(timeline) == expected
    assert timeline.unstaged == []


def test_a_bed_is_as_loud_as_asked(plan):
    levels = {bed.bed: bed.level_db for bed in plan("loud crickets, camp").shots[0].ambience}
    assert levels == {"mountain_air": 0, "lake_lapping": 0, "insects": 4}


def test_an_hour_that_contradicts_is_reported(plan):
    timeline = plan("window at night, noon")
    assert timeline.shots[0].hour == "night"
    assert [(item.text, item.reason) for item in timeline.unstaged] == [("noon", "a shot has one hour, here night")]
