"""From noise to latents."""

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from clapboard.engines.nava.sampler import Guidance, Options, Predictor, Prompt, Start, noise, sample  # noqa: E402
from clapboard.engines.nava.solvers import Euler, UniPC, guide, noise_levels, timestep  # noqa: E402
from clapboard.errors import Cancelled, InputError  # noqa: E402

QUICK = Options(num_steps=3, guidance=Guidance(timbre=False))


@pytest.fixture
def prompt(draw):
    return Prompt(text_NE=draw(4, 8), negative_NE=draw(3, 8), voices_RS=draw(2, 5), positions=(1, 3))


@pytest.fixture
def start():
    video, audio = noise(1, "video", (3, 3, 4, 4))[None], noise(1, "audio", (6, 4))[None]
    return Start({"video": video, "audio": audio})


class Counting(Predictor):
    """A predictor that counts its model calls."""

    count = 0

    def call(self, call, latents, streams):
        Counting.count += 1
        return super().call(call, latents, streams)


def close(found, expected, tolerance):
    return all((found[name] - x).abs().max() <= tolerance for name, x in expected.items())


def test_guidance_at_scale_1_is_the_conditional_prediction(draw):
    c, u, m = draw(3, 3), draw(3, 3), draw(3, 3)
    weights = Guidance(video=1.0, align=False).weights("video", ["conditional", "negative"])
    assert torch.equal(guide(c, {name: u for name in weights}, weights), c)
    weights = Guidance(video=4.0, align=False).weights("video", ["conditional", "negative"])
    torch.testing.assert_close(guide(c, {"negative": u}, weights), u + 4 * (c - u))
    weights = Guidance().weights("video", ["conditional", "negative", "masked"])
    torch.testing.assert_close(guide(c, {"negative": u, "masked": m}, weights), c + 3 * (c - u) + 3 * (c - m))


def test_guidance_weights_follow_the_calls():
    calls = ["conditional", "negative", "masked", "unvoiced"]
    assert Guidance().weights("audio", calls) == {"negative": 2.0, "masked": 2.0, "unvoiced": 3.0}
    assert Guidance().weights("video", calls) == {"negative": 3.0, "masked": 3.0}
    assert Guidance().weights("audio", ["conditional", "negative", "unvoiced"]) == {"negative": 2.0, "unvoiced": 3.0}
    assert Guidance().weights("audio", ["conditional", "negative"]) == {"negative": 1.0}


def test_first_and_last_timesteps_of_50_steps():
    levels = [timestep(sigma) for sigma in noise_levels(50)[:-1]]
    assert levels[:7] == [999, 995, 991, 987, 982, 978, 973] and levels[-4:] == [302, 241, 172, 92]


@pytest.mark.parametrize("solver", [Euler, UniPC])
def test_a_straight_path_is_followed_exactly(solver, draw):
    clean, first, sigmas = draw(5).double(), draw(5).double(), noise_levels(7)
    x = (1 - sigmas[0]) * clean + sigmas[0] * first
    steps = solver(sigmas)
    for index in range(7):
        x = steps.step(index, x, first - clean)
    torch.testing.assert_close(x, clean)


def test_unipc_needs_fewer_steps_than_euler():
    def error(solver, num_steps):
        # data that is one number c and Gaussian: v = noise - clean has the closed form below
        c, spread = 2.0, 0.5
        sigmas = noise_levels(num_steps, shift=3.0)
        x = torch.tensor([1.3], dtype=torch.float64)
        steps = solver(sigmas)
        for index, sigma in enumerate(sigmas[:-1]):
            variance = ((1 - sigma) * spread) ** 2 + sigma**2
            centred = x - (1 - sigma) * c
            velocity = (sigma - (1 - sigma) * spread**2) / variance * centred - c
            x = steps.step(index, x, velocity)
        return x.item()

    exact = error(Euler, 20_000)
    assert abs(error(UniPC, 20) - exact) < 0.2 * abs(error(Euler, 20) - exact)


def test_noise_depends_on_seed_stream_and_size_alone():
    assert torch.equal(noise(1, "audio", (6, 4)), noise(1, "audio", (6, 4)))
    others = [noise(2, "audio", (6, 4)), noise(1, "music", (6, 4)), noise(1, "audio", (4, 6)).reshape(6, 4)]
    for other in others:
        assert not torch.equal(noise(1, "audio", (6, 4)), other)
    torch.manual_seed(3)
    assert torch.equal(noise(5, "video", (2, 2)), noise(5, "video", (2, 2)))


@pytest.mark.parametrize("held", ["video", "audio"])
@pytest.mark.parametrize("noisy", [False, True])
def test_held_streams_stay_and_steer(model, prompt, start, held, noisy):
    options = replace(QUICK, held_noisy=noisy)
    found = []
    for scale in (1.0, 2.0):
        kept = scale * start.noise[held].roll(1, -1)
        result = sample(model, [prompt], replace(start, held={held: kept}), options)
        assert torch.equal(result[held], kept)
        found.append(result["audio" if held == "video" else "video"])
    assert not torch.equal(found[0], found[1])


def test_all_streams_held_is_an_error(model, prompt, start):
    with pytest.raises(InputError, match="nothing to sample"):
        sample(model, [prompt], Start({}, held=start.noise), QUICK)
    with pytest.raises(InputError, match="needs noise for the held"):
        audio = {"audio": start.noise["audio"]}
        options = replace(QUICK, held_noisy=True)
        sample(model, [prompt], Start(audio, held={"video": start.noise["video"]}), options)


def test_the_first_frame_is_there_after_the_last_step(model, prompt, start, draw):
    first = draw(1, 3, 1, 4, 4)
    ours = sample(model, [prompt], replace(start, first_frame=first), QUICK)
    assert torch.equal(ours["video"][:, :, :1], first)
    released = sample(model, [prompt], replace(start, first_frame=first), replace(QUICK, as_released=True))
    assert not torch.equal(released["video"][:, :, :1], first)


def test_cancelling_stops_between_steps(model, prompt, start):
    seen = []

    def stop(step, total, latents):
        seen.append((step, total, set(latents)))
        if step == 2:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        sample(model, [prompt], start, QUICK, on_step=stop)
    assert seen == [(1, 3, {"video", "audio"}), (2, 3, {"video", "audio"})]


def test_batched_calls_and_batched_prompts_equal_single_ones(model, prompt, start, draw):
    options = replace(QUICK, guidance=Guidance())
    single = sample(model, [prompt], start, replace(options, batch_calls_below=0))
    assert close(sample(model, [prompt], start, options), single, 1e-4)
    other = replace(prompt, text_NE=draw(2, 8))
    pair = Start({name: torch.cat([x, x.flip(1)]) for name, x in start.noise.items()})
    both = sample(model, [prompt, other], pair, options)
    assert close({name: x[:1] for name, x in both.items()}, single, 1e-4)
    with pytest.raises(InputError, match="1 voices for 2 speech spans"):
        sample(model, [prompt, replace(prompt, voices_RS=draw(1, 5))], pair, options)


@pytest.mark.parametrize(
    ("changes", "fewer"),
    [({"guide_until_t": 950.0}, True), ({"guide_every": 2}, True), ({"guide_every": 1}, False)],
)
def test_guidance_on_part_of_the_steps_makes_fewer_calls(model, prompt, start, changes, fewer):
    options = replace(QUICK, num_steps=6, batch_calls_below=0)
    Counting.count = 0
    exact = sample(model, [prompt], start, options, predictor=Counting)
    assert Counting.count == 18
    Counting.count = 0
    cheaper = sample(model, [prompt], start, replace(options, **changes), predictor=Counting)
    assert (Counting.count < 18) == fewer
    assert torch.equal(cheaper["video"], exact["video"]) == (not fewer)


def test_step_cache_reuses_and_a_tiny_threshold_changes_nothing(model, prompt, start):
    exact = sample(model, [prompt], start, QUICK)
    assert close(sample(model, [prompt], start, replace(QUICK, reuse_below=1e-9)), exact, 1e-5)
    reused = sample(model, [prompt], start, replace(QUICK, reuse_below=10.0))
    assert not torch.equal(reused["video"], exact["video"])
    assert torch.isfinite(reused["video"]).all()


def test_sound_alone_uses_its_own_negative_prompt(model, prompt, start, draw):
    alone = Start({"audio": start.noise["audio"]})
    plain = sample(model, [prompt], alone, QUICK)
    other = sample(model, [replace(prompt, negative_audio_NE=draw(2, 8))], alone, QUICK)
    assert set(plain) == {"audio"} and not torch.equal(plain["audio"], other["audio"])
