"""The page: well formed, complete, alone, and safe whatever the prompt says."""

import base64
import re
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from clapboard import make
from clapboard.clock import SAMPLE_RATE
from clapboard.quality import review, write_page
from clapboard.quality.drawing import COLUMNS, Outline, Spectrogram, height_of
from clapboard.take import Cue
from clapboard.timeline import Stem
from quality.clips import sounding, write

VOID = {"meta", "img", "br"}
EVIL = '<script>alert(1)</script> & "quotes" \'n <b>ball</b>'


class Strict(HTMLParser):
    """Raises when a tag is not closed by its own end tag; keeps tags, attributes and text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.texts = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of a film whose every word is hostile."""
    folder = tmp_path_factory.mktemp("page")
    heard = Cue(label=EVIL, who=EVIL, stem=Stem.EFFECTS, seen_frame=0, heard_sample=SAMPLE_RATE // 2, impact=True)
    cues = [heard, heard.model_copy(update={"heard_sample": 40_000})]
    shots = [{"id": EVIL, "duration_s": 1, "place": EVIL, "lines": [{"at_s": 0, "who": EVIL, "text": EVIL}]}]
    unstaged = [{"text": EVIL, "reason": EVIL}]
    path = folder / "film & <i>.mp4"
    write(path, [60 + k for k in range(24)], sounding([0.5], 1.0), cues, prompt=EVIL, shots=shots, unstaged=unstaged)
    write_page(path, review(path), folder / "page.html")
    return (folder / "page.html").read_text()


def test_it_is_well_formed(page):
    parsed = Strict(page)
    assert page.startswith("<!doctype html>")
    assert [tag for tag in parsed.tags if tag in {"html", "head", "body", "h1"}] == ["html", "head", "body", "h1"]


def test_words_stay_words(page):
    parsed = Strict(page)
    assert "<script" not in page
    assert "<b>ball" not in page
    assert EVIL in parsed.texts
    assert not [name for name, _ in parsed.attributes if name.startswith("on")]


def test_it_stands_alone(page):
    parsed = Strict(page)
    sources = [value for name, value in parsed.attributes if name in {"src", "href"}]
    assert len(sources) == 9  # eight frames and a spectrogram
    assert all(value.startswith("data:image/jpeg;base64,") for value in sources)
    assert not re.search(r"https?:|url\(|@import", page)


def test_its_images_are_images(page):
    for data in re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page):
        image = np.array(cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR))
        assert image.shape[1] in (420, COLUMNS)


def test_it_has_all_parts(page):
    parsed = Strict(page)
    text = " ".join(parsed.texts)
    for name in ("Shots", "Picture", "Sound", "Cues", "Figures", "Not staged", "does not stand out", "0.96 s", "1 kHz"):
        assert name in text
    assert parsed.tags.count("figure") == 8
    assert parsed.tags.count("svg") == 1


def test_a_page_of_a_test_card_has_its_stem(bars_film, tmp_path):
    report = make.report_page(bars_film.path, tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    parsed = Strict(text)
    assert report == bars_film.report
    assert parsed.tags.count("svg") == 2  # effects and mix
    assert parsed.tags.count("line") == 8
    assert "Passed: within all bounds" in text


def test_the_page_of_one_frame(tmp_path):
    path = write(tmp_path / "film.mp4", [60], sounding([], 0.1))
    write_page(path, review(path), tmp_path / "page.html")
    assert Strict((tmp_path / "page.html").read_text()).tags.count("figure") == 1


def test_the_outline_is_where_the_sound_is():
    outline = Outline(COLUMNS * 100)
    for start in range(0, COLUMNS * 100, 1000):
        block = np.zeros((2, 1000), np.float32)
        if start == 48_000:
            block[1, 50] = -0.5
        outline.feed(block)
    assert np.flatnonzero(outline.peaks).tolist() == [480]
    assert outline.peaks[480] == 0.5


def test_the_spectrogram_is_where_the_sound_is():
    t_s = np.arange(8 * SAMPLE_RATE) / SAMPLE_RATE
    tone = np.where((t_s > 2) & (t_s < 4), np.sin(2 * np.pi * 1000 * t_s), 0).astype(np.float32)
    spectrogram = Spectrogram(len(tone))
    for start in range(0, len(tone), 10_007):
        spectrogram.feed(np.tile(tone[start : start + 10_007], (2, 1)))
    data = base64.b64decode(spectrogram.image().partition(",")[2])
    light = np.array(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE), float)
    row, column = np.unravel_index(np.argmax(light), light.shape)
    assert abs(row / light.shape[0] - height_of(1000)) < 0.02
    assert 0.24 < column / light.shape[1] < 0.51
    assert light[row, : int(0.23 * COLUMNS)].max() < 60 < light[row, int(0.3 * COLUMNS)]
