"""Captions to embeddings: umT5, and where the voices of a caption go.

    encoder = TextEncoder(folder, "cpu")
    text_NE = encoder("a street at night <S><extra_id_2>Good evening.<E>").rows_NE       # [N, 4096] bfloat16

Only the rows of real words are computed and kept: the encoder's mask makes them independent of padding, and the
backbone fills the rest of its 512 rows with zeros itself.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from clapboard.engines.nava import layouts
from clapboard.engines.nava.caption import VOICE_MARK
from clapboard.engines.nava.store import TEXT, TOKENIZER
from clapboard.errors import WeightsError

MAX_TOKENS = 512

_QUOTES = str.maketrans({"‘": "'", "’": "'", "‛": "'", "“": '"', "”": '"', "‟": '"'})
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})


def clean(text: str) -> str:
    """The text as the release's captions were cleaned: plain quotes and widths, no HTML escapes, single spaces.

    Full-width signs become plain ones ("，" is ","), as its cleaner ftfy does; only ftfy's repair of wrongly decoded
    text is left out.
    """
    text = html.unescape(html.unescape(text)).translate(_QUOTES).translate(_LIGATURES)
    text = re.sub("[\uff01-\uffef\u3000]", lambda found: unicodedata.normalize("NFKC", found[0]), text)
    text = re.sub("[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff\ufff9-\ufffc]", "", text)
    return " ".join(unicodedata.normalize("NFC", text).split())


@dataclass(frozen=True, slots=True)
class Encoded:
    """A text as the backbone wants it."""

    rows_NE: Tensor
    """Embeddings of its tokens, bfloat16."""
    voice_rows: tuple[int, ...]
    """The tokens that are voice marks, in order."""
    cut: str
    """What did not fit into the 512 tokens any more."""


class TextEncoder:
    """The tokenizer and the encoder of one folder of weights, on one device."""

    def __init__(self, folder: Path, device: str) -> None:
        self.tokenizer = load_tokenizer(folder / TOKENIZER)
        self.network = layouts.load_text(folder / TEXT, device)
        self.mark = self.tokenizer.token_to_id(VOICE_MARK)
        if self.mark is None:
            raise WeightsError(f"{folder / TOKENIZER} has no {VOICE_MARK}; fetch the tokenizer of umT5")

    @torch.no_grad()
    def __call__(self, text: str) -> Encoded:
        """Embeddings of the text, cleaned."""
        text = clean(text)
        encoding = self.tokenizer.encode(text)
        ids = torch.tensor([encoding.ids], device=self.network.device)
        hidden_1NE = self.network(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
        marks = tuple(index for index, token in enumerate(encoding.ids) if token == self.mark)
        end = max(stop for _, stop in encoding.offsets) if encoding.overflowing else len(text)
        return Encoded(hidden_1NE[0].to(torch.bfloat16), marks, text[end:].strip())


def load_tokenizer(path: Path) -> Tokenizer:
    """The tokenizer, set to cut at the length of the context."""
    if not path.is_file():
        raise WeightsError(f"{path} does not exist; run `clapboard pull nava`, or name the folder of weights")
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # noqa: BLE001 - the library raises no narrower type
        raise WeightsError(f"{path} is no tokenizer ({error}); fetch it again") from None
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer
