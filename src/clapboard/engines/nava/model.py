"""The NAVA backbone: one transformer that turns noisy picture and sound into their velocities.

    model = Nava(nano())                                           # sizes: config.py
    context_BCd = model.context([text_NE])                         # once per prompt
    cache = model.prepare(context_BCd)                             # once per prompt
    velocity = model({"video": video_BKFHW, "audio": audio_BLK}, {"video": t_B, "audio": t_B}, cache)

Picture and sound are two streams of tokens on one path. The first blocks ("double") keep one set of weights
per stream, the later ones ("single") one set for both; every block attends over both streams at once. What
depends only on the prompt (`context`, `prepare`), only on sizes (`rotation`) or only on the timestep (`Run`)
is computed once for all tokens that share it. Nothing is padded: the samples of a batch have equal sizes, and
batch.py groups samples of different sizes.

Letters at the end of tensor names
    B samples    T tokens    d width    n heads    D head size    C rows of the text context
    F frames, H rows, W columns of the latent video    L audio latents    K channels of a latent
    N words and E width of a text embedding            R voices and S width of a voice embedding
t runs from 0 (clean) to 1000 (noise); the velocity is noise - clean. Weights may be stored in bfloat16 or float8;
tokens, norms and modulation stay in the type of the norms (float32 as we load them).
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Generic, TypeVar, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from clapboard.engines.nava.config import STREAMS, Config, in_order, kind
from clapboard.errors import InputError

M = TypeVar("M", bound=nn.Module)
BOTH = "both"
"""The name of the one set of weights in a single block."""

Latents = dict[str, Tensor]
"""Per stream: video [B, K, F, H, W], audio or a stem [B, L, K]."""
KeysValues = tuple[Tensor, Tensor]
Rotation = tuple[Tensor, Tensor]
Prepared = list[dict[str, KeysValues]]
"""Per block and set of weights, the context's keys and values [B, C, n, D]."""
Tokens = dict[str, Tensor]
"""Per set of weights, [B, T, d]."""
Attend = Callable[[Tensor, Tensor, Tensor], Tensor]


# --------------------------------------------------------------------------------------------- modulation


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring tokens with one timestep: their count, and its embedding for blocks [B, 6, d] and heads [B, d]."""

    length: int
    blocks_B6d: Tensor
    head_Bd: Tensor


@dataclass(frozen=True, slots=True)
class Part:
    """Tokens that share a set of weights, and what every block must know of them."""

    tokens_BTd: Tensor
    runs: tuple[Run, ...]
    rotation: Rotation


def join_runs(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Merge neighbours with the same timestep, so that a sequence with one timestep is one run."""
    joined = [runs[0]]
    for run in runs[1:]:
        last = joined[-1]
        if run.blocks_B6d is last.blocks_B6d:
            joined[-1] = Run(last.length + run.length, run.blocks_B6d, run.head_Bd)
        else:
            joined.append(run)
    return tuple(joined)


def grouped(streams: dict[str, Part]) -> dict[str, Part]:
    """The streams' parts as one part per set of weights."""
    kinds = dict.fromkeys(map(kind, streams))
    return {own: join([part for name, part in streams.items() if kind(name) == own]) for own in kinds}


def join(parts: Sequence[Part]) -> Part:
    """Parts one after the other, as one."""
    if len(parts) == 1:
        return parts[0]
    cos, sin = (torch.cat([part.rotation[i] for part in parts]) for i in (0, 1))
    runs = join_runs([run for part in parts for run in part.runs])
    return Part(torch.cat([part.tokens_BTd for part in parts], 1), runs, (cos, sin))


def by_run(runs: Sequence[Run], change: Callable[..., Tensor], *tokens_BTd: Tensor) -> Tensor:
    """Apply `change(index of the run, its tokens ...)` to each run."""
    if len(runs) == 1:
        return change(0, *tokens_BTd)
    lengths = [run.length for run in runs]
    pieces = zip(*(x_BTd.split(lengths, 1) for x_BTd in tokens_BTd), strict=True)
    return torch.cat([change(index, *piece) for index, piece in enumerate(pieces)], 1)


def norm_and_modulate(x_BTd: Tensor, shift_Bd: Tensor, scale_Bd: Tensor, eps: float) -> Tensor:
    """LayerNorm without weights, times 1 + scale, plus shift.

    For one sample that is LayerNorm with these two as its weights: one pass over the tokens instead of two.
    """
    width = x_BTd.shape[-1:]
    if len(x_BTd) == 1:
        return F.layer_norm(x_BTd, width, 1 + scale_Bd[0], shift_Bd[0], eps)
    return torch.addcmul(shift_Bd[:, None], F.layer_norm(x_BTd, width, eps=eps), 1 + scale_Bd[:, None])


# ----------------------------------------------------------------------------------- rotary positions (4.6)


@lru_cache(maxsize=64)
def rotation(
    head_dim: int, grid: tuple[int, int, int] | None, num_audio: int, audio_scale: float, device: torch.device
) -> Rotation:
    """Cosines and signed sines [T, 1, D] for a video grid (frames, rows, columns) or else for audio tokens.

    Angles in float64, tables in float32. A head's D/2 pairs are split in time, row and column; audio turns the
    time pairs only, at 0.24 of a video frame per token. Pair (2j, 2j + 1) turns together: `rotate`.
    """
    pairs = head_dim // 2
    spatial = head_dim // 6
    temporal = pairs - 2 * spatial
    with torch.inference_mode(False):  # a cached table must serve training too
        if grid is None:
            positions = (torch.arange(num_audio, dtype=torch.float64) * audio_scale)[:, None]
        else:
            positions = torch.cartesian_prod(*(torch.arange(size, dtype=torch.float64) for size in grid))
        angles = torch.zeros(len(positions), pairs, dtype=torch.float64)
        first = 0
        for axis, count in zip(positions.T, (temporal, spatial, spatial), strict=False):
            rates = 10000.0 ** (-torch.arange(count, dtype=torch.float64) / count)
            angles[:, first : first + count] = axis[:, None] * rates
            first += count
        cos = angles.cos().repeat_interleave(2, 1)
        sin = torch.stack((-angles.sin(), angles.sin()), -1).flatten(1)
        return cos[:, None].to(device, torch.float32), sin[:, None].to(device, torch.float32)


def rotate(x_BTnD: Tensor, table: Rotation) -> Tensor:
    """Turn each pair (a, b) to (a cos - b sin, b cos + a sin)."""
    cos, sin = table
    swapped = x_BTnD.unflatten(-1, (-1, 2)).flip(-1).flatten(-2)
    return torch.addcmul(x_BTnD * cos, swapped, sin)


# ------------------------------------------------------------------------------------------------- modules


class Named(nn.ModuleDict, Generic[M]):
    """A ModuleDict that knows the type of its modules."""

    def __getitem__(self, key: str) -> M:
        return cast(M, super().__getitem__(key))


class Linear(nn.Linear):
    """Multiplies in the type its weights are stored in: how they are stored decides the precision."""

    def forward(self, input: Tensor) -> Tensor:
        return F.linear(input.to(self.weight.dtype), self.weight, self.bias)


class FeedForward(nn.Sequential):
    """Linear, an activation, Linear."""

    def __init__(self, sizes: tuple[int, int, int], activation: nn.Module) -> None:
        super().__init__(Linear(sizes[0], sizes[1]), activation, Linear(sizes[1], sizes[2]))


def attention(q_BTnD: Tensor, k_BTnD: Tensor, v_BTnD: Tensor) -> Tensor:
    """softmax(q k / sqrt(D)) v, heads joined: [B, T, d]."""
    q, k, v = (x.transpose(1, 2) for x in (q_BTnD, k_BTnD, v_BTnD))
    return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)


class Attention(nn.Module):
    """One set of projections: queries and keys are normed over the full width, then cut into heads."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.num_heads = config.num_heads
        self.q, self.k, self.v, self.o = (Linear(config.dim, config.dim) for _ in range(4))
        self.norm_q, self.norm_k = (nn.RMSNorm(config.dim, eps=config.eps) for _ in range(2))

    def normed(self, x_BTd: Tensor, norm: nn.RMSNorm, table: Rotation | None) -> Tensor:
        """Normed heads [B, T, n, D], turned if there is a table; computed in the type of the norm."""
        heads = norm(x_BTd.to(norm.weight.dtype)).unflatten(-1, (self.num_heads, -1))
        return (heads if table is None else rotate(heads, table)).to(x_BTd.dtype)

    def queries(self, x_BTd: Tensor, table: Rotation | None = None) -> Tensor:
        """[B, T, n, D]."""
        return self.normed(self.q(x_BTd), self.norm_q, table)

    def keys_values(self, x_BTd: Tensor, table: Rotation | None = None) -> KeysValues:
        """[B, T, n, D] each."""
        values = self.v(x_BTd).unflatten(-1, (self.num_heads, -1))
        return self.normed(self.k(x_BTd), self.norm_k, table), values


class Block(nn.Module):
    """Attention over all tokens, attention to the text, feed-forward; `names` are its sets of weights (4.7)."""

    def __init__(self, config: Config, names: Sequence[str]) -> None:
        super().__init__()
        self.eps = config.eps
        self.self_attn: Named[Attention] = Named({name: Attention(config) for name in names})
        self.cross_attn: Named[Attention] = Named({name: Attention(config) for name in names})
        self.modulation = nn.ParameterDict({name: nn.Parameter(torch.empty(1, 6, config.dim)) for name in names})
        self.norm3 = nn.LayerNorm(config.dim, eps=config.eps)
        self.ffn = FeedForward((config.dim, config.ffn_dim, config.dim), nn.GELU("tanh"))

    def prepare(self, context_BCd: Tensor, streams: Collection[str]) -> dict[str, KeysValues]:
        """Keys and values of the text, for the sets of weights that these streams use."""
        used = [name for name in self.cross_attn if name == BOTH or name in streams]
        return {name: self.cross_attn[name].keys_values(context_BCd) for name in used}

    def attend(self, hidden: Tokens, parts: dict[str, Part], spans: list[int], attend: Attend) -> Tokens:
        """Self attention over all parts at once, within each span of the joined sequence."""
        qkv: list[tuple[Tensor, Tensor, Tensor]] = []
        for (name, part), x_BTd in zip(parts.items(), hidden.values(), strict=True):
            weights = self.self_attn[name]
            qkv.append((weights.queries(x_BTd, part.rotation), *weights.keys_values(x_BTd, part.rotation)))
        q, k, v = (torch.cat([x[i] for x in qkv], 1) if len(qkv) > 1 else qkv[0][i] for i in range(3))
        seen = [attend(*x) for x in zip(q.split(spans, 1), k.split(spans, 1), v.split(spans, 1), strict=True)]
        pieces = (torch.cat(seen, 1) if len(seen) > 1 else seen[0]).split([x.shape[1] for x in hidden.values()], 1)
        return {name: self.self_attn[name].o(piece) for name, piece in zip(parts, pieces, strict=True)}

    def forward(self, parts: dict[str, Part], text: dict[str, KeysValues], spans: list[int], attend: Attend) -> Tokens:
        """The parts' new tokens."""
        rows = {
            name: [(run.blocks_B6d + self.modulation[name]).unbind(1) for run in part.runs]
            for name, part in parts.items()
        }

        def modulate(name: str, x_BTd: Tensor, first: int) -> Tensor:
            def change(i: int, x: Tensor) -> Tensor:
                return norm_and_modulate(x, rows[name][i][first], rows[name][i][first + 1], self.eps)

            return by_run(parts[name].runs, change, x_BTd)

        def add_gated(name: str, x_BTd: Tensor, y_BTd: Tensor, gate: int) -> Tensor:
            def change(i: int, x: Tensor, y: Tensor) -> Tensor:
                return torch.addcmul(x, y, rows[name][i][gate][:, None])

            return by_run(parts[name].runs, change, x_BTd, y_BTd)

        hidden = {name: modulate(name, part.tokens_BTd, 0) for name, part in parts.items()}
        seen = self.attend(hidden, parts, spans, attend)
        tokens: Tokens = {}
        for name, part in parts.items():
            x_BTd = add_gated(name, part.tokens_BTd, seen[name], 2)
            cross = self.cross_attn[name]
            x_BTd = x_BTd + cross.o(attention(cross.queries(self.norm3(x_BTd)), *text[name]))
            tokens[name] = add_gated(name, x_BTd, self.ffn(modulate(name, x_BTd, 3)), 5)
        return tokens


class Head(nn.Module):
    """Tokens to the numbers of a latent (4.8)."""

    def __init__(self, config: Config, num_out: int) -> None:
        super().__init__()
        self.eps = config.eps
        self.modulation = nn.Parameter(torch.empty(1, 2, config.dim))
        self.head = Linear(config.dim, num_out)

    def forward(self, x_BTd: Tensor, runs: Sequence[Run]) -> Tensor:
        rows = [(run.head_Bd[:, None] + self.modulation).unbind(1) for run in runs]
        return self.head(by_run(runs, lambda i, x: norm_and_modulate(x, rows[i][0], rows[i][1], self.eps), x_BTd))


class VideoEnds(nn.Module):
    """Patches of a video latent to tokens (frame, row, column; columns fastest), and back."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.patch = config.patch_size
        self.weight = nn.Parameter(torch.empty(config.dim, config.vid_in_dim, *self.patch))
        self.bias = nn.Parameter(torch.empty(config.dim))

    def grid(self, latent_BKFHW: Tensor) -> tuple[int, int, int]:
        """Frames, rows and columns of patches; an odd size is filled up with zeros."""
        f, h, w = (-(-size // patch) for size, patch in zip(latent_BKFHW.shape[2:], self.patch, strict=True))
        return f, h, w

    def tokens(self, latent_BKFHW: Tensor) -> Tensor:
        """[B, K, F, H, W] to [B, T, d]: the convolution with stride = kernel, as one product."""
        (f, h, w), (pf, ph, pw) = self.grid(latent_BKFHW), self.patch
        missing = [n * p - size for n, p, size in zip((w, h, f), (pw, ph, pf), latent_BKFHW.shape[:1:-1], strict=True)]
        x = F.pad(latent_BKFHW, [n for count in missing for n in (0, count)]) if any(missing) else latent_BKFHW
        batch, channels = x.shape[:2]
        x = x.reshape(batch, channels, f, pf, h, ph, w, pw).permute(0, 2, 4, 6, 1, 3, 5, 7)
        return F.linear(x.reshape(batch, f * h * w, -1).to(self.weight.dtype), self.weight.flatten(1), self.bias)

    def latent(self, values_BTK: Tensor, like_BKFHW: Tensor) -> Tensor:
        """The numbers of a token are indexed [frame, row, column offset, channel], channel fastest."""
        (f, h, w), (pf, ph, pw) = self.grid(like_BKFHW), self.patch
        x = values_BTK.reshape(len(values_BTK), f, h, w, pf, ph, pw, -1).permute(0, 7, 1, 4, 2, 5, 3, 6)
        x = x.reshape(len(x), -1, f * pf, h * ph, w * pw)
        frames, rows, columns = like_BKFHW.shape[2:]
        return x[:, :, :frames, :rows, :columns]


class AudioEnds(nn.Module):
    """An audio latent to tokens by convolutions along time, one token per latent, and back."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        width, hidden = config.dim, config.audio_hidden
        self.first = nn.Conv1d(config.audio_in_dim, width, 7, padding=3)
        self.w1, self.w3 = (nn.Conv1d(width, hidden, 7, padding=3, bias=False) for _ in range(2))
        self.w2 = nn.Conv1d(hidden, width, 7, padding=3, bias=False)

    def grid(self, latent_BLK: Tensor) -> None:
        """Audio tokens lie on time alone."""
        del latent_BLK

    def tokens(self, latent_BLK: Tensor) -> Tensor:
        """[B, L, K] to [B, L, d]: a convolution, SiLU, then w2(SiLU(w1 x) * w3 x)."""
        x = F.silu(self.first(latent_BLK.transpose(1, 2).to(self.first.weight.dtype)))
        return self.w2(F.silu(self.w1(x)) * self.w3(x)).transpose(1, 2)

    def latent(self, values_BTK: Tensor, like_BLK: Tensor) -> Tensor:
        """The values are the latent."""
        del like_BLK
        return values_BTK


class Speaker(nn.Module):
    """A voice embedding to one row of the context; an all-zero embedding gives the learned null row (4.4)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.null_token = nn.Parameter(torch.empty(1, config.dim))
        self.norm = nn.LayerNorm(config.spk_dim, eps=1e-5)
        self.net = FeedForward((config.spk_dim, config.dim, config.dim), nn.SiLU())
        self.out_norm = nn.LayerNorm(config.dim, eps=1e-5)

    def forward(self, voices_RS: Tensor) -> Tensor:
        voices_RS = voices_RS.to(self.norm.weight.dtype)
        rows_Rd = self.out_norm(self.net(self.norm(voices_RS)).to(self.out_norm.weight.dtype))
        silent = voices_RS.square().sum(-1, keepdim=True) <= 1e-6
        return torch.where(silent, self.null_token, rows_Rd)


class Nava(nn.Module):
    """The whole backbone; see the top of the file for its three calls."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.checkpointing = False
        """Recompute each block in the backward pass instead of keeping its activations."""
        self.ends: Named[VideoEnds | AudioEnds] = Named({"video": VideoEnds(config), "audio": AudioEnds(config)})
        self.text = FeedForward((config.text_dim, config.dim, config.dim), nn.GELU("tanh"))
        self.time = FeedForward((config.freq_dim, config.dim, config.dim), nn.SiLU())
        self.time_projection = Linear(config.dim, 6 * config.dim)
        self.speaker = Speaker(config)
        names = [STREAMS] * config.num_double_layers + [(BOTH,)] * config.num_single_layers
        self.blocks = nn.ModuleList(Block(config, own) for own in names)
        num_out = {"video": math.prod(config.patch_size) * config.vid_out_dim, "audio": config.audio_out_dim}
        self.heads: Named[Head] = Named({name: Head(config, count) for name, count in num_out.items()})

    @property
    def dtype(self) -> torch.dtype:
        """The type of tokens between blocks: that of the norms."""
        return self.heads["video"].modulation.dtype

    def context(
        self,
        texts_NE: Sequence[Tensor],
        voices_RS: Tensor | None = None,
        positions: Sequence[Sequence[int]] | None = None,
    ) -> Tensor:
        """Projected text rows [B, C, d], with voices written over the given positions of each sample.

        Voices come in the order of samples, then positions; one voice serves any number of positions. Rows past
        a text's end are zero before the projection and are attended: the released model was trained so.
        """
        count = self.config.text_len
        longest = max(len(text) for text in texts_NE)
        if longest > count:
            raise InputError(f"the text embedding has {longest} rows but the model's context has {count}; cut the text")
        padded_BCE = torch.stack([F.pad(text, (0, 0, 0, count - len(text))) for text in texts_NE])
        context_BCd = self.text(padded_BCE).to(self.dtype)
        places = [(sample, place) for sample, row in enumerate(positions or []) for place in row]
        if voices_RS is None or not places:
            return context_BCd
        if len(voices_RS) != 1 and len(voices_RS) < len(places):
            raise InputError(f"{len(voices_RS)} voices for {len(places)} spans of speech; give one, or one per span")
        if not all(0 <= place < count for _, place in places):
            raise InputError(f"voice positions {list(positions or [])} must lie within the {count} rows of the context")
        rows_md = self.speaker(voices_RS[: len(places)]).to(self.dtype).expand(len(places), -1)
        samples, columns = torch.tensor(places, device=context_BCd.device).T
        return context_BCd.index_put((samples, columns), rows_md)

    def prepare(self, context_BCd: Tensor, streams: Sequence[str] = STREAMS) -> Prepared:
        """Every block's keys and values of the context."""
        return [cast(Block, block).prepare(context_BCd, {*map(kind, streams)}) for block in self.blocks]

    def embed(self, latents: Latents, t: dict[str, Tensor], clean_first_frame: bool = False) -> dict[str, Part]:
        """Tokens, runs of equal timestep and rotary tables of every stream."""
        streams = in_order(latents)
        grids = {name: self.ends[kind(name)].grid(latents[name]) for name in streams}
        tokens = {name: self.ends[kind(name)].tokens(latents[name]).to(self.dtype) for name in streams}
        zero = torch.zeros_like(next(iter(t.values())))
        lengths: dict[str, list[tuple[int, Tensor]]] = {}
        for name, grid in grids.items():
            num_clean = grid[1] * grid[2] if clean_first_frame and grid else 0
            lengths[name] = [(num_clean, zero), (tokens[name].shape[1] - num_clean, t[name])]
        runs = self.timesteps({id(tau): tau for own in lengths.values() for count, tau in own if count})
        return {
            name: Part(
                tokens[name],
                tuple(replace(runs[id(tau)], length=count) for count, tau in lengths[name] if count),
                self.rotation(grids[name], latents[name]),
            )
            for name in streams
        }

    def rotation(self, grid: tuple[int, int, int] | None, latent: Tensor) -> Rotation:
        """The rotary table of one stream's tokens."""
        head_dim = self.config.dim // self.config.num_heads
        num_audio = 0 if grid else latent.shape[1]
        return rotation(head_dim, grid, num_audio, self.config.temporal_rope_scaling_factor, latent.device)

    def timesteps(self, taus: dict[int, Tensor]) -> dict[int, Run]:
        """A run (of no tokens yet) for each distinct timestep [B] (4.3)."""
        tau = torch.cat(list(taus.values())).double()
        half = self.config.freq_dim // 2
        rates = 10000.0 ** (-torch.arange(half, dtype=torch.float64, device=tau.device) / half)
        angles = tau[:, None] * rates
        features = torch.cat((angles.cos(), angles.sin()), 1).to(self.dtype)
        with torch.autocast(tau.device.type, enabled=False):  # a bfloat16 timestep would shift every token
            e = self.time(features)
            e6 = self.time_projection(F.silu(e)).unflatten(1, (6, -1))
        pairs = zip(e6.chunk(len(taus)), e.chunk(len(taus)), strict=True)
        return {key: Run(0, *pair) for key, pair in zip(taus, pairs, strict=True)}

    def run_blocks(
        self, parts: dict[str, Part], prepared: Prepared, spans: list[int], indices: range, attend: Attend
    ) -> dict[str, Part]:
        """Some of the blocks, in order; the first single block joins the streams into one part."""
        for index in indices:
            block = self.blocks[index]
            if index >= self.config.num_double_layers and BOTH not in parts:
                parts = {BOTH: join(list(parts.values()))}
            args = (parts, prepared[index], spans, attend)
            keep = not (self.checkpointing and torch.is_grad_enabled())
            tokens = block(*args) if keep else checkpoint(block, *args, use_reentrant=False)
            parts = {name: replace(part, tokens_BTd=tokens[name]) for name, part in parts.items()}
        return parts

    def velocities(self, parts: dict[str, Part], streams: dict[str, Part], latents: Latents) -> Latents:
        """Tokens after the last block to velocities; `streams` are the parts that `embed` gave."""
        pieces = torch.cat([part.tokens_BTd for part in parts.values()], 1).split(spans(streams, masked=True), 1)
        return {
            name: self.ends[kind(name)].latent(self.heads[kind(name)](x_BTd, streams[name].runs), latents[name])
            for name, x_BTd in zip(streams, pieces, strict=True)
        }

    def denoise(self, streams: dict[str, Part], latents: Latents, prepared: Prepared, masked: bool = False) -> Latents:
        """Velocities from what `embed` gave, which all calls of one step share."""
        parts = grouped(streams)
        parts = self.run_blocks(parts, prepared, spans(parts, masked), range(len(self.blocks)), attention)
        return self.velocities(parts, streams, latents)

    def forward(
        self,
        latents: Latents,
        t: dict[str, Tensor],
        prepared: Prepared,
        *,
        clean_first_frame: bool = False,
        masked: bool = False,
    ) -> Latents:
        """Velocities of the streams in `latents`, each stream at its own timestep [B].

        With `clean_first_frame` the tokens of the first frame get timestep 0; with `masked` the streams do not
        see each other.
        """
        return self.denoise(self.embed(latents, t, clean_first_frame), latents, prepared, masked)


def spans(streams: dict[str, Part], masked: bool) -> list[int]:
    """Lengths of the parts of the sequence that attend within themselves."""
    lengths = [part.tokens_BTd.shape[1] for part in streams.values()]
    return lengths if masked else [sum(lengths)]
