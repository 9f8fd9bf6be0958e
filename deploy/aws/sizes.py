"""The sizes of the deployment document."""

TYPE = "t3.small"
DISK_GIB = 50
ROOT_DEVICE = "/dev/xvda"  # of Debian's images
DATABASE_CLASS = "db.t3.micro"
DATABASE_GIB = 100
SERVERS = ("web", "worker", "file")
