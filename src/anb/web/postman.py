"""The API as a Postman collection (v2.1): the contract's journey in order, and every operation by its tag."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

Schema = Mapping[str, Any]
Item = dict[str, Any]
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
VARIABLES = {
    "base_url": "http://localhost:8080",
    "token": "",
    "email": "",
    "password": "balon-naranja-7",
    "video_id": "",
    "task_id": "",
    "clip": "clip.mp4",
}
# The nine endpoints in a sensible order, and the values that later requests need.
JOURNEY = {
    "signUp": ["pm.test('201', () => pm.response.to.have.status(201));"],
    "signIn": ["pm.collectionVariables.set('token', pm.response.json().access_token);"],
    "submitVideo": [
        "pm.test('201', () => pm.response.to.have.status(201));",
        "pm.collectionVariables.set('video_id', pm.response.json().video_id);",
        "pm.collectionVariables.set('task_id', pm.response.json().task_id);",
    ],
    "followJob": [
        "const job = pm.response.json();",
        "if (['queued', 'running'].includes(job.state)) { pm.execution.setNextRequest('followJob'); }",
        "else { pm.test('done', () => pm.expect(job.state).to.eql('done')); }",
    ],
    "listVideos": ["pm.test('an array', () => pm.expect(pm.response.json()).to.be.an('array').that.is.not.empty);"],
    "showVideo": ["pm.test('processed', () => pm.expect(pm.response.json().status).to.eql('processed'));"],
    "deleteVideo": ["pm.test('open to votes', () => pm.response.to.have.status(400));"],
    "listPublicVideos": [
        "pm.test('an array', () => pm.expect(pm.response.json()).to.be.an('array').that.is.not.empty);"
    ],
    "vote": ["pm.test('not for one\\'s own', () => pm.response.to.have.status(400));"],
    "listRankings": ["pm.test('an array', () => pm.expect(pm.response.json()).to.be.an('array').that.is.not.empty);"],
}
BEFORE = {
    "signUp": ["pm.collectionVariables.set('email', `postman-${Date.now()}@example.com`);"],
    "followJob": ["setTimeout(() => {}, 500);  // the request waits for it"],
}


def install(app: FastAPI, kept_seconds: int) -> None:
    """Serve the collection."""

    @app.get("/api/postman.json", include_in_schema=False)
    async def _collection(request: Request) -> JSONResponse:
        kept = {"Cache-Control": f"public, max-age={kept_seconds}"}
        return JSONResponse(collection(request.app.openapi()), headers=kept)


def collection(schema: Schema) -> dict[str, Any]:
    """Build the collection from an OpenAPI document."""
    made = {operation["operationId"]: (operation["tags"][0], _item(schema, method, path, operation))
            for path, operations in schema["paths"].items() for method, operation in operations.items()}  # fmt: skip
    journey = [_scripted(made[name][1], JOURNEY[name], BEFORE.get(name)) for name in JOURNEY]
    folders = [
        {"name": tag["name"], "description": tag["description"],
         "item": [item for own, item in made.values() if own == tag["name"]]}
        for tag in schema["tags"]
    ]  # fmt: skip
    return {
        "info": {"name": schema["info"]["title"], "description": schema["info"]["description"], "schema": SCHEMA},
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}", "type": "string"}]},
        "variable": [{"key": key, "value": value} for key, value in VARIABLES.items()],
        "item": [{"name": "journey", "description": "Run the whole folder.", "item": journey}, *folders],
    }


def _item(schema: Schema, method: str, path: str, operation: Schema) -> Item:
    asked = [one for one in operation.get("parameters", []) if one["in"] == "query"]
    sent = [one for one in operation.get("parameters", []) if one["in"] == "header" and one.get("required")]
    where = [re.sub(r"\{(\w+)\}", r":\1", part) for part in path.strip("/").split("/")]
    request: Item = {
        "method": method.upper(),
        "description": operation.get("description", ""),
        "header": [{"key": one["name"], "value": str(one.get("example", ""))} for one in sent],
        "url": {
            "raw": "{{base_url}}/" + "/".join(where),
            "host": ["{{base_url}}"],
            "path": where,
            "query": [{"key": one["name"], "value": "", "disabled": True} for one in asked],
            "variable": [{"key": name, "value": f"{{{{{name}}}}}"} for name in re.findall(r"\{(\w+)\}", path)],
        },
    }
    if not operation["security"]:
        request["auth"] = {"type": "noauth"}
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        request |= {"body": _body(schema, kind, content)}
    if request.get("body", {}).get("mode") == "raw":
        request["header"].append({"key": "Content-Type", "value": "application/json"})
    return {"name": operation["operationId"], "request": request}


def _body(schema: Schema, kind: str, content: Schema) -> Item:
    if kind == "multipart/form-data":
        return {"mode": "formdata", "formdata": list(_fields(content["schema"]))}
    if kind != "application/json":
        return {"mode": "file", "file": {"src": "{{clip}}"}}
    name = content["schema"]["$ref"].rpartition("/")[2]
    example = dict(schema["components"]["schemas"][name]["examples"][0])
    known = {"email": "{{email}}"} | dict.fromkeys(("password", "password1", "password2"), "{{password}}")
    body = json.dumps(example | {key: value for key, value in known.items() if key in example}, ensure_ascii=False)
    return {"mode": "raw", "raw": body, "options": {"raw": {"language": "json"}}}


def _fields(form: Schema) -> Iterator[Item]:
    for name, field in form["properties"].items():
        # Optional fields are disabled: an example may not suit your own clip.
        spare = {} if name in form.get("required", []) else {"disabled": True}
        if field.get("format") == "binary":
            yield {"key": name, "type": "file", "src": "{{clip}}"} | spare
        else:
            yield {"key": name, "type": "text", "value": str(field.get("examples", [""])[0])} | spare


def _scripted(item: Item, after: list[str], before: list[str] | None) -> Item:
    events = {"test": after} | ({"prerequest": before} if before else {})
    return item | {
        "event": [
            {"listen": when, "script": {"type": "text/javascript", "exec": lines}} for when, lines in events.items()
        ]
    }
