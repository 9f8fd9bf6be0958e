"""`python -m deploy.hosts …`: a bundle on the operator's machine; everything else on a host, run by `anb-host`."""

import sys

from deploy.hosts.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
