"""The NAVA family: one transformer that denoises picture and sound together (arXiv 2605.30073).

    model.py    the backbone            weights.py  files, by the released names, strictly
    solvers.py  UniPC, Euler, guidance  sampler.py  from noise to latents
    train.py    the loss and the loop   lora.py     small fine-tunings
    golden.py   recorded numbers        check.py    python -m clapboard.engines.nava.check FILE.safetensors

Importing this package imports no torch; the modules in it do.
"""
