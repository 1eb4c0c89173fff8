from graphs.reading.offline.mail import split_mail


def test_what_others_wrote_before_is_no_word_of_the_sender() -> None:
    mail = split_mail(
        "Asunto: RE: P00045\n\nLo reviso.\n\nSaludos,\nPedro\n\nEl lun, 7 dic 2026, Compras escribió:\n> Confirmo la orden",
        is_mail=True,
    )
    assert (mail.subject, mail.body) == ("RE: P00045", "Lo reviso.")
    assert "Confirmo" in mail.quoted


def test_an_original_message_is_cut_to_its_end() -> None:
    mail = split_mail("Lo veo.\n\n-----Mensaje original-----\nDe: X\nEnviado: hoy\nConfirmo todo", is_mail=True)
    assert mail.body == "Lo veo."


def test_a_forward_is_kept_apart() -> None:
    mail = split_mail("te reenvío\n\n---------- Forwarded message ---------\nDe: X\nAsunto: Y\n\nConfirmo", is_mail=True)
    assert (mail.body, mail.forwarded) == ("te reenvío", "Confirmo")


def test_a_postscript_below_the_signature_is_still_said() -> None:
    mail = split_mail("Confirmo.\n\nSaludos\nPedro\n\nPD: el precio sube a $25.000", is_mail=True)
    assert "25.000" in mail.body


def test_answers_between_quoted_lines_are_kept() -> None:
    mail = split_mail("On Mon, Dec 7, 2026, Buyer wrote:\n> 15 drums?\nonly 10\n> thanks", is_mail=True)
    assert mail.body == "only 10"


def test_a_closing_in_the_last_line_is_cut() -> None:
    assert split_mail("Orden aceptada. Atte., Envases del Sur", is_mail=False).body == "Orden aceptada."
