"""Rooms: from words and numbers to a stereo impulse response.

    room = resolve(Acoustics(space="tiled hallway"))
    response_CN = impulse(room, seed=7)

The response holds all that a space adds to a sound, not the sound itself: the direct path stays outside of it,
undelayed. Early reflections are image sources of a box (Allen and Berkley 1979), each order coloured by its surfaces;
late sound is noise that decays in each octave band as Eyring's formula says; open spaces add their echoes. Its level is
relative to the direct sound at 1 m.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clapboard.clock import SAMPLE_RATE, SPEED_OF_SOUND_M_S
from clapboard.sound import spaces
from clapboard.sound.spaces import BANDS_HZ, OPEN, SURFACES, Bands, Echo, Space
from clapboard.take import Samples
from clapboard.timeline import Acoustics

# ISO 9613-2 table 2, 15 degrees C and 50 % humidity; decibels a metre in BANDS_HZ.
AIR_DB_M: Final[Bands] = (0.0005, 0.0012, 0.0022, 0.0042, 0.0108, 0.0362, 0.129)

_MAX_ORDER = 6
_MAX_LENGTH_S = 6.0
_DECAY = 3 * math.log(10)  # amplitude falls by 60 dB in one RT60: exp(-_DECAY)
_MID = slice(2, 4)  # 500 Hz and 1 kHz: where a room's RT60 is stated (ISO 3382-1)
_TAPS = 256  # of a reflection's colour filter
_EAR_DELAY_S = 0.00026  # half the spacing of an ORTF microphone pair, 17 cm, plus the head's shadow
_USUAL_DISTANCE_M = 2.0

# A diffuse field is as loud as the direct sound half a metre away in a living room. Film sound is caught by close,
# directed microphones: this much less of it sounds natural (by ear; a cardioid alone gives -4.8 dB).
_MICROPHONE_DB = -12.0

_ASKED_OUTDOORS_DB = -22.0  # tail of an open space that was given an RT60 in words of the prompt: a faint one


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """A space, resolved to numbers."""

    size_m: tuple[float, float, float]
    """Length, width, height."""
    walls: tuple[Bands, ...]
    """Absorption of the six sides: x = 0, x = width, y = 0, y = length, floor, ceiling."""
    rt60_s: Bands
    """Reverberation time in each band; all 0 for a space without a tail."""
    tail_db: float
    """Energy of the whole tail in the mid bands, relative to the direct sound at 1 m."""
    echoes: tuple[Echo, ...]
    wet_db: float
    """Level of everything the room adds: how far away the shot listens from."""
    reach_m: float
    """Sources up to this far are in the room and feed it fully, wherever they are; 1 in the open."""

    @property
    def mid_rt60_s(self) -> float:
        """Reverberation time at 500 Hz and 1 kHz, seconds."""
        return sum(self.rt60_s[_MID]) / 2


def _words_in(text: str, table: Mapping[str, float]) -> list[float]:
    return [value for word, value in table.items() if re.search(rf"\b{word}\b", text)]


def _space(text: str) -> Space:
    # The longest name that stands in the text; a plain room when there is none.
    named = [
        (len(word), -rank, space)
        for rank, space in enumerate(spaces.SPACES)
        for word in space.words
        if re.search(rf"\b{re.escape(word)}\b", text)
    ]
    return max(named, key=lambda row: row[:2])[2] if named else spaces.SPACES[0]


def _surfaces(text: str) -> list[str]:
    words = set(re.findall(r"\w+", text))
    return [name for name, surface in SURFACES.items() if words & {name, *surface.words}]


def _sides(space: Space, asked: list[str]) -> tuple[Bands, ...]:
    # What is said replaces what is usual; a single material ("a wooden hut") covers floor and walls.
    parts = {"floor": space.floor, "walls": space.walls, "ceiling": space.ceiling}
    for name in sorted(asked, key=lambda name: -len(SURFACES[name].parts)):
        covered = SURFACES[name].parts
        if len(asked) == 1 and name in ("wood", "brick"):
            covered = ("floor", "walls")
        for part in covered:
            if parts.get(part, "open") != "open" or part == "floor":
                parts[part] = name
    surface = {part: SURFACES[name].absorption if name != "open" else OPEN for part, name in parts.items()}
    walls = [surface["walls"]] * 4
    if space.walls != "open":
        for index, name in ((3, "glass"), (0, "curtain")):
            if name in asked:
                walls[index] = SURFACES[name].absorption
    return (*walls, surface["floor"], surface["ceiling"])


def _areas(size_m: tuple[float, float, float]) -> NDArray[np.float64]:
    length, width, height = size_m
    return np.array([length * height] * 2 + [width * height] * 2 + [length * width] * 2)


def _eyring(size_m: tuple[float, float, float], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    # Eyring (1930) with the air's absorption: T = 0.161 V / (-S ln(1 - a) + 4 m V).
    volume, surface = math.prod(size_m), _areas(size_m).sum()
    air = 4 * np.array(AIR_DB_M) / (10 / math.log(10)) * volume
    return 0.161 * volume / (-surface * np.log(1 - np.clip(mean, 0, 0.99)) + air)


def _indoors(
    size_m: tuple[float, float, float], sides: tuple[Bands, ...], furnished: float, rt60_s: float | None
) -> tuple[tuple[Bands, ...], NDArray[np.float64]]:
    # Absorption of the six sides with the furniture spread over them, and the reverberation times that follow.
    areas = _areas(size_m)
    alpha = np.array(sides)
    furniture = furnished * areas[4] * np.array(SURFACES["upholstery"].absorption)
    alpha = np.minimum(alpha + furniture / areas.sum(), np.maximum(alpha, 0.99))
    mean = areas @ alpha / areas.sum()
    times = _eyring(size_m, mean)
    if rt60_s is not None:
        asked = 1 - math.exp(-0.161 * math.prod(size_m) / (areas.sum() * rt60_s))
        alpha = np.minimum(alpha * asked / mean[_MID].mean(), 0.99)
        # The bands keep half of their difference (in octaves), so that the room rings as long as was asked.
        times = rt60_s * np.sqrt(times / times[_MID].mean())
        times *= rt60_s / times[_MID].mean()
    return tuple(tuple(row) for row in alpha.tolist()), times


def _placed(acoustics: Acoustics, text: str, space: Space) -> Room:
    # The space with its usual or asked size, surfaces and furniture.
    scale = math.prod(_words_in(text, spaces.SIZE_WORDS))
    length, width, height = acoustics.size_m or tuple(side * scale for side in space.size_m)
    size_m = (length, width, height)
    said = " ".join([text, *acoustics.surfaces]).lower()
    walls = _sides(space, _surfaces(said))
    stretch = math.prod(_words_in(text, spaces.TIME_WORDS))
    asked_s = acoustics.rt60_s or None
    if space.walls == "open":
        # Leaves and air take the highs: a mild tilt over the bands, as forest measurements show.
        usual_s, tail_db = space.tail or (0.0, _ASKED_OUTDOORS_DB if asked_s else -math.inf)
        times = (asked_s or usual_s * stretch) * np.array([0.9, 1.0, 1.0, 1.0, 0.85, 0.6, 0.4])
        reach_m = 1.0
    else:
        furnished = (*_words_in(said, spaces.FURNISHED_WORDS), space.furnished)[0]
        if asked_s is None and stretch != 1:
            asked_s = stretch * float(_indoors(size_m, walls, furnished, None)[1][_MID].mean())
        walls, times = _indoors(size_m, walls, furnished, asked_s)
        # Diffuse-field energy over direct energy at 1 m is 16 pi / A, and A = 0.161 V / T (Sabine).
        tail_db = 10 * math.log10(16 * math.pi * times[_MID].mean() / (0.161 * math.prod(size_m)))
        reach_m = max(size_m)
    a, b, c, d, e, f, g = times.tolist()
    return Room(
        size_m=size_m,
        walls=walls,
        rt60_s=(a, b, c, d, e, f, g),
        tail_db=tail_db,
        echoes=space.echoes,
        wet_db=_MICROPHONE_DB,
        reach_m=reach_m,
    )


@lru_cache(maxsize=64)
def _resolve(acoustics_json: str) -> Room:
    acoustics = Acoustics.model_validate_json(acoustics_json)
    text = (acoustics.space or "").lower()
    room = _placed(acoustics, text, _space(text))
    if acoustics.rt60_s == 0:
        return replace(room, walls=(OPEN,) * 6, rt60_s=(0.0,) * len(BANDS_HZ), tail_db=-math.inf, echoes=())
    if acoustics.distance_m is None:
        return room
    # In the open a place answers the sound where it is heard; listening from afar adds no more of it.
    most = 1.0 if room.reach_m == 1 else 4.0
    nearness = min(most, max(0.25, acoustics.distance_m / _USUAL_DISTANCE_M))
    return replace(room, wet_db=room.wet_db + 20 * math.log10(nearness))


def resolve(acoustics: Acoustics) -> Room:
    """The room that these words and numbers mean; numbers win over words, words over what is usual."""
    return _resolve(acoustics.model_dump_json())


def _images(room: Room, rng: np.random.Generator) -> tuple[NDArray[np.float64], ...]:
    # Image sources of a box up to _MAX_ORDER: order, extra delay (s), amplitude re 1 m, lateral direction -1..1.
    length, width, height = room.size_m
    box = np.array([width, length, height])
    ear = box * [0.46, 0.38, 0.0] + [0, 0, min(1.5, 0.55 * height)]
    ear[:2] *= 1 + rng.uniform(-0.04, 0.04, 2)
    away = min(_USUAL_DISTANCE_M, 0.35 * length)
    source = ear + np.array([0.05 * width, away, -0.1 * ear[2]])
    steps = np.arange(-_MAX_ORDER // 2, _MAX_ORDER // 2 + 1)
    n = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 1, 3)
    p = np.stack(np.meshgrid([0, 1], [0, 1], [0, 1], indexing="ij"), -1).reshape(1, -1, 3)
    near, far = np.abs(n - p).reshape(-1, 3), (np.abs(n) + 0 * p).reshape(-1, 3)
    order = (near + far).sum(axis=1)
    keep = (order > 0) & (order <= _MAX_ORDER)
    path = ((1 - 2 * p) * source + 2 * n * box).reshape(-1, 3)[keep] - ear
    distance = np.linalg.norm(path, axis=1)
    rho = np.sqrt(1 - np.array(room.walls)[:, 3])
    hits = np.stack([near[keep], far[keep]], -1).reshape(-1, 6)
    amplitude = np.prod(rho**hits, axis=1) / distance
    delay_s = (distance - np.linalg.norm(source - ear)) / SPEED_OF_SOUND_M_S
    heard = amplitude > 1e-4
    return order[keep][heard], delay_s[heard], amplitude[heard], (path[:, 0] / distance)[heard]


def _minimum_phase(magnitudes: NDArray[np.float64]) -> NDArray[np.float32]:
    # A causal filter with these band gains: fold the cepstrum (Oppenheim and Schafer, 12.5); nothing rings early.
    size = 4 * _TAPS
    freq = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
    level = np.interp(np.log2(np.maximum(freq, 20.0)), np.log2(BANDS_HZ), np.log(np.maximum(magnitudes, 1e-4)))
    cepstrum = np.fft.irfft(level)
    cepstrum[1 : size // 2] *= 2
    cepstrum[size // 2 + 1 :] = 0
    taps = np.fft.irfft(np.exp(np.fft.rfft(cepstrum)))[:_TAPS]
    return (taps * np.hanning(2 * _TAPS)[_TAPS:]).astype(np.float32)


def _add_reflections(out: Samples, room: Room, mixing_s: float, rng: np.random.Generator) -> None:
    order, delay_s, amplitude, lateral = _images(room, rng)
    areas = _areas(room.size_m)[:, None] * (np.array(room.walls).min(axis=1) < 1)[:, None]
    mean = (areas * np.array(room.walls)).sum(axis=0) / max(1e-9, float(areas.sum()))
    tilt = np.sqrt((1 - np.minimum(mean, 0.99)) / (1 - min(mean[3], 0.99)))
    colours = {int(n): _minimum_phase(tilt**n) for n in np.unique(order)}
    # Reflections hand over to the tail around the mixing time, their powers adding to one.
    fade = np.sqrt(np.clip(1.5 - delay_s / mixing_s, 0, 1)) if room.mid_rt60_s else np.ones(len(order))
    angle = (lateral + 1) * (math.pi / 4)
    for side, pan, sign in ((0, np.cos(angle), 1.0), (1, np.sin(angle), -1.0)):
        at = np.rint((delay_s + sign * lateral * _EAR_DELAY_S) * SAMPLE_RATE).astype(np.int64)
        for k in np.flatnonzero((at > 0) & (at < out.shape[1] - _TAPS) & (fade > 0)):
            out[side, at[k] : at[k] + _TAPS] += np.float32(amplitude[k] * pan[k] * fade[k]) * colours[int(order[k])]


def _add_tail(out: Samples, room: Room, mixing_s: float, rng: np.random.Generator) -> None:
    # Two channels of unrelated noise, split into octave bands whose weights add to one in power, each with its decay.
    n = out.shape[1]
    size = 1 << (n - 1).bit_length()
    spectrum = np.fft.rfft(rng.standard_normal((2, size), dtype=np.float32))
    octave = np.log2(np.maximum(np.fft.rfftfreq(size, 1 / SAMPLE_RATE), 1.0) / BANDS_HZ[0])
    t_s = np.arange(n, dtype=np.float32) / SAMPLE_RATE
    rise = np.sqrt(np.clip(t_s / mixing_s - 0.5, 0, 1))
    # The energy of exp(-2 a t) is 1 / (2 a): the tail's first amplitude follows from its energy. Half for each channel.
    start = math.sqrt(10 ** (room.tail_db / 10) * 2 * _DECAY / room.mid_rt60_s / SAMPLE_RATE / 2)
    last = len(BANDS_HZ) - 1
    for band, rt60_s in enumerate(room.rt60_s):
        place = np.clip(octave, 0, last) - band
        weight = np.cos(np.clip(place, -1, 1) * (math.pi / 2)) * np.clip(octave + 2, 0, 1)  # nothing under 31 Hz
        noise = np.fft.irfft(spectrum * weight.astype(np.float32))[:, :n]
        out += noise * (rise * np.float32(start) * np.exp(np.float32(-_DECAY / rt60_s) * t_s))


def _add_echoes(out: Samples, room: Room, rng: np.random.Generator) -> None:
    for echo in room.echoes:
        spread = max(8, round(echo.spread_ms * SAMPLE_RATE / 1000))
        size = spread + _TAPS
        burst = np.zeros(size)
        burst[rng.integers(0, spread, 40)] = rng.normal(0, 1, 40)
        burst *= np.exp(-3 * np.arange(size) / spread)
        # Two one-pole low-passes of this cutoff: what the far wall and the way there and back leave of the highs.
        magnitudes = 1 / (1 + (np.array(BANDS_HZ) / echo.cutoff_hz) ** 2)
        burst = np.convolve(burst / math.sqrt(float(burst @ burst)), _minimum_phase(magnitudes))
        angle = (echo.azimuth + 1) * (math.pi / 4)
        gain = 10 ** ((echo.level_db - _MICROPHONE_DB) / 20)  # levels of echoes are as heard
        at = round(echo.delay_s * SAMPLE_RATE)
        for side, pan in ((0, math.cos(angle)), (1, math.sin(angle))):
            shift = at + int(rng.integers(0, 20))
            out[side, shift : shift + len(burst)] += (gain * pan * burst).astype(np.float32)


@lru_cache(maxsize=8)
def impulse(room: Room, seed: int) -> Samples:
    """What the room adds to a sound at 1 m: float32 [2, n], n at most 6 s, read-only; [2, 0] for an anechoic one."""
    rng = np.random.default_rng([seed, 0x524F4F4D])
    last_echo_s = max((echo.delay_s + echo.spread_ms / 500 for echo in room.echoes), default=0.0)
    length_s = min(_MAX_LENGTH_S, max(max(room.rt60_s), last_echo_s, 0.08))
    out = np.zeros((2, round(length_s * SAMPLE_RATE)), np.float32)
    # Polack's mixing time: the square root of the volume, in milliseconds.
    mixing_s = min(0.08, max(0.008, math.sqrt(math.prod(room.size_m)) / 1000))
    _add_reflections(out, room, mixing_s, rng)
    if room.mid_rt60_s > 0:
        _add_tail(out, room, mixing_s, rng)
    _add_echoes(out, room, rng)
    ending = min(out.shape[1], SAMPLE_RATE // 50)
    out[:, out.shape[1] - ending :] *= np.linspace(1, 0, ending, dtype=np.float32)
    out *= np.float32(10 ** (room.wet_db / 20))
    if not out.any():
        out = out[:, :0]
    out.flags.writeable = False
    return out
