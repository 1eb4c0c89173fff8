"""Files are not read yet: a message of files alone goes to a person unread, and words beside files are answered with a note."""

import pytest

from storage.models import Approval
from tests.unit.graphs.purchase_order.scene import PACIFIC, Scene, ScriptedReader, a_greeting, an_offer


@pytest.mark.parametrize("text", ["", " \n"])
async def test_files_alone_are_acknowledged_and_passed_to_a_person_without_asking_a_reader(scene: Scene, text: str) -> None:
    reader = scene.reader = ScriptedReader(an_offer())
    result = await scene.answer(text, files=2)
    assert reader.asked == []
    assert result["status"] == "done"
    assert result["understanding"]["needs_human"] is True
    assert await scene.orders() == []
    [approval] = await scene.rows(Approval)
    assert (approval.kind, approval.question) == ("tell_person", "There are no words to read.")
    reply, note = await scene.outgoing()
    assert (reply.private, note.private) == (False, True)
    assert reply.content.startswith("Gracias, recibimos su mensaje. Una persona de compras")
    assert "Files came with it that the agent has not read: 2." in note.content
    assert "A person is needed" in note.content


async def test_files_alone_are_answered_in_the_suppliers_own_language(scene: Scene) -> None:
    scene.reader = ScriptedReader(a_greeting())
    [text] = (await scene.answer("", files=1, sender=PACIFIC))["reply"]
    assert text.startswith("Thank you, we have your message.")


async def test_an_empty_message_without_files_goes_to_a_person_too(scene: Scene) -> None:
    reader = scene.reader = ScriptedReader(an_offer())
    result = await scene.answer("")
    assert (reader.asked, len(await scene.rows(Approval))) == ([], 1)
    assert result["reply"]
    assert "Files" not in (await scene.outgoing())[1].content


async def test_words_beside_a_file_are_answered_and_a_note_tells_of_the_file(scene: Scene) -> None:
    reader = scene.reader = ScriptedReader(an_offer())
    result = await scene.answer("Les ofrezco 20 sacos a 17900", "", files=1)
    assert reader.asked[0][0] == ("Les ofrezco 20 sacos a 17900", "")
    assert "P00001" in result["reply"][0]
    assert await scene.rows(Approval) == []
    reply, note = await scene.outgoing()
    assert (reply.private, note.private, note.status) == (False, True, "queued")
    assert note.content == "Files came with it that the agent has not read: 1."


async def test_without_files_there_is_no_such_note(scene: Scene) -> None:
    scene.reader = ScriptedReader(a_greeting())
    await scene.answer("Hola")
    assert [message.private for message in await scene.outgoing()] == [False]
