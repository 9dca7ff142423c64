"""The released NAVA computation, transcribed plainly: the yardstick for speed and for exactness.

Written from the model's specification alone, in its order and with its names, sharing no code with
clapboard.engines.nava: a modulation for every token, both streams padded to the longest of the batch, rotary
tables in float64 at every call, the text projected at every call, attention as softmax(q k) v. Weights are a dict
by released names; the config is the released one as a dict. Types follow the weights.

    velocities = forward(weights, config, {"vid": [...], "audio": [...], "t": ..., ...})
"""

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

Weights = dict[str, Tensor]
Config = dict[str, Any]
FUSED_ABOVE = 8192
"""Tokens from where the plain softmax(q k) v would not fit; torch's fused attention stands in."""


def linear(w: Weights, name: str, x: Tensor) -> Tensor:
    """x W^T + b."""
    return F.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])


def rms(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """RMS norm over the full width."""
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps) * weight


def layer_norm(x: Tensor, eps: float) -> Tensor:
    """LayerNorm without parameters."""
    return F.layer_norm(x, x.shape[-1:], eps=eps)


def attention(q: Tensor, k: Tensor, v: Tensor, valid: Tensor | None) -> Tensor:
    """[B, T, n, D] each; `valid` [B, keys] excludes padding."""
    q, k, v = (x.transpose(1, 2) for x in (q, k, v))
    mask = None if valid is None or bool(valid.all()) else valid[:, None, None, :]
    if k.shape[2] > FUSED_ABOVE:
        out = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    else:
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
        scores = scores if mask is None else scores.masked_fill(~mask, -math.inf)
        out = torch.softmax(scores, -1) @ v
    return out.transpose(1, 2).flatten(2)


def rope_angles(head_dim: int, grids: list[tuple[int, ...]], length: int, device: torch.device) -> Tensor:
    """Angles of a padded batch of videos, [B, length, 1, D / 2] in float64."""
    c = head_dim // 6
    sizes = (head_dim // 2 - 2 * c, c, c)
    angles = torch.zeros(len(grids), length, 1, head_dim // 2, dtype=torch.float64, device=device)
    for row, grid in enumerate(grids):
        axes = torch.meshgrid(*(torch.arange(n, dtype=torch.float64, device=device) for n in grid), indexing="ij")
        parts = []
        for axis, pairs in zip(axes, sizes, strict=True):
            j = torch.arange(pairs, dtype=torch.float64, device=device)
            parts.append(axis.flatten()[:, None] * 10000 ** (-2 * j / max(2 * pairs, 1)))
        angles[row, : math.prod(grid), 0] = torch.cat(parts, 1)
    return angles


def rope_angles_audio(head_dim: int, lengths: list[int], length: int, scale: float, device: torch.device) -> Tensor:
    """Angles of a padded batch of audio, [B, length, 1, D / 2]: the time pairs only."""
    pairs = head_dim // 2 - 2 * (head_dim // 6)
    angles = torch.zeros(len(lengths), length, 1, head_dim // 2, dtype=torch.float64, device=device)
    j = torch.arange(pairs, dtype=torch.float64, device=device)
    p = torch.arange(length, dtype=torch.float64, device=device)
    angles[..., 0, :pairs] = scale * p[:, None] * 10000 ** (-2 * j / (2 * pairs))
    return angles


def rope(x: Tensor, angles: Tensor) -> Tensor:
    """Adjacent pairs as complex numbers, turned in float64."""
    pairs = torch.view_as_complex(x.double().unflatten(-1, (-1, 2)).contiguous())
    turned = pairs * torch.polar(torch.ones_like(angles), angles)
    return torch.view_as_real(turned).flatten(-2).to(x.dtype)


def qkv(w: Weights, config: Config, name: str, suffix: str, x: Tensor, source: Tensor) -> tuple[Tensor, ...]:
    """Queries of x, keys and values of source, [B, T, n, D]."""
    eps, n = config["eps"], config["num_heads"]
    q = rms(linear(w, f"{name}.q{suffix}", x), w[f"{name}.norm_q{suffix}.weight"], eps)
    k = rms(linear(w, f"{name}.k{suffix}", source), w[f"{name}.norm_k{suffix}.weight"], eps)
    v = linear(w, f"{name}.v{suffix}", source)
    return tuple(y.unflatten(-1, (n, -1)) for y in (q, k, v))


def block(w: Weights, config: Config, name: str, streams: list[dict[str, Any]], ctx: Tensor, masked: bool) -> None:
    """One block, in place; a single block's streams differ in nothing but their place in the sequence."""
    eps, is_double = config["eps"], name.startswith("double")
    for s in streams:
        s["own"] = "_audio" if is_double and s["is_audio"] else ""
        m = (s["e6"] + w[f"{name}.modulation{s['own']}.modulation"][:, None]).unbind(2)
        s["m"] = m
        a = layer_norm(s["x"], eps) * (1 + m[1]) + m[0]
        q, k, v = qkv(w, config, f"{name}.self_attn", s["own"], a, a)
        s["qkv"] = rope(q, s["angles"]), rope(k, s["angles"]), v
    groups = [[s] for s in streams] if masked else [streams]
    for group in groups:
        q, k, v = (torch.cat([s["qkv"][i] for s in group], 1) for i in range(3))
        y = attention(q, k, v, torch.cat([s["valid"] for s in group], 1))
        for s, piece in zip(group, y.split([s["x"].shape[1] for s in group], 1), strict=True):
            s["y"] = linear(w, f"{name}.self_attn.o{s['own']}", piece)
    for s in streams:
        x = s["x"] + s["y"] * s["m"][2]
        h = F.layer_norm(x, x.shape[-1:], w[f"{name}.norm3.weight"], w[f"{name}.norm3.bias"], eps)
        q, k, v = qkv(w, config, f"{name}.cross_attn", s["own"], h, ctx)
        x = x + linear(w, f"{name}.cross_attn.o{s['own']}", attention(q, k, v, None))
        h = layer_norm(x, eps) * (1 + s["m"][4]) + s["m"][3]
        h = linear(w, f"{name}.ffn.2", F.gelu(linear(w, f"{name}.ffn.0", h), approximate="tanh"))
        s["x"] = x + h * s["m"][5]


def time_embedding(w: Weights, config: Config, tau: Tensor) -> tuple[Tensor, Tensor]:
    """e [B, T, d] and e6 [B, T, 6, d] of a timestep for every token [B, T]."""
    half = config["freq_dim"] // 2
    f = 10000 ** (-torch.arange(half, dtype=torch.float64, device=tau.device) / half)
    angle = tau.double()[..., None] * f
    s = torch.cat([angle.cos(), angle.sin()], -1).to(w["time_embedding.0.weight"].dtype)
    e = linear(w, "time_embedding.2", F.silu(linear(w, "time_embedding.0", s)))
    return e, linear(w, "time_projection.1", F.silu(e)).unflatten(-1, (6, -1))


def context(
    w: Weights, config: Config, texts: list[Tensor], voices: Tensor | None, positions: list[list[int]] | None
) -> Tensor:
    """Zero rows first, then the projection, then voices over it."""
    rows = [F.pad(text, (0, 0, 0, config["text_len"] - len(text))) for text in texts]
    h = torch.stack(rows).to(w["text_embedding.0.weight"].dtype)
    ctx = linear(w, "text_embedding.2", F.gelu(linear(w, "text_embedding.0", h), approximate="tanh"))
    if voices is None or positions is None:
        return ctx
    p = "speaker_embedding"
    z = voices.to(ctx.dtype)
    u = F.layer_norm(z, z.shape[-1:], w[f"{p}.net.0.weight"], w[f"{p}.net.0.bias"], 1e-5)
    u = linear(w, f"{p}.net.3", F.silu(linear(w, f"{p}.net.1", u)))
    u = F.layer_norm(u, u.shape[-1:], w[f"{p}.out_norm.weight"], w[f"{p}.out_norm.bias"], 1e-5)
    tokens = torch.where((z**2).sum(-1, keepdim=True) <= 1e-6, w[f"{p}.null_token"], u)
    places = [(b, place) for b, own in enumerate(positions) for place in own]
    for r, (b, place) in enumerate(places):
        ctx[b, place] = tokens[0 if len(tokens) == 1 else r]
    return ctx


def embed_audio(w: Weights, x: Tensor) -> Tensor:
    """[L, K] to [L, d]."""
    p = "patch_embedding_audio"
    x = F.silu(F.conv1d(x.T[None], w[f"{p}.0.weight"], w[f"{p}.0.bias"], padding=3))
    gate = F.silu(F.conv1d(x, w[f"{p}.2.w1.weight"], padding=3)) * F.conv1d(x, w[f"{p}.2.w3.weight"], padding=3)
    return F.conv1d(gate, w[f"{p}.2.w2.weight"], padding=3)[0].T


def video_stream(w: Weights, config: Config, args: dict[str, Any]) -> dict[str, Any]:
    """Padded video tokens and what goes with them."""
    x = [
        F.conv3d(v[None], w["patch_embedding.weight"], w["patch_embedding.bias"], stride=(1, 2, 2)) for v in args["vid"]
    ]
    grids = [tuple(y.shape[2:]) for y in x]
    length = args.get("vid_seq_len") or max(math.prod(g) for g in grids)
    tokens = torch.stack([F.pad(y[0].flatten(1).T, (0, 0, 0, length - math.prod(y.shape[2:]))) for y in x])
    tau = args["t"].double()[:, None].repeat(1, length)
    if args["first_frame_is_clean"]:
        for row, grid in enumerate(grids):
            tau[row, : grid[1] * grid[2]] = 0
    angles = rope_angles(config["dim"] // config["num_heads"], grids, length, tokens.device)
    return {
        "is_audio": False,
        "x": tokens,
        "tau": tau,
        "lengths": [math.prod(g) for g in grids],
        "grids": grids,
        "angles": angles,
    }


def audio_stream(w: Weights, config: Config, args: dict[str, Any]) -> dict[str, Any]:
    """Padded audio tokens and what goes with them."""
    lengths = [len(a) for a in args["audio"]]
    length = args.get("audio_seq_len") or max(lengths)
    tokens = torch.stack([F.pad(embed_audio(w, a), (0, 0, 0, length - len(a))) for a in args["audio"]])
    tau = args["t"].double()[:, None].repeat(1, length)
    head_dim, scale = config["dim"] // config["num_heads"], config["temporal_rope_scaling_factor"]
    angles = rope_angles_audio(head_dim, lengths, length, scale, tokens.device)
    return {"is_audio": True, "x": tokens, "tau": tau, "lengths": lengths, "angles": angles}


def head(w: Weights, config: Config, name: str, stream: dict[str, Any]) -> Tensor:
    """Tokens to numbers."""
    g = w[f"{name}.modulation"][:, None] + stream["e"][:, :, None]
    return linear(w, f"{name}.head", layer_norm(stream["x"], config["eps"]) * (1 + g[:, :, 1]) + g[:, :, 0])


def forward(w: Weights, config: Config, args: dict[str, Any]) -> dict[str, list[Tensor] | None]:
    """The backbone with its released arguments; velocities per sample, None for an absent stream."""
    streams = [video_stream(w, config, args)] if args["vid"] else []
    streams += [audio_stream(w, config, args)] if args["audio"] else []
    for s in streams:
        s["e"], s["e6"] = time_embedding(w, config, s["tau"])
        place = torch.arange(s["x"].shape[1], device=s["x"].device)
        s["valid"] = place < torch.tensor(s["lengths"], device=place.device)[:, None]
    has_voices = bool(args["audio"]) and args["spk_embed"] is not None
    texts = args["vid_context"] if args["vid"] and args["spk_embed"] is None else args["audio_context"]
    ctx = context(w, config, texts, args["spk_embed"] if has_voices else None, args["spk_pos"])
    for kind in ("double", "single"):
        for i in range(config[f"num_{kind}_layers"]):
            block(w, config, f"{kind}_blocks.{i}", streams, ctx, args["masking_modality"])
    out: dict[str, list[Tensor] | None] = {"vid": None, "audio": None}
    for s in streams:
        y = head(w, config, "head_audio" if s["is_audio"] else "head", s)
        if s["is_audio"]:
            out["audio"] = [row[:n] for row, n in zip(y, s["lengths"], strict=True)]
        else:
            k = config["vid_out_dim"]
            cut = [row[:n].view(*g, 2, 2, k) for row, n, g in zip(y, s["lengths"], s["grids"], strict=True)]
            out["vid"] = [v.permute(5, 0, 1, 3, 2, 4).flatten(2, 3).flatten(3, 4) for v in cut]
    return out
