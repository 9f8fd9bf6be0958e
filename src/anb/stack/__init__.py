"""The whole system on one machine: engines from wheels, their configuration, their supervision."""
