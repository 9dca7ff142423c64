"""A voice to the numbers that stand for it in a caption.

    encoder = load_speaker(folder, "cpu")
    voice_S = encoder(read_voice(Path("anna.wav")))          # [192]

The release takes ReDimNet (M, fine-tuned with mixing on vb2 + vox2 + cnc; MIT) by its own code, which wants torchaudio:

    FOLDER/speaker/redimnet/                      the code, from github.com/IDRnD/ReDimNet
    FOLDER/speaker/M-vb2+vox2+cnc-ft_mix.pt       the weights, from its releases

Without either there is an error, never a film without the voice.
"""

import importlib
import pickle
import sys
from pathlib import Path
from typing import Protocol

import av
import numpy as np
import torch
from av.error import FFmpegError
from torch import Tensor

from clapboard.engines.nava.codecs import MODEL_RATE
from clapboard.errors import InputError, MissingDependency, WeightsError
from clapboard.take import Samples

CODE = "speaker"
WEIGHTS = "speaker/M-vb2+vox2+cnc-ft_mix.pt"
MAX_S = 30
"""Seconds of a voice that are listened to."""


class SpeakerEncoder(Protocol):
    """Any way to turn speech into a voice embedding."""

    def __call__(self, speech: Samples) -> Tensor:
        """Mono float32 [N] at 16 kHz to [192]."""
        ...


class ReDimNet:
    """The release's speaker encoder."""

    def __init__(self, network: torch.nn.Module, device: str) -> None:
        self.network, self.device = network.to(device).eval(), device

    @torch.no_grad()
    def __call__(self, speech: Samples) -> Tensor:
        waves_1N = torch.tensor(speech[None, : MAX_S * MODEL_RATE], device=self.device)
        return self.network(waves_1N)[0].float().cpu()


def load_speaker(folder: Path, device: str) -> SpeakerEncoder:
    """The release's encoder; raises `WeightsError` or `MissingDependency` when a part of it is not there."""
    path = folder / WEIGHTS
    if not (folder / CODE / "redimnet").is_dir() or not path.is_file():
        missing = path if (folder / CODE / "redimnet").is_dir() else folder / CODE / "redimnet"
        raise WeightsError(
            f"a line has a voice, but {missing} is not there; put ReDimNet's code and weights into"
            f" {folder / CODE} (github.com/IDRnD/ReDimNet), or remove the voice"
        )
    sys.path.insert(0, str(folder / CODE))
    try:
        module = importlib.import_module("redimnet.model")
        stored = torch.load(path, map_location="cpu", weights_only=True)
        network = module.ReDimNetWrap(**stored["model_config"])
        network.load_state_dict(stored["state_dict"], strict=True)
    except ImportError as error:
        raise MissingDependency(f"voices need {error.name}, which is not installed; pip install {error.name}") from None
    except (OSError, EOFError, pickle.UnpicklingError, KeyError, TypeError, RuntimeError) as error:
        reason = str(error).splitlines()[0][:120]
        raise WeightsError(f"{path} is not what the code beside it expects ({reason}); fetch both again") from None
    finally:
        sys.path.remove(str(folder / CODE))
    return ReDimNet(network, device)


def read_voice(path: Path) -> Samples:
    """The sound of a file as mono float32 [N] at 16 kHz."""
    parts: list[Samples] = []
    try:
        with av.open(path) as file:
            resampler = av.AudioResampler("flt", "mono", MODEL_RATE)
            for frame in [*file.decode(audio=0), None]:
                parts += [out.to_ndarray()[0] for out in resampler.resample(frame)]
    except FileNotFoundError:
        raise InputError(f"the voice {path} does not exist; give a sound file of someone speaking") from None
    except (FFmpegError, IndexError) as error:
        raise InputError(f"the voice {path} cannot be read as sound ({error}); give a WAV file") from None
    speech = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    if len(speech) < MODEL_RATE // 2:
        raise InputError(f"the voice {path} lasts {len(speech) / MODEL_RATE:.2f} s; give at least half a second")
    return speech
