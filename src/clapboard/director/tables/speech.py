"""How spoken and written words are announced."""

from typing import Final

from clapboard.director.words import stem_set

SPEECH_VERBS: Final[dict[str, str | None]] = {
    "say": None,
    "ask": None,
    "reply": None,
    "answer": None,
    "add": None,
    "speak": None,
    "narrate": "narration",
    "announce": "announcement",
    "whisper": "whisper",
    "murmur": "murmur",
    "mutter": "murmur",
    "mumble": "murmur",
    "shout": "shout",
    "yell": "shout",
    "scream": "shout",
    "call": "call",
    "cry": "cry",
    "sing": "singing",
    "laugh": "laughing",
    "sob": "sobbing",
    "sigh": "sigh",
}
"""Verb -> the delivery that it names, none for a plain one."""

DELIVERIES: Final[dict[str, str]] = {
    "softly": "softly",
    "soft": "softly",
    "quietly": "quietly",
    "loudly": "loudly",
    "gently": "gently",
    "calmly": "calmly",
    "angrily": "angrily",
    "angry": "angrily",
    "sadly": "sadly",
    "sad": "sadly",
    "happily": "happily",
    "cheerfully": "cheerfully",
    "nervously": "nervously",
    "slowly": "slowly",
    "quickly": "quickly",
    "breathlessly": "breathlessly",
    "in a whisper": "whisper",
    "under his breath": "murmur",
    "under her breath": "murmur",
    "voice over": "narration",
}

LANGUAGES: Final[dict[str, str]] = {
    "in english": "en",
    "in french": "fr",
    "in german": "de",
    "in spanish": "es",
    "in italian": "it",
    "in portuguese": "pt",
    "in chinese": "zh",
    "in mandarin": "zh",
    "in japanese": "ja",
    "in korean": "ko",
    "in russian": "ru",
    "in arabic": "ar",
    "in hindi": "hi",
}
"""BCP 47 codes."""

SCRIPTS: Final[tuple[tuple[int, int, str], ...]] = (
    (0x0370, 0x03FF, "el"),
    (0x0400, 0x04FF, "ru"),
    (0x0590, 0x05FF, "he"),
    (0x0600, 0x06FF, "ar"),
    (0x0900, 0x097F, "hi"),
    (0x3040, 0x30FF, "ja"),
    (0x4E00, 0x9FFF, "zh"),
    (0xAC00, 0xD7AF, "ko"),
)
"""First and last code point of a Unicode block, and the language most often written in it."""

SPEECH_STEMS: Final = stem_set(" ".join(SPEECH_VERBS) + " narrator voice")
WRITTEN_STEMS: Final = stem_set("sign read reading title titled text caption written writing label letters word")
"""Before a quotation: it is written somewhere, not spoken."""

TALK_STEMS: Final = SPEECH_STEMS | stem_set(
    "talk chat chatter converse conversation dialogue dialog speech tell voiceover"
)
"""Words of a prompt that ask for speech without quoting it."""
