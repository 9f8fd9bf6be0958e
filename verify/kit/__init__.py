"""Code shared by the bench, chaos, the lab and the matrices: platforms, ports, clips, networks, figures, results."""
