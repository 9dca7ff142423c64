"""Finds what is said of the music and of background sounds: moods, instruments, tempo, key, level, and none at all."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from clapboard.director.facts import BedFact, MusicFact
from clapboard.director.known import Known
from clapboard.director.lexicon import Hit, by_word
from clapboard.director.read import Text, Token
from clapboard.director.tables import word_set
from clapboard.director.tables.grammar import ARTICLES, PRONOUNS
from clapboard.director.tables.music import (
    ALL_SOUND,
    BED_NOUNS,
    LEVELS_DB,
    MUSIC_NOUNS,
    MUSIC_VERBS,
    SILENCE,
    TEMPOS_BPM,
    WEAK_MOODS,
    WEAK_NOUNS,
)
from clapboard.director.words import stem

_NOUNS: Final = by_word({noun: noun in WEAK_NOUNS for noun in MUSIC_NOUNS})
_SILENCE: Final = by_word(dict.fromkeys(SILENCE, True))
_ALL_SOUND: Final = by_word({word: word.startswith("mute") for word in ALL_SOUND})
_LEVELS: Final = {stem(word): level for word, level in LEVELS_DB.items()}
_TEMPOS: Final = {stem(word): tempo for word, tempo in TEMPOS_BPM.items()}
_VERBS: Final = frozenset(stem(verb) for verb in MUSIC_VERBS)
_BED_NOUNS: Final = frozenset(stem(noun) for noun in BED_NOUNS)
_LIGHT: Final = word_set("is are start starts begin begins")
_LEVEL_RANGE_DB: Final = (-24.0, 8.0)


def find_music(text: Text, known: Known, taken: frozenset[int]) -> list[MusicFact]:
    """All that is said of the music, in text order of each kind."""
    instruments = known.instruments.find(text, taken)
    instruments = [hit for hit in instruments if not _is_verb(text, hit.start)]
    nouns = [hit for hit in _NOUNS.find(text, taken) if not set(hit.words) & {i for h in instruments for i in h.words}]
    core = frozenset(index for hit in (*instruments, *nouns) for index in hit.words)
    facts = [MusicFact(words=frozenset(hit.words), instrument=hit.meaning, denied=hit.negated) for hit in instruments]
    facts += [MusicFact(words=frozenset(hit.words), asked=not hit.meaning, denied=hit.negated) for hit in nouns]
    facts = [_described(text, fact, core, taken) for fact in facts]
    used = frozenset(index for fact in facts for index in fact.words)
    for hit in known.moods.find(text, taken):
        beside = any(abs(index - other) <= 2 for index in hit.words for other in core)
        first = text.at(hit.start)
        if first is None or (first.word in WEAK_MOODS and len(hit.words) == 1 and not beside):
            continue
        if len(hit.words) == 1 and first.word not in known.moods.words:
            continue  # "embers float" is not "floating"
        if not hit.negated:
            facts.append(MusicFact(words=frozenset(hit.words), mood=hit.meaning))
    silences = _SILENCE.find(text, taken | used)
    facts += [MusicFact(words=frozenset(hit.words), asked=False, denied=True) for hit in silences]
    if any(fact.asked for fact in facts):
        facts += _tempo_and_key(text)
    return facts


def _is_verb(text: Text, index: int) -> bool:
    """Whether a name of an instrument is what something does here: "it drums"."""
    before = text.at(index - 1)
    return before is not None and before.word in PRONOUNS


def _described(text: Text, fact: MusicFact, core: frozenset[int], taken: frozenset[int]) -> MusicFact:
    """The fact with the level and the tempo that the words next to it give."""
    words, level_db, tempo_bpm = set(fact.words), 0.0, None
    for token in (
        *_beside(text.before(min(fact.words)), taken | core),
        *_beside(text.after(max(fact.words)), taken | core),
    ):
        if token.stem in _LEVELS:
            level_db += _LEVELS[token.stem]
        elif token.stem in _TEMPOS:
            tempo_bpm = _TEMPOS[token.stem]
        elif token.stem not in _VERBS:
            continue
        words.add(token.index)
    low, high = _LEVEL_RANGE_DB
    level = max(low, min(high, level_db)) if level_db else None
    return replace(fact, words=frozenset(words), level_db=level, tempo_bpm=tempo_bpm)


def _beside(tokens: Iterable[Token], taken: frozenset[int]) -> Iterator[Token]:
    """The next content words, through articles and up to two adjectives, within the clause."""
    seen = 0
    for token in tokens:
        if token.kind == "mark" or token.index in taken or seen == 2:
            return
        if token.is_content:
            seen += 1
            yield token
        elif token.word not in ARTICLES | {"very", "is", "are", "plays", "playing", "of"}:
            return


def _tempo_and_key(text: Text) -> Iterator[MusicFact]:
    """ "At 90 bpm", "in D minor", and a clause of nothing but "slow"."""
    for token in text.tokens:
        clause = [other for other in text.clause(token.index) if other.is_content]
        if token.stem in _TEMPOS and all(other.stem in _TEMPOS for other in clause):
            yield MusicFact(words=frozenset({token.index}), tempo_bpm=_TEMPOS[token.stem])
        before = text.at(token.index - 1)
        if token.word in ("bpm", "beats") and before is not None and before.number and 30 <= before.number <= 240:
            yield MusicFact(words=frozenset({before.index, token.index}), tempo_bpm=before.number)
        if token.word not in ("major", "minor") or before is None:
            continue
        accidental = before.word if before.word in ("sharp", "flat") else ""
        tonic = text.at(before.index - 1) if accidental else before
        if tonic is not None and re.fullmatch("[a-g]", tonic.word):
            sign = {"sharp": "#", "flat": "b", "": ""}[accidental]
            words = frozenset({tonic.index, before.index, token.index, *_key_words(text, tonic.index)})
            yield MusicFact(words=words, key=f"{tonic.word.upper()}{sign} {token.word}")


def _key_words(text: Text, tonic: int) -> Iterator[int]:
    """ "In the key of" in front of a key."""
    for token in text.before(tonic):
        if token.word not in ("in", "the", "key", "of"):
            return
        yield token.index


def find_beds(text: Text, known: Known, taken: frozenset[int], describing: frozenset[int]) -> list[BedFact]:
    """Background sounds asked for or denied by name, in text order.

    `describing` tokens may stand within a name: "rain drums on the roof" is "rain on the roof".
    """
    facts: list[BedFact] = []
    for hit in bed_hits(text, known, taken, describing):
        words, level_db = set(hit.words), 0.0
        words.update(token.index for token in text.after(hit.last, 1) if token.stem in _BED_NOUNS)
        for token in _beside(text.before(hit.start), taken | describing):
            if token.stem not in _LEVELS:
                break
            level_db += _LEVELS[token.stem]
            words.add(token.index)
        facts.append(BedFact(words=frozenset(words), bed=hit.meaning, level_db=level_db, denied=hit.negated))
    return facts


def bed_hits(text: Text, known: Known, taken: frozenset[int], describing: frozenset[int]) -> list[Hit[str]]:
    """Names of background sounds, also with `describing` tokens and light verbs within them."""
    bare = (token for token in text.tokens if token.index not in describing and token.word not in _LIGHT)
    return known.beds.find(Text(tuple(bare)), taken)


def find_silence(text: Text) -> frozenset[int]:
    """Tokens that switch all sound off: "no sound", "muted"; empty when none do."""
    return frozenset(index for hit in _ALL_SOUND.find(text) if hit.negated or hit.meaning for index in hit.words)
