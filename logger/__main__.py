"""`python -m proofsheet`, or `python -m logger` in a clone: the same as the command `proofsheet`."""

import sys

from .command import main

if __name__ == "__main__":
    sys.exit(main())
