"""The cost of the deployment, a month and for a thousand clips, with every sum shown in docs/prices.md."""

from collections.abc import Iterable
from dataclasses import dataclass

from deploy.aws.sizes import DATABASE_CLASS, DATABASE_GIB, DISK_GIB, SERVERS, TYPE

HOURS = 730  # a month, as AWS counts
CLIPS = 1000
ORIGINAL_MB, MADE_MB = 50, 8  # the size of a clip, and of the files made from it (decision 0013)
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
class CostItem:
    """One line of a sum: a quantity and its price. `how` says where the quantity comes from."""

    price: Price
    quantity: float
    how: str

    @property
    def dollars(self) -> float:
        """Return its cost."""
        return self.quantity * self.price.dollars


def month() -> tuple[CostItem, ...]:
    """Return the monthly cost of the deployment, independent of its use."""
    hosts = len(SERVERS)
    return (
        CostItem(SERVER, hosts * HOURS, f"{hosts} × {HOURS} h"),
        CostItem(DISK, hosts * DISK_GIB, f"{hosts} × {DISK_GIB}"),
        CostItem(ADDRESS, hosts * HOURS, f"{hosts} × {HOURS} h"),
        CostItem(DATABASE, HOURS, f"{HOURS} h"),
        CostItem(DATABASE_DISK, DATABASE_GIB, f"{DATABASE_GIB}"),
        CostItem(SECRET, 4, "4"),
        CostItem(METRIC, 15, "3 disks, queue, 2 of mail, 2 of erasures, retention, 4 of the count, 5xx, backup"),
        CostItem(ALARM, 20, "20"),
        CostItem(REQUEST, hosts * HOURS * 60 / 1000, f"{hosts} hosts × {HOURS * 60:,} minutes"),
    )


def thousand() -> tuple[CostItem, ...]:
    """Return the additional cost of a thousand clips, kept for a month and watched."""
    kept = CLIPS * (ORIGINAL_MB + MADE_MB) / 1000
    return (
        CostItem(CREDITS, CLIPS * CPU_SECONDS / 3600, f"{CLIPS:,} × {CPU_SECONDS:.0f} CPU-s, not covered by credits"),
        CostItem(DISK, kept, f"{CLIPS:,} × ({ORIGINAL_MB} + {MADE_MB}) MB, a disk that must be larger"),
        CostItem(KEPT, kept, "the same, in the backup"),
        CostItem(SNAPSHOT, kept, "the same, in snapshots"),
        CostItem(PUT, CLIPS * 6 / 1000, f"{CLIPS:,} × 6 files"),
        CostItem(OUT, CLIPS * VIEWS * EDIT_MB / 1000, f"{CLIPS:,} × {VIEWS} views of {EDIT_MB} MB"),
    )


def total(lines: Iterable[CostItem]) -> float:
    """Return the sum."""
    return sum(line.dollars for line in lines)


def fits() -> int:
    """Return how many clips the file server's disk holds, with a tenth left to the system."""
    return int(DISK_GIB * 1.0737 * 0.9 * 1000 // (ORIGINAL_MB + MADE_MB))


def listed() -> str:
    """Return the table of prices."""
    rows = [f"| {price.what} | {price.unit} | {price.dollars:g} |" for price in PRICES]
    return "\n".join(["| what | unit | US$ |", "|---|---|---|", *rows])


def summed(lines: Iterable[CostItem]) -> str:
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
    """Return the sums in words."""
    base, more = total(month()), total(thousand())
    out = OUT.dollars * CLIPS * VIEWS * EDIT_MB / 1000
    return (
        f"The stack costs **{base:,.0f} US$ a month**, used or not. A thousand clips of {ORIGINAL_MB} MB, kept for a "
        f"month and watched {VIEWS} times each, add **{more:,.0f} US$**, of which {out:,.0f} are the views.\n\n"
        f"The document's disk of {DISK_GIB} GiB holds about **{fits()} clips** of that size with their renditions: "
        "more need a [larger disk](how-to/operate.md#a-larger-disk). Uploads are refused before it is full."
    )
