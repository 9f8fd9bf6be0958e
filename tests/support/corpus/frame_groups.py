"""The parts of a clip whose pictures change on the way: their numbers, their place in the frame, the kept frames."""

from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction

from support.corpus.cases import Accepted
from support.corpus.perception import Frame, Sight
from support.corpus.source import ClipSource


def wanted(case: Accepted) -> list[int]:
    """Return the number that each frame of the clip should show, or its neighbour."""
    times, numbers = zip(*case.shown(), strict=True)
    return [numbers[bisect_right(times, Fraction(slot, case.rate)) - 1] for slot in range(case.frames)]


@dataclass
class FrameGroup:
    """The pictures of one form in a clip; most clips have one form. It keeps a first, a middle and a last frame."""

    source: ClipSource
    sight: Sight
    kept: dict[str, Frame] = field(default_factory=dict)

    @classmethod
    def of(cls, source: ClipSource) -> "FrameGroup":
        """Return where its pictures must be in the frame."""
        return cls(source, Sight.of(source.layout, source.shape))

    @property
    def numbers(self) -> range:
        """The numbers of its pictures."""
        return range(self.source.first, self.source.first + self.source.frames)

    def number(self, frame: Frame) -> int | None:
        """Read the counter of a frame, if the frame belongs to this group."""
        number = self.sight.number(frame)
        return number if number in self.numbers else None

    def keep(self, number: int, frame: Frame) -> None:
        """Keep the frame if it is one to judge."""
        self.kept.setdefault("first", frame)
        if number <= self.source.first + self.source.frames // 2:
            self.kept["middle"] = frame
        self.kept["last"] = frame
