"""The topology of the deployment document on one machine: real kernels, a real share, the groups in force."""
