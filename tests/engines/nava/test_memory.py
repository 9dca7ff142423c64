"""What fits is decided from sizes alone; blocks that wait in main memory compute the same. The plan needs no torch."""

from dataclasses import replace
from fractions import Fraction

import pytest

from clapboard.engines.nava.config import nano, nava_6b, small
from clapboard.engines.nava.memory import GB, Files, Machine, Sizes, fit, machine, plan
from clapboard.engines.nava.shots import MAX_FRAMES, Grid, native_size, picture_at
from clapboard.engines.nava.shots import fit as fit_shot
from clapboard.errors import EngineError

RELEASED = Sizes.of(nava_6b(), Files())
USUAL = fit_shot(shot_id="a", num_frames=145, fps=Fraction(24), size=(1280, 704))


def gpu(gb: float, main_gb: float = 128) -> Machine:
    return Machine(device="cuda", free=int(gb * GB), main_free=int(main_gb * GB))


def test_numbers_are_counted_exactly():
    assert RELEASED.num_params == 6_296_995_520
    torch = pytest.importorskip("torch")
    from clapboard.engines.nava.model import Nava
    from clapboard.engines.nava.weights import is_bulk

    for config in (nano(), small(), nava_6b(), replace(nano(), num_heads=3, spk_dim=7)):
        with torch.device("meta"):
            own = dict(Nava(config).named_parameters())
        sizes = Sizes.of(config, Files())
        matrices = [n for n in own if n.startswith("blocks.") and is_bulk(n) and n.endswith("weight")]
        bulk = [n for n in own if is_bulk(n) and n not in matrices]
        assert sizes.num_params == sum(p.numel() for p in own.values())
        assert sizes.matrices == sum(own[n].numel() for n in matrices)
        assert sizes.bulk == sum(own[n].numel() for n in bulk)


@pytest.mark.parametrize(
    ("gb", "storage", "group", "text_on_cpu"),
    [(80, "bfloat16", None, False), (24, "bfloat16", None, False), (16, "float8", None, False),
     (12, "float8", 10, True)],
)  # fmt: skip
def test_the_quickest_plan_that_fits_is_taken(gb, storage, group, text_on_cpu):
    made = fit(RELEASED, USUAL, gpu(gb))
    assert (made.storage, made.group, made.text_on_cpu) == (storage, group, text_on_cpu)
    assert made.peak <= gb * GB
    assert made.tiled == (gb < 25)


def test_a_plan_never_needs_more_on_a_larger_machine_and_less_memory_never_gives_more():
    peaks = []
    for gb in range(9, 90, 3):
        try:
            peaks.append(fit(RELEASED, USUAL, gpu(gb)).peak)
        except EngineError:
            assert not peaks  # once it fits it fits on everything larger
    assert len(peaks) > 20


def test_refusal_names_the_shortfall_and_what_would_fit():
    with pytest.raises(
        EngineError, match=r"needs \d+\.\d GB more of GPU memory.*--size \d+x\d+ --seconds \d+"
    ) as caught:
        fit(RELEASED, USUAL, gpu(8.3))
    text = str(caught.value)
    width, height = (int(x) for x in text.split("--size ")[1].split(" ")[0].split("x"))
    seconds = int(text.split("--seconds ")[1].split(" ")[0])
    small_grid = fit_shot(shot_id="a", num_frames=24 * seconds, fps=Fraction(24), size=(width, height))
    assert fit(RELEASED, small_grid, gpu(8.3)).peak < 8.3 * GB
    with pytest.raises(EngineError, match=r"GB more of GPU memory.*machine with"):
        fit(RELEASED, USUAL, gpu(2))
    with pytest.raises(EngineError, match="GB more of main memory"):
        fit(RELEASED, USUAL, gpu(80, main_gb=4))


def test_without_a_gpu_there_is_one_memory_and_nothing_to_page_to():
    made = fit(RELEASED, USUAL, Machine(device="cpu", free=40 * GB, main_free=40 * GB))
    assert made.group is None
    assert made.main_peak == made.peak
    with pytest.raises(EngineError, match="main memory"):
        fit(RELEASED, USUAL, Machine(device="cpu", free=10 * GB, main_free=10 * GB))


def test_float8_halves_the_matrices():
    by_storage = [plan(RELEASED, USUAL, gpu(24), (storage, None)).peak for storage in ("bfloat16", "float8")]
    assert by_storage[0] - by_storage[1] == RELEASED.matrices == 5_662_310_400


def test_this_machine_has_memory():
    pytest.importorskip("torch")
    found = machine()
    assert found.main_free > 10**8
    assert found.device in ("cpu", "cuda")


def test_shots_in_the_models_units():
    assert Grid(width_px=1280, height_px=704, num_frames=37, num_audio=152) == USUAL
    assert USUAL.num_tokens == 32_560 + 152
    assert USUAL.num_pictures == 145
    assert native_size((1280, 720)) == (1280, 736)
    assert native_size((64, 66)) == (64, 96)
    width, height = native_size((3840, 2160))
    assert width % 32 == height % 32 == 0
    assert width * height <= 1280 * 736
    for fps in (Fraction(24), Fraction(30000, 1001), Fraction(12), Fraction(60)):
        for frames in (1, 2, 7, 100, int(fps * 10)):
            grid = fit_shot(shot_id="a", num_frames=frames, fps=fps, size=(64, 64))
            assert picture_at(frames - 1, fps) < grid.num_pictures
            assert (4 * grid.num_audio - 3) * 480 >= round(frames * 48_000 / fps) - 1
    with pytest.raises(EngineError, match="shot late lasts 12 s but nava films at most 10 s"):
        fit_shot(shot_id="late", num_frames=288, fps=Fraction(24), size=(64, 64))
    assert fit_shot(shot_id="a", num_frames=241, fps=Fraction(24), size=(64, 64)).num_frames == MAX_FRAMES


@pytest.mark.parametrize("group", [1, 2, 5])
def test_paged_blocks_compute_the_same_and_only_one_group_is_there(config, draw, group):
    torch = pytest.importorskip("torch")
    from clapboard.engines.nava.model import Nava
    from clapboard.engines.nava.paging import page_blocks
    from clapboard.engines.nava.weights import init_weights

    config = replace(config, num_double_layers=2, num_single_layers=3)
    models = [Nava(config).requires_grad_(False) for _ in range(2)]
    for model in models:
        init_weights(model, torch.Generator().manual_seed(1))
    homes = {name: p.data_ptr() for name, p in models[1].blocks.named_parameters()}
    paged = page_blocks(models[1], group, "cpu")
    latents, t = {"video": draw(1, 3, 2, 2, 2), "audio": draw(1, 4, 4)}, torch.tensor([500.0])
    outputs = []
    for model in (models[0], paged):
        prepared = model.prepare(model.context([draw(5, 8) * 0 + 0.3]))
        outputs.append(model(latents, {"video": t, "audio": t}, prepared))
    assert all(torch.equal(outputs[0][name], outputs[1][name]) for name in latents)
    away = [name for name, p in paged.blocks.named_parameters() if p.data_ptr() != homes[name]]
    assert {name.split(".")[0] for name in away} == {str(i) for i in range(5) if i // group == 4 // group}
