"""What each host had in use at most during all that came before, and while every worker edits what is heaviest."""

import io
from collections.abc import Mapping, Sequence

import av

from deploy.lab.stage import Stage, Verdict, all_whole

PROMISE = "host memory under the acceptance load"
GOAL = "≤ 1.5 GiB each"
MOST_MIB = 1536
SECONDS = 300
AT_ONCE = 2  # edits of one worker
WIDTH, HEIGHT, RATE = 3840, 2160, 60


def prove(stage: Stage) -> Verdict:
    """Have each worker make as many edits of 4K at once as it takes; then read what was sampled."""
    player = stage.player()
    workers = sum(machine.role == "worker" for machine in stage.site.machines.values())
    clips = [large(number) for number in range(AT_ONCE * workers)]
    sent = [player.upload(clip, "Large") for clip in clips]
    player.wait_done(sent, SECONDS)
    return judge(stage.peaks, all_whole(stage, player, sent))


def judge(peaks: Mapping[str, float], wrong: Sequence[str] = ()) -> Verdict:
    """Hold the peaks, in MiB by host, against the most; nothing measured is nothing proved."""
    figure = ", ".join(f"{name} {mib:.0f}" for name, mib in sorted(peaks.items())) + " MiB"
    return Verdict(figure, bool(peaks) and not wrong and max(peaks.values()) <= MOST_MIB, tuple(wrong))


def large(number: int) -> bytes:
    """Return an MP4 of a second in 4K with 60 pictures a second, each clip another grey."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "crf": "28"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        picture = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        for shade in range(RATE):
            picture.pts = shade
            for plane in picture.planes:
                plane.update(bytes([40 + 20 * number + shade]) * plane.buffer_size)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return file.getvalue()
