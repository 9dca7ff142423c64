"""The report: what is really in a finished film, measured by decoding it.

report.py   what is reported, in what words       review.py  one pass over the file, and the verdict
picture.py  frames: black, frozen, flicker        sound.py   loudness, peaks, silence, clipping
sync.py     planned cues against the sound        events.py  what moves against what sounds, without a plan
page.py     one HTML page
"""

from clapboard.quality.page import write_page
from clapboard.quality.report import Report
from clapboard.quality.review import review

__all__ = ["Report", "review", "write_page"]
