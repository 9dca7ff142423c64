"""Captions to rows of text, and where their voices go."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from clapboard.engines.nava import store  # noqa: E402
from clapboard.engines.nava.text import TextEncoder, clean  # noqa: E402
from clapboard.errors import WeightsError  # noqa: E402
from engines.nava import tiny_release  # noqa: E402


@pytest.fixture(scope="module")
def encoder(release_folder):
    return TextEncoder(release_folder, "cpu")


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  two \n\t words ", "two words"),
        ("&amp;amp; &lt;S&gt;", "& <S>"),
        ("“quoted” it’s", '"quoted" it\'s'),
        ("雨，夜。（远）ＡＢ！", "雨,夜。(远)AB!"),
        ("ﬁne a\u0301", "fine á"),
        ("a\u0000b\ufeffc", "abc"),
    ],
)
def test_text_is_cleaned_as_the_release_cleans_it(text, cleaned):
    assert clean(text) == cleaned


def test_only_rows_of_words_are_given_and_padding_would_not_change_them(encoder):
    found = encoder("dog barks rain")
    assert found.rows_NE.dtype == torch.bfloat16
    assert found.rows_NE.shape == (4, tiny_release.TEXT_WIDTH)  # three words and the end of text
    assert found.voice_rows == ()
    ids = torch.tensor([encoder.tokenizer.encode("dog barks rain").ids])
    padded, mask = torch.nn.functional.pad(ids, (0, 8)), torch.nn.functional.pad(torch.ones_like(ids), (0, 8))
    with torch.no_grad():
        rows = encoder.network(input_ids=padded, attention_mask=mask).last_hidden_state[0, :4]
    assert torch.allclose(rows.float(), found.rows_NE.float(), atol=0.02)


def test_each_voice_has_its_row(encoder):
    text = "dog <S><extra_id_2>Good evening.<E> night <S><extra_id_2>hello<E>"
    tokens = encoder.tokenizer.encode(text).tokens
    assert encoder(text).voice_rows == tuple(i for i, token in enumerate(tokens) if token == "<extra_id_2>")
    assert len(encoder(text).voice_rows) == 2


def test_what_does_not_fit_is_told(encoder):
    found = encoder("dog " * 600 + "piano")
    assert len(found.rows_NE) == 512
    assert found.cut.endswith("dog piano")
    assert found.cut.count("dog") == 600 - 511
    assert encoder("dog " * 511).cut == ""


def test_a_tokenizer_without_the_voice_mark_or_missing_is_one_line(release_folder, tmp_path):
    folder = tmp_path / "release"
    for name in (store.TEXT, store.TOKENIZER):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(release_folder / name)
    (folder / store.TOKENIZER).unlink()
    with pytest.raises(WeightsError, match="does not exist"):
        TextEncoder(folder, "cpu")
    (folder / store.TOKENIZER).write_text("{}")
    with pytest.raises(WeightsError, match="no tokenizer"):
        TextEncoder(folder, "cpu")
    plain = (release_folder / store.TOKENIZER).read_text().replace("<extra_id_2>", "<extra_id_9>")
    (folder / store.TOKENIZER).write_text(plain)
    with pytest.raises(WeightsError, match="extra_id_2"):
        TextEncoder(folder, "cpu")
