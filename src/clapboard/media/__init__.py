"""Films and stems as files: written whole or not at all, read back to the sample.

film.py   write a film, change its sound        live.py   stream one while it renders
probe.py  read back what is in a file           wav.py    stems as 24-bit WAV
codecs.py the two codecs and their settings     boxes.py  the layout of an MP4
files.py  targets, temporary names, text        image.py  frames as RGB and PNG
"""

from clapboard.media.files import check_writable, read_text, write_text
from clapboard.media.film import EncodedSound, encode_sound, replace_sound, video_digest, write_film
from clapboard.media.image import to_rgb, write_png
from clapboard.media.live import stream_film
from clapboard.media.probe import Header, decode_frames, decode_sound, read_header, read_slate
from clapboard.media.wav import read_wav, write_stems

__all__ = [
    "EncodedSound",
    "Header",
    "check_writable",
    "decode_frames",
    "decode_sound",
    "encode_sound",
    "read_header",
    "read_slate",
    "read_text",
    "read_wav",
    "replace_sound",
    "stream_film",
    "to_rgb",
    "video_digest",
    "write_film",
    "write_png",
    "write_stems",
    "write_text",
]
