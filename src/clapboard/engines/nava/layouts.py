"""Released files as the classes of transformers and diffusers want them: names mapped, sizes read off the shapes.

    text = load_text(path, "cpu")        # umT5 encoder: models_t5_umt5-xxl-enc-bf16.pth, or the names of transformers
    video = load_video(path, "cpu")      # Wan2.2 VAE:   Wan2.2_VAE.pth, or the names of diffusers
    sound = load_sound(path, "cpu")      # LTX-2.3 audio VAE and vocoder: ltx-2.3-22b-dev_audio_vae.safetensors

No configuration file is needed, because every width and depth that varies shows in the shapes. Every tensor of a
network must be in its file with its shape; what else is in the file is an error too.
"""

import pickle
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import torch
from diffusers.models.autoencoders.autoencoder_kl_ltx2_audio import AutoencoderKLLTX2Audio
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
from diffusers.pipelines.ltx2.vocoder import LTX2VocoderWithBWE
from torch import Tensor, nn
from transformers import UMT5Config, UMT5EncoderModel

from clapboard.engines.nava.weights import check_names, opened
from clapboard.errors import WeightsError

State = dict[str, Tensor]
Rules = tuple[tuple[str, str], ...]
M = TypeVar("M", bound=nn.Module)

TEXT_RULES: Rules = (
    (r"^token_embedding\.", "shared."),
    (r"^norm\.", "encoder.final_layer_norm."),
    (r"^blocks\.(\d+)\.", r"encoder.block.\1."),
    (r"\.norm1\.", ".layer.0.layer_norm."),
    (r"\.norm2\.", ".layer.1.layer_norm."),
    (r"\.attn\.", ".layer.0.SelfAttention."),
    (r"\.pos_embedding\.embedding\.", ".layer.0.SelfAttention.relative_attention_bias."),
    (r"\.ffn\.gate\.0\.", ".layer.1.DenseReluDense.wi_0."),
    (r"\.ffn\.fc1\.", ".layer.1.DenseReluDense.wi_1."),
    (r"\.ffn\.fc2\.", ".layer.1.DenseReluDense.wo."),
)
VIDEO_RULES: Rules = (
    (r"^conv1\.", "quant_conv."),
    (r"^conv2\.", "post_quant_conv."),
    (r"coder\.conv1\.", "coder.conv_in."),
    (r"\.head\.0\.", ".norm_out."),
    (r"\.head\.2\.", ".conv_out."),
    (r"\.middle\.0\.", ".mid_block.resnets.0."),
    (r"\.middle\.1\.", ".mid_block.attentions.0."),
    (r"\.middle\.2\.", ".mid_block.resnets.1."),
    (r"\.downsamples\.(\d+)\.downsamples\.\d+\.(?=resample|time_conv)", r".down_blocks.\1.downsampler."),
    (r"\.upsamples\.(\d+)\.upsamples\.\d+\.(?=resample|time_conv)", r".up_blocks.\1.upsampler."),
    (r"\.downsamples\.(\d+)\.downsamples\.(\d+)\.", r".down_blocks.\1.resnets.\2."),
    (r"\.upsamples\.(\d+)\.upsamples\.(\d+)\.", r".up_blocks.\1.resnets.\2."),
    (r"\.residual\.0\.", ".norm1."),
    (r"\.residual\.2\.", ".conv1."),
    (r"\.residual\.3\.", ".norm2."),
    (r"\.residual\.6\.", ".conv2."),
    (r"\.shortcut\.", ".conv_shortcut."),
)
SOUND_RULES: Rules = (
    (r"^audio_vae\.", ""),
    (r"^per_channel_statistics\.mean-of-means$", "latents_mean"),
    (r"^per_channel_statistics\.std-of-means$", "latents_std"),
)
VOCODER_RULES: Rules = (
    (r"^vocoder\.(?=vocoder\.|bwe_generator\.|mel_stft\.)", ""),
    (r"\.resblocks\.", ".resnets."),
    (r"\.conv_pre\.", ".conv_in."),
    (r"\.conv_post\.", ".conv_out."),
    (r"\.act_post\.", ".act_out."),
    (r"\.downsample\.lowpass\.", ".downsample."),
    (r"\.ups\.", ".upsamplers."),
)


def renamed(state: Mapping[str, Tensor], rules: Rules) -> State:
    """The tensors by the names that the rules, applied in order, make of theirs."""
    mapped: State = {}
    for name, tensor in state.items():
        for pattern, replacement in rules:
            name = re.sub(pattern, replacement, name)
        mapped[name] = tensor
    return mapped


def read(path: Path) -> State:
    """All tensors of a .safetensors or .pth file; the latter is read without running what it may contain."""
    if path.suffix == ".safetensors":
        with opened(path) as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    try:
        found = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except FileNotFoundError:
        raise WeightsError(f"{path} does not exist; run `clapboard pull nava`, or name the folder of weights") from None
    except (RuntimeError, EOFError, OSError, zipfile.BadZipFile, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0][:120]
        raise WeightsError(f"{path} cannot be read ({reason}); it is truncated or no weights: fetch it again") from None
    if not isinstance(found, dict) or not all(isinstance(value, Tensor) for value in found.values()):
        raise WeightsError(f"{path} holds no plain list of tensors; fetch it again")
    return found


def build(path: Path, state: State, make: Callable[[State], M], device: str) -> M:
    """The network that `make` sizes from the state, with the state in it, strictly, on the device."""
    try:
        with torch.device("meta"):
            network = make(state)
    except (KeyError, IndexError, ValueError) as error:
        raise WeightsError(f"{path} does not hold this network: no tensor {error}; fetch the right file") from None
    expected = {name: tensor.shape for name, tensor in network.state_dict().items()}
    check_names(path, expected, {name: list(tensor.shape) for name, tensor in state.items()})
    network.load_state_dict({name: x.to(device) for name, x in state.items()}, strict=True, assign=True)
    return network.requires_grad_(False).eval()


def count(state: Mapping[str, Tensor], pattern: str) -> int:
    """How many numbers the pattern's one group takes in the names."""
    return len({match[1] for name in state if (match := re.match(pattern, name))})


# ------------------------------------------------------------------------------------------------------ text


def text_network(state: State) -> UMT5EncoderModel:
    """umT5's encoder of the sizes in the state (by transformers' names)."""
    block = "encoder.block.0.layer."
    words, width = state["shared.weight"].shape
    buckets, heads = state[block + "0.SelfAttention.relative_attention_bias.weight"].shape
    config = UMT5Config(
        vocab_size=words,
        d_model=width,
        d_kv=state[block + "0.SelfAttention.q.weight"].shape[0] // heads,
        d_ff=state[block + "1.DenseReluDense.wi_0.weight"].shape[0],
        num_layers=count(state, r"encoder\.block\.(\d+)\."),
        num_heads=heads,
        relative_attention_num_buckets=buckets,
        feed_forward_proj="gated-gelu",
    )
    return UMT5EncoderModel(config)


def load_text(path: Path, device: str) -> UMT5EncoderModel:
    """The text encoder, in the type that it is stored in (bfloat16)."""
    state = renamed(read(path), TEXT_RULES)
    if "shared.weight" in state:
        state.setdefault("encoder.embed_tokens.weight", state["shared.weight"])
    return build(path, state, text_network, device)


# ----------------------------------------------------------------------------------------------------- video


def video_network(state: State) -> AutoencoderKLWan:
    """The Wan2.2 VAE of the sizes in the state (by diffusers' names)."""
    width, num_in = state["encoder.conv_in.weight"].shape[:2]
    stages = range(count(state, r"encoder\.down_blocks\.(\d+)\."))
    widths = [state[f"encoder.down_blocks.{i}.resnets.0.conv1.weight"].shape[0] for i in stages]
    in_time = [f"encoder.down_blocks.{i}.downsampler.time_conv.weight" in state for i in stages[:-1]]
    patch = round((num_in / 3) ** 0.5)
    return AutoencoderKLWan(
        base_dim=width,
        decoder_base_dim=state["decoder.conv_out.weight"].shape[1],
        z_dim=state["post_quant_conv.weight"].shape[0],
        dim_mult=[own // width for own in widths],
        num_res_blocks=count(state, r"encoder\.down_blocks\.0\.resnets\.(\d+)\."),
        attn_scales=[],
        temperal_downsample=in_time,
        is_residual=True,
        in_channels=num_in,
        out_channels=num_in,
        patch_size=patch,
        scale_factor_temporal=2 ** sum(in_time),
        scale_factor_spatial=patch * 2 ** len(in_time),
    )


def load_video(path: Path, device: str) -> AutoencoderKLWan:
    """The video VAE in float32."""
    state = {name: tensor.float() for name, tensor in renamed(read(path), VIDEO_RULES).items()}
    return build(path, state, video_network, device)


# ----------------------------------------------------------------------------------------------------- sound


def sound_network(state: State) -> AutoencoderKLLTX2Audio:
    """The LTX audio VAE of the sizes in the state (by diffusers' names)."""
    stages = range(count(state, r"encoder\.down\.(\d+)\."))
    widths = [state[f"encoder.down.{i}.block.0.conv1.conv.weight"].shape[0] for i in stages]
    network = AutoencoderKLLTX2Audio(
        base_channels=widths[0],
        ch_mult=tuple(width // widths[0] for width in widths),
        num_res_blocks=count(state, r"encoder\.down\.0\.block\.(\d+)\."),
        latent_channels=state["decoder.conv_in.conv.weight"].shape[1],
    )
    for name in ("latents_mean", "latents_std"):  # diffusers sizes them by the width, which is 128 like they are
        network.register_buffer(name, torch.empty_like(state[name], device="meta"))
    return network


def vocoder_network(state: State) -> LTX2VocoderWithBWE:
    """The vocoder with bandwidth extension of the widths in the state; the rest never varies."""
    return LTX2VocoderWithBWE(
        hidden_channels=state["vocoder.conv_in.weight"].shape[0],
        bwe_hidden_channels=state["bwe_generator.conv_in.weight"].shape[0],
    )


def load_sound(path: Path, device: str) -> tuple[AutoencoderKLLTX2Audio, LTX2VocoderWithBWE]:
    """The audio VAE and its vocoder in float32; both are in one file."""
    every = {name: tensor.float() for name, tensor in read(path).items()}
    own = {name: tensor for name, tensor in every.items() if name.startswith("vocoder.")}
    rest = renamed({name: tensor for name, tensor in every.items() if name not in own}, SOUND_RULES)
    vae = {name: tensor for name, tensor in rest.items() if not name.startswith("per_channel_statistics.")}
    vocoder = build(path, renamed(own, VOCODER_RULES), vocoder_network, device)
    ratio = vocoder.config["output_sampling_rate"] // vocoder.config["input_sampling_rate"]
    # not in the file: the filter of the resampler follows from its ratio
    vocoder.resampler = type(vocoder.resampler)(ratio=ratio, window_type="hann", persistent=False).to(device)
    return build(path, vae, sound_network, device), vocoder
