"""What the deployment costs, a month and for a thousand clips, with every sum shown; docs/prices.md tells it."""

from collections.abc import Iterable
from dataclasses import dataclass

from deploy.aws.sizes import DATABASE_CLASS, DATABASE_GIB, DISK_GIB, SERVERS, TYPE

HOURS = 730  # of a month, as AWS counts
CLIPS = 1000
ORIGINAL_MB, MADE_MB = 50, 8  # what a clip weighs, and all that is made of it (decision 0013)
EDIT_MB = 6.5
VIEWS = 20
# Measured: 5.05 clips a minute on two cores (docs/tuning.md). A vCPU of a t3 is assumed to be half as fast as a core.
CPU_SECONDS = 2 * 60 / 5.05 * 2


@dataclass(frozen=True)
class Price:
    """One price of the public list, us-east-1, on demand, in US dollars."""

    what: str
    unit: str
    dollars: float


SERVER = Price(f"EC2 {TYPE}, Linux", "hour", 0.0208)
DISK = Price("EBS gp3", "GB-month", 0.08)
SNAPSHOT = Price("EBS snapshot", "GB-month", 0.05)
ADDRESS = Price("public IPv4 address, elastic or not", "hour", 0.005)
CREDITS = Price("t3 beyond its CPU credits", "vCPU-hour", 0.05)
DATABASE = Price(f"RDS {DATABASE_CLASS}, PostgreSQL, one zone", "hour", 0.018)
DATABASE_DISK = Price("RDS gp3", "GB-month", 0.115)
SECRET = Price("Secrets Manager", "secret-month", 0.40)
METRIC = Price("CloudWatch figure of our own", "figure-month", 0.30)
ALARM = Price("CloudWatch alarm", "alarm-month", 0.10)
REQUEST = Price("CloudWatch request", "1,000 requests", 0.01)
KEPT = Price("S3 Standard", "GB-month", 0.023)
PUT = Price("S3 PUT", "1,000 requests", 0.005)
OUT = Price("data to the internet", "GB", 0.09)
PRICES = (
    SERVER, DISK, SNAPSHOT, ADDRESS, CREDITS, DATABASE, DATABASE_DISK, SECRET, METRIC, ALARM, REQUEST, KEPT, PUT, OUT,
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of a sum: so many of something. `how` says where the number comes from."""

    price: Price
    quantity: float
    how: str

    @property
    def dollars(self) -> float:
        """Return what it comes to."""
        return self.quantity * self.price.dollars


def month() -> tuple[Line, ...]:
    """Return what stands there costs a month, whether anybody uses it or not."""
    hosts = len(SERVERS)
    return (
        Line(SERVER, hosts * HOURS, f"{hosts} × {HOURS} h"),
        Line(DISK, hosts * DISK_GIB, f"{hosts} × {DISK_GIB}"),
        Line(ADDRESS, hosts * HOURS, f"{hosts} × {HOURS} h"),
        Line(DATABASE, HOURS, f"{HOURS} h"),
        Line(DATABASE_DISK, DATABASE_GIB, f"{DATABASE_GIB}"),
        Line(SECRET, 3, "3"),
        Line(METRIC, 6, "3 disks, queue, 5xx, backup"),
        Line(ALARM, 11, "11"),
        Line(REQUEST, hosts * HOURS * 60 / 1000, f"{hosts} hosts × {HOURS * 60:,} minutes"),
    )


def thousand() -> tuple[Line, ...]:
    """Return what a thousand clips cost beyond that, kept for a month and watched."""
    kept = CLIPS * (ORIGINAL_MB + MADE_MB) / 1000
    return (
        Line(
            CREDITS, CLIPS * CPU_SECONDS / 3600, f"{CLIPS:,} × {CPU_SECONDS:.0f} CPU-s, none of it covered by credits"
        ),
        Line(DISK, kept, f"{CLIPS:,} × ({ORIGINAL_MB} + {MADE_MB}) MB, a disk that must be larger"),
        Line(KEPT, kept, "the same, in the backup"),
        Line(SNAPSHOT, kept, "the same, in snapshots"),
        Line(PUT, CLIPS * 6 / 1000, f"{CLIPS:,} × 6 files"),
        Line(OUT, CLIPS * VIEWS * EDIT_MB / 1000, f"{CLIPS:,} × {VIEWS} views of {EDIT_MB} MB"),
    )


def total(lines: Iterable[Line]) -> float:
    """Return the sum."""
    return sum(line.dollars for line in lines)


def fits() -> int:
    """Return how many clips the file server's disk holds, a tenth of it left to the system."""
    return int(DISK_GIB * 1.0737 * 0.9 * 1000 // (ORIGINAL_MB + MADE_MB))


def listed() -> str:
    """Return the table of prices."""
    rows = [f"| {price.what} | {price.unit} | {price.dollars:g} |" for price in PRICES]
    return "\n".join(["| what | unit | US$ |", "|---|---|---|", *rows])


def summed(lines: Iterable[Line]) -> str:
    """Return a sum as a table."""
    known = list(lines)
    rows = [
        f"| {line.price.what} | {line.how} | {line.quantity:,.6g} {line.price.unit} | {line.price.dollars:g} "
        f"| {line.dollars:,.2f} |"
        for line in known
    ]
    last = f"| **together** | | | | **{total(known):,.2f}** |"
    return "\n".join(["| what | how many | quantity | × US$ | = US$ |", "|---|---|---|---|---|", *rows, last])


def meant() -> str:
    """Return what the sums come to in words."""
    base, more = total(month()), total(thousand())
    out = OUT.dollars * CLIPS * VIEWS * EDIT_MB / 1000
    return (
        f"The stack stands for **{base:,.0f} US$ a month**. A thousand clips of {ORIGINAL_MB} MB, kept for a month and "
        f"watched {VIEWS} times each, add **{more:,.0f} US$**, of which {out:,.0f} are the views.\n\n"
        f"The document's disk of {DISK_GIB} GiB holds about **{fits()} clips** of that size with what is made of them: "
        "more need a [larger disk](how-to/operate.md#a-larger-disk). Uploads are refused before it is full."
    )
