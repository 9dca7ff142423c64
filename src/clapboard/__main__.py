"""`python -m clapboard` is the `clapboard` command."""

from clapboard.cli import main

main()
