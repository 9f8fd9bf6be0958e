"""The API description of the streams. Another process serves them, so these routes are never called."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from anb.jobs.domain import JobNotFound, NotYourJob
from anb.streams.door import TooManyStreams
from anb.web.deps import CallerId
from anb.web.openapi import operation_id
from anb.web.openapi_headers import parameter
from anb.web.problems import ServiceUnavailable, refusals
from anb.web.rate_limits import TooManyRequests

MEDIA_TYPE = "text/event-stream"
PLACE = "#/components/schemas/{model}"

# Not a parameter of the functions: those are validated, and this header may hold anything.
LAST_EVENT_ID = parameter("Last-Event-ID", "The `id` of the last event you received; the stream does not repeat it.")


class JobEvent(BaseModel):
    """The data of the event `job`: the current state of a video's processing."""

    task_id: UUID
    state: Literal["held", "queued", "running", "done", "failed", "cancelled"]
    progress: int = Field(ge=0, le=100, description="Per cent of the edit.")
    attempt: int = Field(description="Attempts begun so far, except those handed over to another worker.")
    next_try_at: datetime | None = Field(
        description="When the next attempt begins after a platform failure; null otherwise."
    )


class EndEvent(BaseModel):
    """The data of the event `end`, an empty object: the job has ended, close the stream."""


class ListsEvent(BaseModel):
    """The data of the event `lists`: the version of the public lists."""

    version: str = Field(description="Changes with every vote, published video, and opened or closed season.")


EVENTS = (JobEvent, EndEvent, ListsEvent)
_JOB = (
    'retry: 3127\n\nid: running.40.1\nevent: job\ndata: {"task_id":"01990000-0000-7000-8000-000000000000",'
    '"state":"running","progress":40,"attempt":1,"next_try_at":null}\n\n'
)
_LISTS = 'retry: 4802\n\nid: 5f1c0f1de32b4a6f\nevent: lists\ndata: {"version": "5f1c0f1de32b4a6f"}\n\n'


def _stream(description: str, example: str, *events: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Describe a stream: text to HTTP; each event's data is JSON of one of these schemas."""
    data = [{"$ref": PLACE.format(model=event.__name__)} for event in events]
    schema = {
        "type": "string",
        "description": "Server-sent events, as HTML defines them; `data` is JSON.",
        "contentMediaType": MEDIA_TYPE,
        "contentSchema": {"anyOf": data} if len(data) > 1 else data[0],
    }
    return {200: {"description": description, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}}


router = APIRouter(generate_unique_id_function=operation_id)


@router.get(
    "/api/jobs/{task_id}/events",
    tags=["jobs"],
    responses=_stream("An event `job` at once and at each change; `end` after the last one.", _JOB, JobEvent, EndEvent)
    | {204: {"description": "The job has ended and you have received its last event: do not reconnect."}}
    | refusals(NotYourJob, JobNotFound, TooManyRequests, TooManyStreams, ServiceUnavailable),
    openapi_extra={"parameters": [LAST_EVENT_ID]},
)
def stream_job(task_id: UUID, caller: CallerId) -> None:
    """Stream the state of a video's processing as it changes, until it ends (server-sent events).

    A browser's `EventSource` sends the cookie of our pages; a client that has a token reads the stream with `fetch`. A
    comment is sent after 15 s of silence.
    """


@router.get(
    "/api/public/events",
    tags=["contest"],
    responses=_stream("An event `lists` at once and at each change.", _LISTS, ListsEvent)
    | refusals(TooManyRequests, TooManyStreams, ServiceUnavailable),
    openapi_extra={"parameters": [LAST_EVENT_ID]},
)
def stream_lists() -> None:
    """Stream a notice when the public lists change, at most every five seconds and without end (server-sent events).

    Load your lists again after a random delay, because all clients receive the notice at the same time.
    """


def schemas() -> dict[str, Any]:
    """Return the schemas of the events, by name."""
    _, made = models_json_schema([(event, "serialization") for event in EVENTS], ref_template=PLACE)
    found: dict[str, Any] = made["$defs"]
    return found
