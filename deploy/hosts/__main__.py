"""`python -m deploy.hosts …`: a bundle on the operator's machine; all the rest on a host, by `anb-host`."""

import sys

from deploy.hosts.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
