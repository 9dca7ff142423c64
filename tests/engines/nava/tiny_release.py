"""A folder of weights laid out like the release, with the real networks at tiny size and random numbers in them."""

import math
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import torch
from diffusers.models.autoencoders.autoencoder_kl_ltx2_audio import AutoencoderKLLTX2Audio
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
from diffusers.pipelines.ltx2.vocoder import LTX2VocoderWithBWE
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors
from torch import nn
from transformers import UMT5Config, UMT5EncoderModel

from clapboard.engines.nava.config import nano
from clapboard.engines.nava.model import Nava
from clapboard.engines.nava.weights import init_weights, save

M = TypeVar("M", bound=nn.Module)
TEXT_WIDTH = 16
WORDS = ("dog", "barks", "rain", "piano", "night", "<", "S", ">", "E", "Good", "evening", ".", "hello", "there")


def spread(network: M, seed: int, scale: float = 0.3) -> M:
    """Random numbers of a useful size everywhere, so that every tensor shows in the output."""
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in network.state_dict().items():
        if "filter" in name:  # these low passes are not learned
            continue
        fan_in = max(math.prod(tensor.shape[1:]), 1)
        tensor.copy_(torch.randn(tensor.shape, generator=generator) * (scale if tensor.ndim < 2 else fan_in**-0.5))
        if "norm" in name or "gamma" in name or name.endswith("latents_std"):
            tensor.copy_(1 + tensor.abs())
    return network.eval().requires_grad_(False)


def text_network() -> UMT5EncoderModel:
    config = UMT5Config(
        vocab_size=400, d_model=TEXT_WIDTH, d_kv=4, d_ff=24, num_layers=2, num_heads=3, feed_forward_proj="gated-gelu"
    )
    return spread(UMT5EncoderModel(config), 1)


def video_network() -> AutoencoderKLWan:
    network = AutoencoderKLWan(
        base_dim=4, decoder_base_dim=6, z_dim=48, dim_mult=[1, 2, 2, 2], num_res_blocks=1, attn_scales=[],
        temperal_downsample=[False, True, True], is_residual=True, in_channels=12, out_channels=12, patch_size=2,
        scale_factor_spatial=16,
    )  # fmt: skip
    return spread(network, 2)


def sound_networks() -> tuple[AutoencoderKLLTX2Audio, LTX2VocoderWithBWE]:
    vae = AutoencoderKLLTX2Audio(base_channels=4)
    vae.register_buffer("latents_mean", torch.zeros(128))
    vae.register_buffer("latents_std", torch.ones(128))
    vocoder = LTX2VocoderWithBWE(hidden_channels=64, bwe_hidden_channels=32)
    spread(vocoder, 4)
    for last in (vocoder.vocoder.conv_out, vocoder.bwe_generator.conv_out):
        last.weight *= 0.02  # random numbers would be far too loud
    return spread(vae, 3), vocoder


def backbone() -> Nava:
    config = replace(
        nano(), dim=24, ffn_dim=32, num_heads=2, num_double_layers=1, num_single_layers=1, vid_in_dim=48,
        vid_out_dim=48, audio_in_dim=128, audio_out_dim=128, text_len=512, text_dim=TEXT_WIDTH, freq_dim=16,
        spk_dim=192, patch_size=(1, 2, 2),
    )  # fmt: skip
    generator = torch.Generator().manual_seed(5)
    model = Nava(config)
    init_weights(model, generator)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape, generator=generator), alpha=0.02)
    return model


def tokenizer() -> Tokenizer:
    """Words and marks, the end of text last, as umT5's does; unknown words are one token."""
    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *((word, -1.0) for word in WORDS)]
    made = Tokenizer(models.Unigram(vocabulary, unk_id=2, byte_fallback=False))
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace()])
    made.add_special_tokens([AddedToken(f"<extra_id_{i}>", normalized=False) for i in range(3)])
    made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return made


def original(state: dict[str, torch.Tensor], rules: tuple[tuple[str, str], ...]) -> dict[str, torch.Tensor]:
    """The tensors by their released names."""
    named = {}
    for name, tensor in state.items():
        for pattern, replacement in rules:
            name = re.sub(pattern, replacement, name)
        named[name] = tensor.contiguous().clone()
    return named


TEXT = (
    (r"^shared", "token_embedding"), (r"^encoder\.final_layer_norm", "norm"), (r"^encoder\.block", "blocks"),
    (r"layer\.0\.layer_norm", "norm1"), (r"layer\.1\.layer_norm", "norm2"),
    (r"layer\.0\.SelfAttention\.relative_attention_bias", "pos_embedding.embedding"),
    (r"layer\.0\.SelfAttention", "attn"), (r"layer\.1\.DenseReluDense\.wi_0", "ffn.gate.0"),
    (r"layer\.1\.DenseReluDense\.wi_1", "ffn.fc1"), (r"layer\.1\.DenseReluDense\.wo", "ffn.fc2"),
)  # fmt: skip
_RESNET = r"(middle\.[02]|resnets\.\d+)"
VIDEO = (
    (r"^quant_conv", "conv1"), (r"^post_quant_conv", "conv2"), (r"conv_in", "conv1"),
    (r"coder\.norm_out", "coder.head.0"), (r"coder\.conv_out", "coder.head.2"),
    (r"mid_block\.resnets\.0", "middle.0"), (r"mid_block\.resnets\.1", "middle.2"),
    (r"mid_block\.attentions\.0", "middle.1"),
    (_RESNET + r"\.norm1", r"\1.residual.0"), (_RESNET + r"\.conv1", r"\1.residual.2"),
    (_RESNET + r"\.norm2", r"\1.residual.3"), (_RESNET + r"\.conv2", r"\1.residual.6"),
    (r"conv_shortcut", "shortcut"),
    (r"down_blocks\.(\d+)\.resnets", r"downsamples.\1.downsamples"),
    (r"up_blocks\.(\d+)\.resnets", r"upsamples.\1.upsamples"),
    (r"down_blocks\.(\d+)\.downsampler", r"downsamples.\1.downsamples.1"),
    (r"up_blocks\.(\d+)\.upsampler", r"upsamples.\1.upsamples.2"),
)  # fmt: skip
_STATISTICS = "per_channel_statistics."
SOUND = (
    (r"^latents_mean", _STATISTICS + "mean-of-means"), (r"^latents_std", _STATISTICS + "std-of-means"),
    (r"^", "audio_vae."),
)  # fmt: skip
VOCODER = (
    (r"\.resnets\.", ".resblocks."), (r"\.conv_in\.", ".conv_pre."), (r"\.conv_out\.", ".conv_post."),
    (r"\.act_out\.", ".act_post."), (r"\.downsample\.filter", ".downsample.lowpass.filter"),
    (r"\.upsamplers\.", ".ups."), (r"^", "vocoder."),
)  # fmt: skip


SPEAKER = """\
import torch

class ReDimNetWrap(torch.nn.Module):
    '''Loudness in 192 bands of a fixed basis: small, real, and different for different voices.'''

    def __init__(self, num_out):
        super().__init__()
        self.basis = torch.nn.Parameter(torch.zeros(num_out, 400))

    def forward(self, waves):
        return torch.nn.functional.conv1d(waves[:, None], self.basis[:, None], stride=400).square().mean(2)
"""


def write_speaker(folder: Path) -> Path:
    """A speaker encoder laid out like ReDimNet's code and weights."""
    package = folder / "speaker" / "redimnet"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "model.py").write_text(SPEAKER)
    basis = torch.randn(192, 400, generator=torch.Generator().manual_seed(1))
    stored = {"model_config": {"num_out": 192}, "state_dict": {"basis": basis}}
    torch.save(stored, folder / "speaker" / "M-vb2+vox2+cnc-ft_mix.pt")
    return folder


def forget_speaker() -> None:
    """Let the next folder's code be imported."""
    for name in [name for name in sys.modules if name.split(".")[0] == "redimnet"]:
        del sys.modules[name]


def write_release(folder: Path) -> Path:
    """Everything that a film needs, by the released file names."""
    wan, ltx = folder / "Wan2.2-TI2V-5B", folder / "params" / "LTX2"
    (wan / "google" / "umt5-xxl").mkdir(parents=True)
    ltx.mkdir(parents=True)
    tokenizer().save(str(wan / "google" / "umt5-xxl" / "tokenizer.json"))
    text = {name: x.bfloat16() for name, x in text_network().state_dict().items() if "embed_tokens" not in name}
    torch.save(original(text, TEXT), wan / "models_t5_umt5-xxl-enc-bf16.pth")
    torch.save(original(video_network().state_dict(), VIDEO), wan / "Wan2.2_VAE.pth")
    vae, vocoder = sound_networks()
    sound = original(vae.state_dict(), SOUND) | original(vocoder.state_dict(), VOCODER)
    save_file(sound, ltx / "ltx-2.3-22b-dev_audio_vae.safetensors")
    save(backbone(), folder / "NAVA.safetensors")
    return folder
