"""All single words of the other tables: spelling is corrected towards them."""

import re
from typing import Final

from clapboard.director.tables import camera, grammar, manner, music, rooms, speech, weather

_PHRASES: Final = (
    *camera.FRAMINGS,
    *camera.MOVES,
    *camera.STILL,
    *camera.AMOUNTS,
    *grammar.FUNCTION,
    *grammar.NUMBERS,
    *grammar.REPEATS,
    *grammar.QUANTITIES,
    *manner.FORCES,
    *manner.ORDERS,
    *manner.POSITIONS,
    *manner.THROUGHOUT,
    *manner.DISTANCES,
    *manner.ADJECTIVES,
    *manner.COMMON_VERBS,
    *manner.STYLES,
    *music.MUSIC_NOUNS,
    *music.LEVELS_DB,
    *rooms.SPACES,
    *rooms.SURFACES,
    *rooms.LANDINGS,
    *speech.SPEECH_VERBS,
    *speech.DELIVERIES,
    *weather.WEATHER,
    *weather.VEILS,
    *weather.SKY,
    *weather.WEATHER_VERBS.values(),
    *weather.STRENGTHS,
    *weather.HOURS,
    *weather.SEASONS,
    *weather.CHANGES,
)

ENGLISH: Final = frozenset(word for phrase in _PHRASES for word in re.findall(r"[a-z]+", phrase))
