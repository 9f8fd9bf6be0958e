"""The Postman collection: the whole API, by the tags of its description, after the contract's journey."""

from support.worlds import World


def test_it_holds_every_operation_and_the_journey_of_the_contract(world: World) -> None:
    document = world.client.get("/api/openapi.json").json()
    made = world.client.get("/api/postman.json").json()
    journey, *folders = made["item"]
    assert [folder["name"] for folder in folders] == [tag["name"] for tag in document["tags"]]
    names = {item["name"] for folder in folders for item in folder["item"]}
    assert names == {said["operationId"] for methods in document["paths"].values() for said in methods.values()}
    assert len(journey["item"]) == 10  # the nine endpoints, and following the edit
    assert made["info"]["schema"].endswith("/v2.1.0/collection.json")


def test_a_token_is_sent_where_one_is_needed(world: World) -> None:
    made = world.client.get("/api/postman.json").json()
    alone = {item["name"] for folder in made["item"] for item in folder["item"] if "auth" in item["request"]}
    assert {"signUp", "signIn", "listPublicVideos", "listRankings"} <= alone
    assert not {"submitVideo", "vote", "deleteVideo"} & alone


def test_of_a_form_only_what_is_needed_is_sent(world: World) -> None:
    made = world.client.get("/api/postman.json").json()
    (submit,) = [item for item in made["item"][0]["item"] if item["name"] == "submitVideo"]
    fields = submit["request"]["body"]["formdata"]
    assert {field["key"] for field in fields if not field.get("disabled")} == {"video_file", "title"}
    assert {field["key"] for field in fields if field.get("disabled")} == {"start_seconds"}
