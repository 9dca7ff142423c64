"""Two processes give what one gives."""

import pytest

torch = pytest.importorskip("torch")

import torch.distributed as dist  # noqa: E402
import torch.multiprocessing as mp  # noqa: E402

from clapboard.engines.nava.parallel import SplitCalls, bounds, cut_runs, split_tokens  # noqa: E402
from clapboard.engines.nava.sampler import Options, Predictor, Prompt, Start, noise, sample  # noqa: E402


def setting():
    generator = torch.Generator().manual_seed(4)
    prompt = Prompt(text_NE=torch.randn(4, 8, generator=generator), negative_NE=torch.randn(3, 8, generator=generator))
    first = torch.randn(1, 3, 1, 4, 4, generator=generator)
    start = {"video": noise(1, "video", (3, 3, 4, 4))[None], "audio": noise(1, "audio", (7, 4))[None]}
    return prompt, Start(start, first_frame=first), Options(num_steps=2, batch_calls_below=0)


def one_process(rank, how, model, port, results):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{port}", rank=rank, world_size=2)
    try:
        prompt, start, options = setting()
        predictor = SplitCalls if how == "calls" else Predictor
        model = split_tokens(model) if how == "tokens" else model
        latents = sample(model, [prompt], start, options, predictor=predictor)
        results.put((rank, {name: x.tolist() for name, x in latents.items()}))
    finally:
        dist.barrier()
        dist.destroy_process_group()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["calls", "tokens"])
def test_two_processes_give_what_one_gives(model, tmp_path, how):
    context = mp.get_context("spawn")
    results = context.Queue()
    args = (how, model, tmp_path / "meeting", results)
    processes = [context.Process(target=one_process, args=(rank, *args)) for rank in range(2)]
    for process in processes:
        process.start()
    found = dict(results.get(timeout=120) for _ in processes)
    for process in processes:
        process.join(30)
        assert process.exitcode == 0
    prompt, start, options = setting()
    expected = sample(model, [prompt], start, options)
    for rank in range(2):
        for name, x in expected.items():
            assert (torch.tensor(found[rank][name]) - x).abs().max() < (0 if how == "calls" else 1e-5) + 1e-12


def test_every_token_belongs_to_one_process():
    from clapboard.engines.nava.model import Run

    empty = torch.empty(0)
    runs = (Run(3, empty, empty), Run(5, empty, empty))
    ends = [bounds(8, rank, 3) for rank in range(3)]
    assert [first for first, _ in ends] == [0, *(last for _, last in ends[:-1])] and ends[-1][1] == 8
    lengths = [[run.length for run in cut_runs(runs, *end)] for end in ends]
    assert lengths == [[2], [1, 2], [3]]
