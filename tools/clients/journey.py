"""The contract's nine endpoints by a generated client: `python journey.py <address> <clip>`."""

import json
import re
import sys
from pathlib import Path
from uuid import uuid4

from anb_rising_stars_client import AuthenticatedClient, Client
from anb_rising_stars_client.api.accounts import sign_in, sign_up
from anb_rising_stars_client.api.contest import list_public_videos, list_rankings, vote
from anb_rising_stars_client.api.jobs import follow_job, stream_job
from anb_rising_stars_client.api.videos import delete_video, list_videos, show_video, submit_video
from anb_rising_stars_client.models import JobEvent, SignIn, SignUp, SubmitVideoBody
from anb_rising_stars_client.types import File

ADDRESS, CLIP = sys.argv[1], Path(sys.argv[2])
WORD = "balon-naranja-7"


def enter(name: str) -> AuthenticatedClient:
    """Sign a person up and in."""
    client, email = Client(base_url=ADDRESS, timeout=60), f"{uuid4().hex}@example.com"
    form = SignUp(name, "Ríos", email, WORD, WORD, "Bogotá", "Colombia")
    made = sign_up.sync(client=client, body=form)
    assert made.id == made.user_id
    assert sign_up.sync(client=client, body=form).code == "email-taken"
    token = sign_in.sync(client=client, body=SignIn(email, WORD)).access_token
    return AuthenticatedClient(base_url=ADDRESS, token=token, timeout=60)


player = enter("Lucía")
with CLIP.open("rb") as file:
    body = SubmitVideoBody(File(file, "clip.mp4", "video/mp4"), "Mi mejor triple")
    sent = submit_video.sync(client=player, body=body)
told = stream_job.sync(sent.task_id, client=player)  # the stream of a job ends with the job
last = JobEvent.from_dict(json.loads(re.findall(r"^event: job\ndata: (.*)$", told, re.MULTILINE)[-1]))
assert last.state == "done", told
assert follow_job.sync(sent.task_id, client=player).state == "done"

assert list_videos.sync(client=player, limit=1)[0].video_id == sent.video_id
assert show_video.sync(sent.video_id, client=player).processed_url
assert delete_video.sync(sent.video_id, client=player).code == "open-to-votes"
assert sent.video_id in [video.video_id for video in list_public_videos.sync(client=Client(base_url=ADDRESS))]
voter = enter("Mateo")
assert vote.sync(sent.video_id, client=voter).message == "Voto registrado exitosamente."
assert vote.sync(sent.video_id, client=voter).detail == "Ya has votado por este video."
assert list_rankings.sync(client=Client(base_url=ADDRESS), city="bogota")
print("journey done")
