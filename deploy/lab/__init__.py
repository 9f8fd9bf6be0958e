"""The same hosts on one machine, without AWS: real kernels, real NFS, the security groups in force."""
