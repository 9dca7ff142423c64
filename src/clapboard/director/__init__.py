"""The director: a prompt in plain English becomes a Timeline, in the words that an engine knows.

Read in this order: `direct.py` (the story), `read.py` (text -> tokens), `cuts.py` (tokens -> shots), `scenes.py` (a
shot's tokens -> facts; each kind of fact has its own file, and its words are data in `tables/`), `arrange.py` (facts ->
Timeline).
"""

from clapboard.director.direct import Options, direct
from clapboard.director.room import read_room

__all__ = ["Options", "direct", "read_room"]
