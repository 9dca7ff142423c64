"""Files: the released names and shapes, and one line for everything that can be wrong."""

import json

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file, save_file  # noqa: E402

from clapboard.engines.nava.config import nano, nava_6b, small  # noqa: E402
from clapboard.engines.nava.model import Nava  # noqa: E402
from clapboard.engines.nava.weights import (  # noqa: E402
    config_from_released,
    config_of,
    load,
    released_names,
    save,
    store,
)
from clapboard.errors import WeightsError  # noqa: E402


@pytest.fixture
def saved(model, tmp_path):
    path = tmp_path / "model.safetensors"
    save(model, path)
    return path


def test_the_6b_model_is_the_released_one_key_by_key(released):
    manifest = json.loads((released / "nava_6b_manifest.json").read_text())
    with torch.device("meta"):
        model = Nava(nava_6b())
    state = model.state_dict()
    found = {name: list(state[own].shape) for name, own in released_names(model).items()}
    assert found == manifest["tensors"]
    assert sum(p.numel() for p in model.parameters()) == manifest["num_params"] == 6_296_995_520
    with torch.device("meta"):
        float8 = store(Nava(nava_6b()), "float8")
    names = {own: name for name, own in released_names(float8).items()}
    kept = {names[own] for own, p in float8.state_dict().items() if p.dtype == torch.float8_e4m3fn}
    assert kept == set(manifest["fp8"])


def test_sizes_are_what_they_say():
    with torch.device("meta"):
        counts = [sum(p.numel() for p in Nava(size()).parameters()) for size in (nano, small)]
    assert counts == [pytest.approx(6e6, rel=0.15), pytest.approx(0.2e9, rel=0.15)]


def test_a_saved_model_is_the_same_again(model, saved):
    again = load(saved, config_of(saved))
    assert again.config == model.config
    for name, parameter in model.state_dict().items():
        assert torch.equal(parameter, again.state_dict()[name]), name


@pytest.mark.parametrize("storage", ["float32", "bfloat16", "float8"])
def test_float8_files(model, tmp_path, storage):
    path, expected = tmp_path / "model_fp8.safetensors", {n: p.clone() for n, p in model.state_dict().items()}
    save(store(model, "float8"), path)
    tensors = load_file(path)
    scales = [name for name in tensors if name.endswith("_scale")]
    assert len(scales) == 18 + 10  # one double and one single block
    assert tensors[scales[0]].dtype == torch.bfloat16
    again = load(path, model.config, storage=storage)
    weight = again.state_dict()["blocks.0.ffn.0.weight"]
    assert weight.dtype == getattr(torch, "float8_e4m3fn" if storage == "float8" else storage)
    if storage != "float8":
        original = expected["blocks.0.ffn.0.weight"]
        assert ((weight.float() - original).abs() <= original.abs() / 16 + original.abs().amax(1, True) / 448).all()


def break_file(saved, fault):
    tensors = load_file(saved)
    name = "backbone.double_blocks.0.ffn.0.weight"
    if fault == "missing":
        del tensors[name]
    if fault == "extra":
        tensors["backbone.head.extra"] = torch.ones(2)
    if fault == "foreign":
        tensors["vae.weight"] = torch.ones(2)
    if fault == "shape":
        tensors[name] = tensors[name].T.contiguous()
    if fault == "nan":
        tensors[name][0, 0] = float("nan")
    if fault == "integers":
        tensors[name] = tensors[name].to(torch.int32)
    save_file(tensors, saved)


FAULTS = {
    "missing": "lacks 1 of the model's .* first backbone.double_blocks.0.ffn.0.weight",
    "extra": "holds 1 tensors that the model has not, first backbone.head.extra",
    "foreign": "first vae.weight",
    "shape": r"has shape \[20, 24\] where the model has \[24, 20\]",
    "nan": "values that are not finite",
    "integers": "int32",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_line_for_a_wrong_tensor(saved, config, fault):
    break_file(saved, fault)
    with pytest.raises(WeightsError, match=FAULTS[fault]) as caught:
        load(saved, config)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("fault", ["absent", "truncated", "empty", "no header", "folder"])
def test_one_line_for_a_broken_file(saved, config, fault):
    data = saved.read_bytes()
    saved.unlink()
    if fault == "folder":
        saved.mkdir()
    elif fault != "absent":
        saved.write_bytes({"truncated": data[:-100], "empty": b"", "no header": b"\xff" * 400}[fault])
    with pytest.raises(WeightsError, match="does not exist" if fault == "absent" else "cannot be read") as caught:
        load(saved, config)
    assert "\n" not in str(caught.value)


def test_a_configuration_that_is_not_implemented_is_refused(small_golden):
    keys = json.loads(small_golden.with_suffix(".json").read_text())["config"]
    assert config_from_released(keys, 192).dim == 30
    for change, message in (
        ({"qk_norm": False}, "only True"),
        ({"slg_layer": 11}, "unknown key 'slg_layer'"),
        ({"num_layers": 9}, "add up to 3"),
    ):
        with pytest.raises(WeightsError, match=message):
            config_from_released(keys | change, 192)
    del keys["dim"]
    with pytest.raises(WeightsError, match="lacks dim"):
        config_from_released(keys, 192)
