"""Single words: folding, stems, singulars and near-miss spelling.

A stem is a key for comparing, not a dictionary form: "dropping", "drops" and "dropped" share one.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from clapboard.director.tables.irregular import IRREGULAR, LOOKALIKES, MISSPELLINGS

_VOWEL = re.compile("[aeiouy]")


def fold(word: str) -> str:
    """Lower case without accents: "Café" -> "cafe"."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The key of a folded word; all inflections of a word share it."""
    base = IRREGULAR.get(word)
    if base == word:
        return word
    word = base or word
    for ending, instead in (("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", ""), ("s", "")):
        root = word.removesuffix(ending)
        if root == word or len(root) < 2 or word.endswith(("ss", "us", "eed", "is")):
            continue
        if instead or _VOWEL.search(root):
            word = root[:-1] if ending == "s" and root.endswith(("xe", "se", "ze", "che", "she")) else root + instead
            break
    word = word.removesuffix("e") if len(word) > 3 else word
    doubled = len(word) > 2 and word[-1] == word[-2] and word[-1] not in "aeiou"
    return word[:-1] if doubled else word


def stem_set(words: str) -> frozenset[str]:
    """Stems of words given as one text, with spaces between them."""
    return frozenset(stem(word) for word in words.split())


def singular(word: str) -> str:
    """A noun in the singular, for messages: "dogs" -> "dog", "foxes" -> "fox"."""
    word = IRREGULAR.get(word, word)
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ses", "zes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word


class Spelling:
    """Known words, found again when one letter is wrong, missing, added or swapped with its neighbour.

    Two words are that close when deleting one letter (or none) of each can make them equal. Short words are never
    corrected, because their neighbours are real words too (shore, snore); nor are wrong first letters (candle, handle).
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)
        self._stems = frozenset(stem(word) for word in self._known)
        self._near: dict[str, list[str]] = {}
        for word in sorted(self._known):
            if len(word) >= 5:
                for key in (word, *_deletions(word)):
                    self._near.setdefault(key, []).append(word)

    def correct(self, word: str) -> str:
        """The word itself, or the known word that it misspells."""
        if word in MISSPELLINGS:
            return MISSPELLINGS[word]
        if len(word) < 5 or stem(word) in self._stems or word in LOOKALIKES:
            return word
        for key in (word, *_deletions(word)):
            for known in self._near.get(key, ()):
                if _misspells(word, known):
                    return known
        return word


def _deletions(word: str) -> list[str]:
    return [word[:i] + word[i + 1 :] for i in range(len(word))]


def _misspells(word: str, known: str) -> bool:
    if word[0] != known[0]:
        return False
    if len(word) == len(known):
        return sorted(word) == sorted(known) or len(word) >= 7
    return min(len(word), len(known)) >= 6
