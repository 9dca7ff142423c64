"""Parity with recorded numbers, and the command that shows it."""

import json

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file, save_file  # noqa: E402

from clapboard.engines.nava.check import main  # noqa: E402
from clapboard.engines.nava.golden import Golden  # noqa: E402


def worst(path):
    with torch.no_grad():
        return [error for error in Golden.open(path).errors() if not error.is_within]


def test_small_golden_set(small_golden):
    assert worst(small_golden) == []


def test_released_golden_set(released):
    assert worst(released / "nava_tiny.safetensors") == []


def test_every_tensor_moves_an_output(small_golden):
    golden = Golden.open(small_golden)
    with torch.no_grad():
        before = golden.run_case("voices")[0]
        for name, parameter in golden.model.named_parameters():
            kept = parameter.clone()
            # not by one constant: softmax ignores what all keys share
            parameter.add_(torch.linspace(0.2, 1.0, parameter.numel()).view_as(parameter))
            after = golden.run_case("voices")[0]
            parameter.copy_(kept)
            assert max((after[s] - before[s]).abs().max().item() for s in before) > 1e-4, name


def test_check_exits_with_0_only_within_tolerance(small_golden, tmp_path, capsys):
    assert main([str(small_golden)]) == 0
    assert "38 of 38 within tolerance" in capsys.readouterr().out
    tensors = load_file(small_golden)
    tensors["case_joint.out_vid.0"][0, 0, 0, 0] += 3e-4
    wrong = tmp_path / "wrong.safetensors"
    save_file(tensors, wrong)
    wrong.with_suffix(".json").write_text(small_golden.with_suffix(".json").read_text())
    assert main([str(wrong)]) == 1
    assert "TOO LARGE" in capsys.readouterr().out


@pytest.mark.parametrize("fault", ["absent", "no json", "bad json", "no cases", "truncated", "mis-shaped", "case key"])
def test_check_says_in_one_line_what_is_wrong(fault, small_golden, tmp_path, capsys):
    path = tmp_path / "set.safetensors"
    notes = json.loads(small_golden.with_suffix(".json").read_text())
    data = small_golden.read_bytes()
    if fault == "no cases":
        del notes["cases"]
    if fault == "mis-shaped":
        notes["config"]["ffn_dim"] += 1
    if fault == "case key":
        del notes["cases"]["joint"]["args"]["t"]
    if fault != "absent":
        path.write_bytes(data[: len(data) // 2] if fault == "truncated" else data)
    if fault != "no json":
        path.with_suffix(".json").write_text("{" if fault == "bad json" else json.dumps(notes))
    assert main([str(path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1
