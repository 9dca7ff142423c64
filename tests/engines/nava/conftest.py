"""Tiny real models and golden sets for the NAVA tests."""

import importlib.util
import os
from dataclasses import replace
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PLACES = (Path("tests/golden"), Path("../shared/golden"))
"""Where the released model's golden data may lie, from the root of the checkout."""


@pytest.fixture(scope="session")
def small_golden() -> Path:
    """Our own golden set, made by benchmarks/nava_golden.py."""
    return HERE / "golden_small.safetensors"


@pytest.fixture(scope="session")
def released() -> Path:
    """The folder with nava_tiny.* and nava_6b_manifest.json."""
    places = [Path(os.environ["CLAPBOARD_GOLDEN"])] if "CLAPBOARD_GOLDEN" in os.environ else []
    places += [HERE.parents[2] / place for place in PLACES]
    for place in places:
        if (place / "nava_tiny.safetensors").exists():
            return place
    pytest.skip("the released golden data is not here; set CLAPBOARD_GOLDEN to its folder to run this test")


@pytest.fixture(scope="session")
def release_folder(tmp_path_factory) -> Path:
    """A folder like the release's, with the real networks at tiny size; tests must not change it."""
    pytest.importorskip("diffusers")
    from engines.nava.tiny_release import write_release

    return write_release(tmp_path_factory.mktemp("release"))


@pytest.fixture(autouse=True)
def one_thread():
    """Small products are quickest on one thread, above all where tests run side by side."""
    if importlib.util.find_spec("torch") is None:  # plans, captions and downloads are tried without it
        yield
        return
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def config():
    """Sizes for quick tests; a head has ten numbers, which is no multiple of four."""
    from clapboard.engines.nava.config import nano

    return replace(
        nano(), dim=20, ffn_dim=24, num_heads=2, num_double_layers=1, num_single_layers=1, text_len=6, text_dim=8,
        vid_in_dim=3, vid_out_dim=3, audio_in_dim=4, audio_out_dim=4, freq_dim=16, spk_dim=5, patch_size=(1, 2, 2),
    )  # fmt: skip


@pytest.fixture
def model(config):
    """A model in which no weight is zero, so that everything shows."""
    import torch

    from clapboard.engines.nava.model import Nava
    from clapboard.engines.nava.weights import init_weights

    generator = torch.Generator().manual_seed(5)
    made = Nava(config)
    init_weights(made, generator)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator), alpha=0.1)
    return made


@pytest.fixture
def draw():
    """Normal numbers of a shape, the same in every run."""
    torch = pytest.importorskip("torch")

    generator = torch.Generator().manual_seed(11)
    return lambda *shape: torch.randn(*shape, generator=generator)
