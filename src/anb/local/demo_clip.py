"""The clip of the first-time demo, drawn by FFmpeg: a court, a bouncing ball and a clock."""

from pathlib import Path

from anb.engines import binaries

# Still layers are drawn once and repeated: drawing them for every frame took five times as long.
_ONCE = "trim=end_frame=1,loop=loop=-1:size=1,setpts=N/30/TB"
_LINES = "c=white@0.85:t=8"
_COURT = (
    "color=c=0xB97A46:s=1920x1080:r=30,format=yuv420p,drawgrid=w=160:h=1080:t=2:c=0x9A6236@0.6,"
    f"drawbox=x=40:y=40:w=1840:h=1000:{_LINES},drawbox=x=956:y=40:w=8:h=1000:c=white@0.85:t=fill,"
    f"drawbox=x=40:y=340:w=380:h=400:c=0x14213D@0.55:t=fill,drawbox=x=40:y=340:w=380:h=400:{_LINES},"
    f"drawbox=x=1500:y=340:w=380:h=400:c=0x14213D@0.55:t=fill,drawbox=x=1500:y=340:w=380:h=400:{_LINES},{_ONCE}"
)
_SEAMS = "lt(abs(X-60),3)+lt(abs(Y-60),3)+lt(abs(hypot(X-140,Y-60)-90),3)+lt(abs(hypot(X+20,Y-60)-90),3)"
_BALL = (
    "color=c=0xE8632B:s=120x120:r=30,format=yuva420p,geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)'"
    f":a='if(lt(hypot(X-60,Y-60),58),if({_SEAMS},90,255),0)',{_ONCE}"
)
# testsrc2 writes the time in its corner with letters of its own, so no font is needed.
_CLOCK = (
    "testsrc2=s=480x270:r=30,format=yuv420p,crop=104:18:0:2,hue=s=0,scale=w=600:h=-2:flags=neighbor,drawbox=t=6:c=white"
)
_GRAPH = (
    f"{_COURT}[court];{_BALL}[ball];{_CLOCK}[clock];[court][clock]overlay=x=660:y=90[board];"
    "[board][ball]overlay=x='900+820*sin(t*1.3)':y='860-620*abs(sin(t*2.6))'"
)


def command(target: Path, seconds: float) -> list[str]:
    """Return the command that draws it: 1080p, 30 frames a second, about 60 kB a second."""
    source = ["-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", _GRAPH, "-t", str(seconds)]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "23", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    return [str(binaries.ffmpeg()), *source, *coding, str(target)]
