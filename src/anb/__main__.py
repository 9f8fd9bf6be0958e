"""`python -m anb` is the `anb` command."""

from anb.cli import main

main()
