"""A contact that is deleted is gone, with its conversations; others keep theirs."""

from tests.integration.sandbox.stand_in import ACCOUNT, StandIn


async def test_a_contact_goes_with_all_that_is_its_own(stand_in: StandIn) -> None:
    gone = await stand_in.incoming(content="Hola")
    await stand_in.write(gone["conversation_id"])
    stays = await stand_in.incoming(phone="+56961230102", name="Otro")
    path = f"{ACCOUNT}/contacts/{gone['contact_id']}"

    assert (await stand_in.user.delete(path)).status_code == 200

    assert (await stand_in.user.get(path)).status_code == 404
    assert (await stand_in.user.delete(path)).status_code == 404
    assert (await stand_in.user.get(f"{ACCOUNT}/conversations/{gone['conversation_id']}")).status_code == 404
    listed = (await stand_in.user.get("/control/messages")).json()["messages"]
    assert {message["conversation_id"] for message in listed} == {stays["conversation_id"]}
    conversations = (await stand_in.user.get(f"{ACCOUNT}/conversations", params={"status": "all"})).json()["data"]["payload"]
    assert [one["id"] for one in conversations] == [stays["conversation_id"]]


async def test_its_number_may_be_used_again(stand_in: StandIn) -> None:
    gone = await stand_in.incoming()
    await stand_in.user.delete(f"{ACCOUNT}/contacts/{gone['contact_id']}")
    again = await stand_in.incoming()
    assert again["contact_id"] != gone["contact_id"]
    assert again["conversation_id"] != gone["conversation_id"]


async def test_a_bot_may_not(stand_in: StandIn) -> None:
    said = await stand_in.incoming()
    assert (await stand_in.bot.delete(f"{ACCOUNT}/contacts/{said['contact_id']}")).status_code == 401
    assert (await stand_in.user.get(f"{ACCOUNT}/contacts/{said['contact_id']}")).status_code == 200
