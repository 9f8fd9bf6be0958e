"""The deployment document's topology on one machine: real kernels, a real share, and enforced security groups."""
