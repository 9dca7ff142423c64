"""Clapboard: a prompt becomes one film with its sound.

import clapboard
film = clapboard.generate("rain on a night window, soft piano, far thunder", "film.mp4")
"""

__version__ = "0.1.0"
