"""`anb up`: the whole platform on one machine, its services, and their supervision."""
