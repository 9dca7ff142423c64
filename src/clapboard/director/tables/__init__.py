"""What the director knows of English and of film making, as data. One subject per file."""


def word_set(words: str) -> frozenset[str]:
    """Words given as one text, with spaces between them."""
    return frozenset(words.split())
