"""A folder of films as examples: cut, encoded once, made again where broken, told on a card."""

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")

from clapboard.engines.nava.caption import NO_SPEECH, shot_caption  # noqa: E402
from clapboard.engines.nava.data_card import data_card  # noqa: E402
from clapboard.engines.nava.dataset import Dataset, Source, prepare  # noqa: E402
from clapboard.engines.nava.footage import probe  # noqa: E402
from clapboard.engines.nava.labels import Captions, captions_of, given_caption, window  # noqa: E402
from clapboard.engines.nava.store import Release  # noqa: E402
from clapboard.errors import InputError, MediaError, WeightsError  # noqa: E402
from clapboard.progress import silent  # noqa: E402
from clapboard.take import Slate  # noqa: E402
from clapboard.timeline import Timeline  # noqa: E402
from engines.nava.full_disk import full_disk  # noqa: E402
from engines.nava.tiny_films import Look, write_film  # noqa: E402

OURS = """
prompt: a ball and rain
size: [96, 64]
shots:
  - id: a
    duration_s: 0.6
    place: yard
    cast: [{id: ball, thing: ball}]
    actions: [{at_s: 0.1, who: ball, does: bounce}, {at_s: 0.45, who: ball, does: bounce}]
  - {id: b, duration_s: 0.5, place: cave}
"""


@pytest.fixture(scope="module")
def slate():
    return Slate(timeline=Timeline.from_text(OURS), engine="stage", versions={})


@pytest.fixture(scope="module")
def folder(tmp_path_factory, slate) -> Path:
    """A film with words, one of ours, and six that cannot be used."""
    films = tmp_path_factory.mktemp("films")
    (films / "more").mkdir()
    write_film(films / "dog.mp4", Look(seconds=0.7))
    write_film(films / "more" / "ours.mp4", Look(slate=slate, tone_hz=300))
    write_film(films / "silent.mov", Look(tone_hz=0))
    write_film(films / "short.mkv", Look(seconds=0.125, sound="flac"))
    write_film(films / "wordless.mp4", Look(seconds=0.7))
    write_film(films / "empty.mp4", Look(seconds=0.7))
    write_film(films / "latin.mp4", Look(seconds=0.7))
    (films / "junk.webm").write_bytes(b"no film")
    for name, text in (("dog", "A dog barks."), ("silent", "x"), ("short", "x"), ("empty", " \n")):
        (films / f"{name}.txt").write_text(text)
    (films / "latin.txt").write_bytes("Käse".encode("latin-1"))
    return films


@pytest.fixture(scope="module")
def made(folder, release_folder, tmp_path_factory) -> tuple[Dataset, Path]:
    """The folder, encoded once, and its cache."""
    torch.set_num_threads(1)
    cache = tmp_path_factory.mktemp("cache") / "latents"
    source = Source(folder=folder, seconds=0.25, size=(64, 64))
    return prepare(source, cache, Release(release_folder), "cpu", silent), cache


@pytest.fixture
def ready(folder, release_folder, made, tmp_path):
    """Prepares the folder again, with a copy of the cache."""
    shutil.copytree(made[1], tmp_path / "cache")

    def run(source: Source | None = None, progress=silent) -> Dataset:
        source = source or Source(folder=folder, seconds=0.25, size=(64, 64))
        return prepare(source, tmp_path / "cache", Release(release_folder), "cpu", progress)

    return run


def test_films_become_clips_and_a_card(made):
    found, _ = made
    grid = found.source.grid
    assert (grid.num_pictures, grid.num_frames) == (5, 2)  # 0.25 s, rounded down to 5 pictures
    assert [(film.name, film.num_clips, film.is_ours) for film in found.films] == [
        ("dog.mp4", 3, False), ("more/ours.mp4", 4, True),
    ]  # fmt: skip
    assert found.num_encoded == len(found.clips) == 7
    assert {name: reason.split(";")[0] for name, reason in found.skipped.items()} == {
        "empty.mp4": "empty.txt is empty",
        "junk.webm": "it cannot be read (Invalid data found when processing input)",
        "latin.mp4": "latin.txt is not UTF-8 text",
        "short.mkv": "it lasts 0.12 s without a cut, a clip 0.21 s",
        "silent.mov": "it has no sound",
        "wordless.mp4": "it has no caption",
    }
    example = found.clips[0]
    assert {name: tuple(x.shape) for name, x in example.latents.items()} == {
        "video": (48, 2, 4, 4), "audio": (grid.num_audio, 128),
    }  # fmt: skip
    assert example.text_NE.shape[1] == 16 and example.voices_RS is None
    card = data_card(found)
    for words in (
        "| 2, 1.8 s; 6 skipped |", "1 made by Clapboard, 1 from elsewhere", "7 of 0.208 s", "96x64 (2)",
        "48000 Hz, 2 channels (2)", "- silent.mov: it has no sound", "| more/ours.mp4 | 1.1 | 4 |",
    ):  # fmt: skip
        assert words in card
    assert "| Silent clips | 57.1% (peak under -60 dBFS) |" in card  # only the seconds' first 50 ms are loud


def test_captions_are_the_words_beside_or_the_timeline(made, slate):
    clips = made[0].clips.clips
    assert clips[0].caption == "A dog barks." + NO_SPEECH
    first, second, third, last = (clip.caption for clip in clips[3:])
    assert "At 0.1 s the ball bounces" in first and first.count("bounces") == 1
    assert "bounces" not in second.replace("a ball", "")  # from 0.208 to 0.417 s nothing happens
    assert third == last and "cave" in third and "ball." not in third
    timeline = slate.timeline
    shot = timeline.shots[0]
    whole = timeline.change(shots=[shot.model_dump(mode="json")], prompt="")
    part = window(timeline, 0, Fraction(0), Fraction("0.6"))
    assert shot_caption(part, 0, opens=False) == shot_caption(whole, 0)
    assert window(timeline, 0, Fraction("0.4"), Fraction("0.6")).shots[0].actions[0].at_s == 0.05


def film_of(prompt: str, **shot) -> Captions:
    ball = {"cast": [{"id": "ball", "thing": "ball"}], "actions": [{"at_s": 0.1, "who": "ball", "does": "bounce"}]}
    shots = [{"id": "a", "duration_s": 0.6, "place": "yard", **ball, **shot}]
    return Captions(timeline=Timeline.parse({"prompt": prompt, "size": [64, 64], "shots": shots}))


def test_a_part_of_a_film_of_one_shot_does_not_open_with_the_whole_prompt():
    film, length_s = film_of("a ball in a yard, it bounces and rolls away"), Fraction(5, 24)
    first, second = (film.of(k * length_s, length_s) for k in range(2))
    assert first.startswith("The scene is yard, by day. There: ball. At 0.1 s the ball bounces.")
    assert second.startswith("The scene is yard, by day. There: ball.") and "bounces" not in second
    assert film.of(Fraction(0), Fraction(3, 5)).startswith("a ball in a yard, it bounces and rolls away.")
    unlisted = film_of("a ball in a yard", cast=[], actions=[])
    assert unlisted.of(Fraction(0), length_s).startswith("a ball in a yard.")


def test_clips_of_a_chinese_film_have_chinese_captions():
    film = film_of("院子里有一个皮球弹起来")
    assert film.of(Fraction(0), Fraction(5, 24)).startswith("场景是yard，白天。画面中有：ball。第0.1秒，ball bounces。")


def test_a_doing_at_the_very_end_of_a_clip_stays_inside():
    film = film_of("a ball", actions=[{"at_s": 0.2079, "who": "ball", "does": "bounce"}])
    assert "At 0.207 s" in film.of(Fraction(0), Fraction("0.208"))  # rounded up it would be at 0.208 s, where it ends


def test_spoken_words_get_their_mark():
    assert given_caption("She says <S>Hi.<E>\n and <S><extra_id_2>go<E>") == (
        "She says <S><extra_id_2>Hi.<E> and <S><extra_id_2>go<E>"
    )


def test_words_beside_a_film_of_ours_come_first(tmp_path, slate):
    path = write_film(tmp_path / "ours.mp4", Look(slate=slate))
    assert captions_of(path, probe(path)).timeline == slate.timeline
    (tmp_path / "ours.txt").write_text("Mine.")
    assert captions_of(path, probe(path)).text == "Mine."


def test_what_is_there_is_not_encoded_again_and_what_is_broken_is(ready, made, tmp_path):
    assert ready().num_encoded == 0
    files = sorted((tmp_path / "cache").glob("clip-*"))
    expected = [file.read_bytes() for file in files]
    data = bytearray(expected[2])
    data[-3] ^= 1  # one bit, as a bad disk would
    files[2].write_bytes(bytes(data))
    files[4].write_bytes(expected[4][:100])
    files[5].unlink()
    next((tmp_path / "cache").glob("text-*")).write_bytes(b"")
    (tmp_path / "cache" / "films.json").write_text('{"cut')
    again = ready()
    assert again.num_encoded == 3 and again.fingerprint() == made[0].fingerprint()
    assert [file.read_bytes() for file in files] == expected
    files[0].write_bytes(b"")
    with pytest.raises(WeightsError, match="start again"):
        [example.latents for example in again.clips]


def test_interrupted_encoding_goes_on(ready, tmp_path):
    for file in sorted((tmp_path / "cache").glob("clip-*"))[:4]:
        file.unlink()

    class Killed(Exception):
        pass

    def kill(step):
        if step.done == 2:
            raise Killed

    with pytest.raises(Killed):
        ready(progress=kill)
    assert ready().num_encoded == 2


@pytest.mark.slow
def test_other_settings_are_encoded_anew_and_other_names_are_not(ready, made, folder, tmp_path):
    first, _ = made
    longer = ready(Source(folder=folder, seconds=0.4, size=(64, 64)))
    assert longer.source.grid.num_pictures == 9 and longer.num_encoded == len(longer.clips) == 3
    films = tmp_path / "films"
    films.mkdir()
    (films / "renamed.mp4").write_bytes((folder / "dog.mp4").read_bytes())
    (films / "renamed.txt").write_text("Other words.")
    renamed = ready(Source(folder=films, seconds=0.25, size=(64, 64)))
    assert renamed.num_encoded == 0  # found by content, whatever its name and caption
    assert torch.equal(renamed.clips[1].latents["video"], first.clips[1].latents["video"])
    assert not torch.equal(renamed.clips[1].text_NE, first.clips[1].text_NE)


@pytest.mark.slow
def test_a_film_that_ends_early_gives_the_clips_that_it_has(ready, tmp_path):
    films = tmp_path / "films"
    films.mkdir()
    look = Look(seconds=4.0, size=(256, 192))
    data = write_film(films / "cut.mkv", look).read_bytes()
    (films / "cut.mkv").write_bytes(data[: len(data) // 2])  # its header still says 4 s
    (films / "cut.txt").write_text("A cut film.")
    found = ready(Source(folder=films, seconds=0.25, size=(64, 64)))
    assert 3 < len(found.clips) < 17
    assert found.skipped["cut.mkv"].endswith(f"; {len(found.clips)} clips of it are used")


def test_what_cannot_be_opened_is_skipped_with_its_reason(ready, tmp_path, folder):
    films = tmp_path / "films"
    films.mkdir()
    for ending in ("mp4", "txt"):
        (films / f"dog.{ending}").write_bytes((folder / f"dog.{ending}").read_bytes())
        (films / f"lost.{ending}").symlink_to(films / "nowhere")
    (films / "folder.mp4").mkdir()
    found = ready(Source(folder=films, seconds=0.25, size=(64, 64)))
    assert len(found.clips) == 3
    assert found.skipped == {
        "folder.mp4": "it cannot be read (Is a directory)",
        "lost.mp4": "it cannot be read (No such file or directory)",
    }


def test_a_clip_that_cannot_be_written_is_no_fault_of_its_film(ready, tmp_path):
    clip = next((tmp_path / "cache").glob("clip-*"))
    clip.unlink()
    with full_disk(), pytest.raises(MediaError, match=rf"cannot write .*{clip.name} .*free some space"):
        ready()


def test_a_folder_without_a_usable_film_is_one_line(ready, tmp_path, folder):
    with pytest.raises(InputError, match="does not exist"):
        ready(Source(folder=tmp_path / "nowhere"))
    films = tmp_path / "films"
    films.mkdir()
    with pytest.raises(InputError, match=r"no film \(\.mp4"):
        ready(Source(folder=films))
    (films / "junk.mp4").write_bytes(b"junk")
    with pytest.raises(InputError, match=r"none of the films .*junk\.mp4: it cannot be read"):
        ready(Source(folder=films))
    with pytest.raises(InputError, match=r"make seconds 0\.25 to 10"):
        ready(Source(folder=folder, seconds=0.1))
