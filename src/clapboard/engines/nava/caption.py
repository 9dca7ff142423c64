"""A Timeline as the model reads it: one dense paragraph per shot.

    print(caption(timeline))

Scene, what moves in order of time, camera, sound; spoken words stand between `<S>` and `<E>` in their own language. A
film of one shot, and a shot in which nothing is listed, open with the prompt as it was written. The phrases around it
are Chinese when the prompt is, because the model was trained on Chinese captions, else English. Imports no torch.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from clapboard.timeline import Action, Camera, Line, Move, Music, Shot, Timeline, Weather

VOICE_MARK: Final = "<extra_id_2>"
"""Follows the `<S>` of a spoken span; its row of the context is where the voice is written."""
ANYWHERE: Final = "anywhere"
"""The director's place when the prompt names none."""
NO_SPEECH: Final = "画面中没有人物对白，也没有任何旁白。"
"""Ends the release's captions without speech, word for word."""
NEGATIVE: Final = (
    "色调艳丽，过曝，静态，细节模糊不清，字幕，风格，作品，画作，画面，静止，整体发灰，最差质量，低质量，JPEG压缩残留，丑陋的，残缺的，"
    "多余的手指，画得不好的手部，画得不好的脸部，畸形的，毁容的，形态畸形的肢体，手指融合，静止不动的画面，杂乱的背景，三条腿，"
    "背景人很多，倒着走, 音频带有机械音、闷糊、回音、失真、电流声、爆音、杂音"
)
NEGATIVE_SOUND: Final = "机械音、闷糊、回音、失真、电流声、爆音、杂音"

Language = Literal["en", "zh"]
Sounds = Literal["all", "speech", "rest"]
"""Which sounds the caption asks for: all of them, the spoken lines alone, or everything else."""

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "scene": "The scene is {}.", "dawn": "at dawn", "day": "by day", "dusk": "at dusk", "night": "at night",
        "spring": "in spring", "summer": "in summer", "autumn": "in autumn", "winter": "in winter",
        "rain": "rain", "snow": "snowfall", "fog": "fog", "wind": "wind", "clouds": "clouds", "aurora": "aurora",
        "light": "light {}", "plain": "{}", "heavy": "heavy {}", "there": "There: {}.", "at": "{} at {}",
        "time": "At {} s", "does": "{} the {} {}", "onto": " onto {}", "of": " ({})", "hard": ", hard",
        "soft": ", softly", "wide": "Wide shot", "medium": "Medium shot", "close": "Close-up", "focus": " of {}",
        "push_in": "pushes in", "pull_out": "pulls out", "pan_left": "pans left", "pan_right": "pans right",
        "tilt_up": "tilts up", "tilt_down": "tilts down", "handheld": "is handheld", "camera": "the camera {}",
        "slow": " slowly", "fast": " fast", "sound": "Sound: {}.", "room": "with the echo of a {}", "music": "{} music",
        "with": " with {}", "tempo": " at {} beats a minute", "rising": ", growing", "falling": ", fading",
        "says": "{} the {} says{}{}: {}", "how": " ({})", "in": " in {}", "voice": " (voice: {}) ",
        "join": ", ", "end": ". ", "stop": ".",
    },
    "zh": {
        "scene": "场景是{}。", "dawn": "黎明", "day": "白天", "dusk": "黄昏", "night": "夜晚", "spring": "春天",
        "summer": "夏天", "autumn": "秋天", "winter": "冬天", "rain": "雨", "snow": "雪", "fog": "雾",
        "wind": "风", "clouds": "云", "aurora": "极光", "light": "小{}", "plain": "{}", "heavy": "大{}",
        "there": "画面中有：{}。", "at": "{}（在{}）", "time": "第{}秒", "does": "{}，{} {}",
        "onto": "，落在{}上", "of": "（{}）", "hard": "，用力", "soft": "，轻轻地", "wide": "远景",
        "medium": "中景", "close": "特写", "focus": "（{}）", "push_in": "推近", "pull_out": "拉远",
        "pan_left": "向左摇", "pan_right": "向右摇", "tilt_up": "向上摇", "tilt_down": "向下摇",
        "handheld": "手持拍摄", "camera": "镜头{}", "slow": "（缓慢）", "fast": "（快速）",
        "sound": "声音：{}。", "room": "在{}中听到", "music": "{}的音乐", "with": "，乐器有{}",
        "tempo": "，每分钟{}拍", "rising": "，渐强", "falling": "，渐弱", "says": "{}，{}说{}{}：{}",
        "how": "（{}）", "in": "（{}）", "voice": "（声音：{}）", "join": "，", "end": "。", "stop": "。",
    },
}  # fmt: skip
_LANGUAGES: Final = {
    "en": "English",
    "zh": "Chinese",
    "fr": "French",
    "de": "German",
    "es": "Spanish",
    "ja": "Japanese",
}
VOICE_FILES: Final = (".wav", ".flac", ".mp3", ".m4a", ".ogg", ".opus")
"""A line's `voice` that ends so is a recording to speak like; anything else is a word for the caption."""
_QUOTES: Final = "\"'“”‘’«»„「」『』"


@dataclass(frozen=True, slots=True)
class Caption:
    """The text for one shot, and the voice (as the Timeline names it) of each of its spoken spans, in order."""

    text: str
    voices: tuple[str | None, ...]


def caption(timeline: Timeline) -> str:
    """What the model will read, a paragraph per shot."""
    return "\n\n".join(shot_caption(timeline, index).text for index in range(len(timeline.shots)))


def shot_caption(timeline: Timeline, index: int, sounds: Sounds = "all", *, opens: bool = True) -> Caption:
    """The caption of one shot; it never opens with the prompt unless `opens`."""
    shot = timeline.shots[index]
    language: Language = "zh" if len(re.findall("[\u4e00-\u9fff]", timeline.prompt)) > 3 else "en"
    words = _WORDS[language]
    spoken = sorted(shot.lines, key=lambda line: line.at_s) if sounds != "rest" else []
    listed = bool(shot.cast or shot.actions or shot.lines)
    prompt = "" if not opens or (listed and len(timeline.shots) > 1) else " ".join(timeline.prompt.split())
    for line in shot.lines:
        prompt = _with_span(prompt, line, words, keep=sounds != "rest")
    lines = [_line(line, words) for line in spoken if f"<S>{_tidy(line.text)}<E>" not in prompt]
    parts = [
        _ended(prompt, words),
        *_scene(shot, bool(prompt), words),
        *_motion(shot, words),
        *_camera(shot.camera, words),
    ]
    if sounds != "speech":
        parts += _sound(shot, timeline.music, words)
    text = (" " if language == "en" else "").join(part for part in [*parts, *lines] if part)
    return _marked(text if "<S>" in text else text + NO_SPEECH, spoken)


def is_file(voice: str) -> bool:
    """Whether a line's voice is a recording."""
    return voice.lower().endswith(VOICE_FILES)


def _marked(text: str, lines: Sequence[Line]) -> Caption:
    """The text with a place for the voice in every span, and whose voice it is."""
    text = re.sub(f"<S>(?:{re.escape(VOICE_MARK)})?", "<S>" + VOICE_MARK, text)
    left = list(lines)
    voices: list[str | None] = []
    for spoken in re.findall(f"<S>{re.escape(VOICE_MARK)}(.*?)(?:<E>|$)", text):
        line = next((line for line in left if _tidy(line.text) == _tidy(spoken)), None)
        voices.append(line.voice if line else None)
        left = [other for other in left if other is not line]
    return Caption(text, tuple(voices))


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _with_span(prompt: str, line: Line, words: dict[str, str], keep: bool) -> str:
    """The prompt with the first quotation of this line as a spoken span, or without it."""
    quoted = rf"[{_QUOTES}]{re.escape(_tidy(line.text))}([.,!?…。，！？]?)[{_QUOTES}]"
    span = _voice(line, words).lstrip() + f"<S>{_tidy(line.text)}<E>" if keep else ""
    return re.sub(quoted, span.replace("\\", r"\\"), prompt, count=1)


def _voice(line: Line, words: dict[str, str]) -> str:
    """A voice that is described, not recorded."""
    return words["voice"].format(_plain(line.voice)) if line.voice and not is_file(line.voice) else ""


def _ended(text: str, words: dict[str, str]) -> str:
    return text if not text or text[-1] in ".!?。！？>" else text + words["stop"]


def _plain(name: str) -> str:
    """A name of the Timeline as words: `glass_ball` is a glass ball."""
    return name.replace("_", " ")


def _verb(name: str) -> str:
    """An English doing in the third person: drop, drops; fly, flies."""
    plain = _plain(name)
    if not plain.isascii():
        return plain
    first, *rest = plain.split(" ")
    ending = re.sub(r"([^aeiou])y$", r"\1ies", first)
    ending = ending if ending != first else first + ("es" if re.search("(s|x|z|ch|sh)$", first) else "s")
    return " ".join([ending, *rest])


def _scene(shot: Shot, is_told: bool, words: dict[str, str]) -> list[str]:
    usual = Weather()
    weather = [
        words["light" if value < 0.35 else "plain" if value < 0.7 else "heavy"].format(words[kind])
        for kind, value in shot.weather.model_dump().items()
        if value > 0 and value != getattr(usual, kind)
    ]
    place = [] if shot.place == ANYWHERE else [_plain(shot.place)]
    season = [words[shot.season]] if shot.season else []
    members = [
        words["at"].format(name, _plain(member.at)) if member.at else name
        for member in shot.cast
        if (name := (f"{member.count} " if member.count > 1 else "") + _plain(member.thing))
    ]
    there = [words["there"].format(words["join"].join(members))] if members else []
    hour = [] if is_told and shot.hour == "day" else [words[shot.hour]]  # the usual hour says nothing of the prompt
    scene = [*place, *hour, *season, *weather]
    return [words["scene"].format(words["join"].join(scene)) if scene else "", *there]


def _motion(shot: Shot, words: dict[str, str]) -> list[str]:
    things = {member.id: _plain(member.thing) for member in shot.cast}

    def told(action: Action) -> str:
        onto = words["onto"].format(_plain(action.onto)) if action.onto else ""
        material = words["of"].format(action.material) if action.material else ""
        force = words["hard"] if action.force > 0.8 else words["soft"] if action.force < 0.3 else ""
        when = words["time"].format(f"{action.at_s:g}")
        return words["does"].format(when, things[action.who], _verb(action.does)) + onto + material + force

    return _sentences([told(action) for action in sorted(shot.actions, key=lambda a: a.at_s)], words)


def _sentences(parts: list[str], words: dict[str, str]) -> list[str]:
    return [words["end"].join(parts) + words["stop"]] if parts else []


def _camera(camera: Camera, words: dict[str, str]) -> list[str]:
    focus = words["focus"].format(_plain(camera.focus)) if camera.focus else ""

    def told(move: Move) -> str:
        speed = words["slow"] if move.amount < 0.4 else words["fast"] if move.amount > 0.7 else ""
        return words["camera"].format(words[move.kind] + (speed if move.kind != "handheld" else ""))

    moves = words["join"].join(told(move) for move in camera.moves)
    return _sentences([words["join"].join(part for part in (words[camera.framing] + focus, moves) if part)], words)


def _sound(shot: Shot, music: Music | None, words: dict[str, str]) -> list[str]:
    heard = [_plain(bed.bed) for bed in shot.ambience]
    space = ", ".join(part for part in (shot.acoustics.space or "", *shot.acoustics.surfaces) if part)
    heard += [words["room"].format(_plain(space))] if space else []
    heard += [_music(music, words)] if music else []
    return [words["sound"].format(words["join"].join(heard))] if heard else []


def _music(music: Music, words: dict[str, str]) -> str:
    instruments = words["with"].format(words["join"].join(map(_plain, music.instruments))) if music.instruments else ""
    tempo = words["tempo"].format(f"{music.tempo_bpm:g}") if music.tempo_bpm else ""
    rise = music.arc[-1][1] - music.arc[0][1] if music.arc else 0.0
    course = words["rising"] if rise > 0.2 else words["falling"] if rise < -0.2 else ""
    return words["music"].format(_plain(music.mood)) + instruments + tempo + course


def _line(line: Line, words: dict[str, str]) -> str:
    how = words["how"].format(line.delivery) if line.delivery else ""
    name = _LANGUAGES.get(line.lang, line.lang)
    language = words["in"].format(name) if line.lang != "en" else ""
    span = _voice(line, words).lstrip() + f"<S>{_tidy(line.text)}<E>"
    return words["says"].format(words["time"].format(f"{line.at_s:g}"), _plain(line.who), how, language, span)
