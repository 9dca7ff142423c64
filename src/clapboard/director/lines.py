"""Finds spoken lines: the words in quotes, who says them, how, and in which language."""

from typing import Final

from clapboard.director.facts import LineFact, Missed
from clapboard.director.lexicon import by_word
from clapboard.director.read import Text, Token
from clapboard.director.tables.grammar import ARTICLES, PREPOSITIONS, PRONOUNS
from clapboard.director.tables.speech import (
    DELIVERIES,
    LANGUAGES,
    SCRIPTS,
    SPEECH_VERBS,
    WRITTEN_STEMS,
)
from clapboard.director.words import stem

_VERBS: Final = {stem(verb): delivery for verb, delivery in SPEECH_VERBS.items()}
_DELIVERIES: Final = by_word(DELIVERIES)
_LANGUAGES: Final = by_word(LANGUAGES)
# "Says the very old man with the lamp": words around a quotation that may tell of its speaker.
_REACH: Final = 8
_NOBODY: Final = "voice"


def find_lines(text: Text) -> tuple[list[LineFact], list[Missed]]:
    """Spoken lines in text order, and quotations that are written somewhere rather than spoken."""
    lines: list[LineFact] = []
    missed: list[Missed] = []
    for token in text.tokens:
        if token.kind != "quote":
            continue
        if _is_written(text, token):
            announced = [near.index for near in text.before(token.index, 3) if near.stem in WRITTEN_STEMS]
            words = frozenset({token.index, *announced})
            missed.append(Missed(words=words, reason="written words are not drawn yet"))
        else:
            lines.append(_line(text, token))
    return lines, missed


def _is_written(text: Text, quote: Token) -> bool:
    before = [token.stem for token in text.before(quote.index, 3)]
    return bool(set(before) & WRITTEN_STEMS)


def _line(text: Text, quote: Token) -> LineFact:
    around = [*_reach(text, quote, before=False), *_reach(text, quote, before=True)]
    verb = next((token for token in around if token.stem in _VERBS), None)
    speaker = _speaker(text, quote, verb)
    near = Text(tuple(sorted(around, key=lambda token: token.index)))
    deliveries, languages = _DELIVERIES.find(near), _LANGUAGES.find(near)
    delivery = (_VERBS.get(verb.stem) if verb else None) or (deliveries[0].meaning if deliveries else None)
    used = {quote.index, *(index for hit in (*deliveries[:1], *languages[:1]) for index in hit.words)}
    used |= {verb.index} if verb else set()
    names = [token for token in speaker if token.word not in ARTICLES and token.index not in used]
    return LineFact(
        words=frozenset(used),
        text=" ".join(quote.text.split()).rstrip(","),
        at=quote.index,
        who=" ".join(token.text for token in names) or _NOBODY,
        lang=languages[0].meaning if languages else _language(quote.text),
        delivery=delivery,
    )


def _reach(text: Text, quote: Token, *, before: bool) -> list[Token]:
    """Words on one side of the quotation, nearest first, up to the end of the sentence or another quotation."""
    found: list[Token] = []
    for token in text.before(quote.index) if before else text.after(quote.index):
        closing = token.kind == "mark" and (token.text not in ",:" or len(found) > 1)
        if token.kind == "quote" or closing or len(found) == _REACH:
            break
        if token.kind != "mark":
            found.append(token)
    return found


def _speaker(text: Text, quote: Token, verb: Token | None) -> list[Token]:
    """The noun phrase that speaks: in front of the verb ("the man says"), else behind it ("says the man")."""
    if verb is None:
        label = text.at(quote.index - 1)
        return _phrase_before(text, label.index) if label is not None and label.text in (":", "：") else []
    found = _phrase_before(text, verb.index)
    if found or verb.index < quote.index:
        return found
    behind: list[Token] = []
    for token in text.after(verb.index):
        if not _is_name(token):
            break
        behind.append(token)
    return behind


def _phrase_before(text: Text, index: int) -> list[Token]:
    found: list[Token] = []
    for token in text.before(index):
        if not _is_name(token):
            break
        found.insert(0, token)
    return found


def _is_name(token: Token) -> bool:
    plain = token.kind in ("word", "foreign") and token.word not in PREPOSITIONS
    return (
        plain
        and (token.is_content or token.word in ARTICLES or token.word in PRONOUNS)
        and not token.word.endswith("ly")
    )


def _language(words: str) -> str:
    """The language of the first letter that is not Latin, else English."""
    for letter in words:
        for first, last, language in SCRIPTS:
            if first <= ord(letter) <= last:
                return language
    return "en"
