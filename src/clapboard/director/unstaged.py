"""Says which words of a prompt are neither shown nor sounded, and why. Each content word is understood or is here."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, dropwhile, zip_longest
from typing import Final

from clapboard.director.facts import Missed, SceneFacts
from clapboard.director.happen import spoken
from clapboard.director.known import Known
from clapboard.director.read import Text, Token
from clapboard.director.scenes import words_of
from clapboard.director.tables.grammar import ARTICLES, PRONOUNS
from clapboard.director.tables.manner import ADJECTIVES, ALWAYS_THERE, COMMON_VERBS, STYLES
from clapboard.director.tables.rooms import BUILT, LANDINGS
from clapboard.director.tables.speech import TALK_STEMS
from clapboard.director.words import singular, stem_set
from clapboard.timeline import Unstaged

_VERBS: Final = stem_set(" ".join(COMMON_VERBS))
_ADJECTIVE_ENDINGS: Final = ("ic", "al", "ful", "ous", "ive", "less", "ish", "able", "ible", "ed", "ing", "ary", "y")
_SPEECH: Final = "speech is not synthesized yet"
# Words of one reason this close together make one entry ("gulls" and "cry" in "gulls that cry").
_JOIN_TOKENS: Final = 2
_LONGEST_PHRASE: Final = 5  # longer runs of unknown words are another language, not one noun with its verb


def unstaged(prompt: str, text: Text, facts: SceneFacts, known: Known, missed: Sequence[Missed]) -> list[Unstaged]:
    """What of one shot's text is not staged, in text order."""
    missed = [*missed, *_lines(facts), *_only_heard(facts)]
    understood = facts.understood | _staged(facts) | words_of(missed)
    missed += _leftovers(text, facts, known, understood)
    entries = sorted(chain.from_iterable(_entries(prompt, text, fact) for fact in missed), key=lambda entry: entry[0])
    return list(dict.fromkeys(entry for _, entry in entries))


def _staged(facts: SceneFacts) -> frozenset[int]:
    kinds = (facts.hours, facts.seasons, facts.weather, facts.changes, facts.things, facts.doings, facts.beds)
    return words_of(*kinds, facts.music, facts.camera, facts.lines, facts.lengths, [facts.room] if facts.room else [])


def _lines(facts: SceneFacts) -> Iterator[Missed]:
    for line in facts.lines:
        yield Missed(words=frozenset({line.at}), reason=_SPEECH)


def _only_heard(facts: SceneFacts) -> Iterator[Missed]:
    """Spaces that give the sound its room and are not shown."""
    hidden = facts.room.only_heard - facts.understood if facts.room else frozenset[int]()
    if hidden:
        yield Missed(words=hidden, reason="heard as the room; the engine has no such place to show")


def _leftovers(text: Text, facts: SceneFacts, known: Known, understood: frozenset[int]) -> Iterator[Missed]:
    """Runs of content words that nothing was read from."""
    elsewhere = {index for hit in known.places.find(text) for index in hit.words}
    run: list[Token] = []
    for token in text.tokens:
        left = token.is_content and token.index not in understood and token.word not in ALWAYS_THERE
        if run and not (left and token.index == run[-1].index + 1 and _same_kind(token, run[-1], elsewhere)):
            yield _leftover(text, facts, known, run, elsewhere)
            run = []
        if left:
            run.append(token)
    if run:
        yield _leftover(text, facts, known, run, elsewhere)


def _same_kind(a: Token, b: Token, elsewhere: set[int]) -> bool:
    return (a.kind == b.kind or b.kind == "number") and (a.index in elsewhere) == (b.index in elsewhere)


def _leftover(text: Text, facts: SceneFacts, known: Known, run: Sequence[Token], elsewhere: set[int]) -> Missed:
    words = {token.index for token in run}
    number = text.at(run[0].index - 1)
    if number is not None and number.number is not None:
        words.add(number.index)
    other_place = f"this shot is at the {spoken(facts.place)}" if run[0].index in elsewhere else None
    return Missed(words=frozenset(words), reason=other_place or _reason(text, facts, known, run))


def _reason(text: Text, facts: SceneFacts, known: Known, run: Sequence[Token]) -> str:
    """Why this run is not staged."""
    if any(token.kind == "foreign" for token in run):
        return "only English is read yet"
    if run[0].kind == "sign":
        return "this sign is not read yet"
    if any(token.stem in TALK_STEMS for token in run):
        return _SPEECH
    if all(token.word in STYLES for token in run):
        return "styles of picture are not chosen by words yet"
    doer = _doer(text, facts, run[0])
    thing = known.vocabulary.thing(doer) if doer else None
    if thing is not None and thing.doings:
        return f"the {spoken(thing.name)} cannot do this; it can {', '.join(spoken(doing) for doing in thing.doings)}"
    noun = _head(text, run)
    if noun is not None and not known.things.find(Text((noun,))):  # "stone" may be a thing, and here a material
        return f"the engine has no {singular(noun.word)}"
    if all(token.word in ADJECTIVES or token.word in LANDINGS for token in run):
        return "how things look is not chosen by words yet"
    return "no known word"


def _head(text: Text, run: Sequence[Token]) -> Token | None:
    """The noun that a run is about: the last word before its verb, when it stands where nouns stand."""
    head: Token | None = None
    for token, following in zip_longest(run, run[1:]):
        of_it = token.word in LANDINGS and following is not None and singular(following.word) in BUILT
        if token.word in ADJECTIVES or token.word.endswith("ly") or of_it:
            continue
        if head is not None and (token.stem in _VERBS or _follows_as_verb(head, token)):
            break
        head = token
    before = text.at(run[0].index - 1)
    if head is None or head.kind != "word" or len(run) > _LONGEST_PHRASE or _describes(text, run[-1]):
        return None
    if len(run) == 1 and head.word.endswith(("ing", "ed")) and (before is None or before.word not in ARTICLES):
        return None
    subject = before is None or before.kind == "mark" or not before.is_content or before.number is not None
    return head if subject or len(run) > 1 else None


def _describes(text: Text, token: Token) -> bool:
    """Whether a word stands right in front of a noun that is staged: "wooden" in "a wooden table"."""
    following = text.at(token.index + 1)
    shaped = token.word in LANDINGS or token.word.endswith(_ADJECTIVE_ENDINGS)
    return shaped and following is not None and following.is_content and not following.word.endswith("ly")


def _follows_as_verb(noun: Token, token: Token) -> bool:
    """Whether a word behind a noun looks like its verb: "owl hoots", "door slamming"; not "street lamp"."""
    third_person = token.word.endswith("s") and not token.word.endswith("ss") and not noun.word.endswith("s")
    return third_person or token.word.endswith(("ing", "ed"))


def _doer(text: Text, facts: SceneFacts, verb: Token) -> str | None:
    """The thing of which this is said, if it looks like a verb: right in front, or before "then" and pronouns."""
    if verb.word in ADJECTIVES:
        return None
    inflected = verb.word.endswith(("s", "ing", "ed"))
    names = {fact.head: fact.thing for fact in facts.things}
    far = False
    for distance, token in enumerate(text.before(verb.index)):
        joins = token.word in PRONOUNS or token.word == "then"
        joins = joins or (verb.stem in _VERBS and inflected and token.text in ("and", ","))
        far = far or (distance == 0 and joins)
        if token.word == "and" and not far:
            return None
        if token.index in names and (inflected or far):
            return names[token.index]
        if token.sentence != verb.sentence or (not far and (token.kind == "mark" or token.is_content)):
            return None
    return None


def _entries(prompt: str, text: Text, fact: Missed) -> Iterator[tuple[int, Unstaged]]:
    """One entry for each group of words that stand together."""
    for group in _groups(sorted(fact.words)):
        tokens = [token for token in map(text.at, group) if token is not None]
        tokens = list(dropwhile(lambda token: token.word in ARTICLES, tokens))
        if not tokens:
            continue
        said = (
            tokens[0].text.strip().rstrip(",")
            if tokens[0].kind == "quote"
            else prompt[tokens[0].start : tokens[-1].end]
        )
        yield tokens[0].index, Unstaged(text=" ".join(said.split()), reason=fact.reason)


def _groups(indices: Iterable[int]) -> list[list[int]]:
    groups: list[list[int]] = []
    for index in indices:
        if groups and index - groups[-1][-1] <= _JOIN_TOKENS:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups
