"""Does what a worker does, without the edit."""

from anb.ports import Stored
from anb.videos import service as videos
from support.worlds import Upload, World


def publish(world: World, upload: Upload) -> str:
    """Publish a video with a file of some bytes; return the key of the file."""
    key = videos.new_key("edits", "mp4")
    path = world.settings.media_root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"an edit")
    with world.uow() as uow:
        begun = videos.begin(uow, world.settings, upload.task_id, "test")
        assert begun is not None
        assert videos.publish(uow, begun[0], Stored(key, 7, "0" * 64), 22.0, {"encode": 1.0})
    return key
