"""The phrases, by language and kind of outcome. Words only: every number, date and reference is filled in by the writer.

A kind is the name of a policy rule that asks back or refuses, or `<tool>.<state of the order>`, or one of a few words of
`order_handler`. A test holds every language to the same kinds and the same blanks.
"""

from domain.orders import OrderState
from domain.understanding import Language

_ES = {
    "courtesy": "¡Hola! Soy el asistente de compras. ¿En qué le puedo ayudar con sus cotizaciones u órdenes?",
    "create_purchase_quote.sent": (
        "Registramos su cotización como {name}:\n{lines}\nTotal neto: {total}.\n"
        "Si está de acuerdo con la orden así, responda «confirmo {name}»."
    ),
    "confirm_purchase_order.confirmed": "¡Gracias! La orden {name} quedó confirmada por un total neto de {total}.",
    "confirm_purchase_order.to_approve": (
        "Gracias, recibimos su confirmación de {name}. Falta la aprobación interna; le avisamos en cuanto esté."
    ),
    "check_order_status": "La orden {name} ({total} neto) está {state}.\n{lines}",
    "confirmed_before": "La orden {name} ya está {state}; no hace falta nada más.",
    "no_order": "No tenemos órdenes registradas con ustedes por ahora.",
    "no_open_order": "No encuentro una orden abierta para confirmar. ¿Me indica el número, por favor?",
    "product_in_doubt": "Gracias por su cotización. ¿Me aclara a qué producto se refiere?\n{candidates}",
    "price_missing": "Gracias. Para registrar la cotización me falta el precio unitario y la moneda de cada producto.",
    "net_or_gross": "Gracias. ¿Los precios son netos o con IVA incluido? Registramos las órdenes en valores netos.",
    "implausible_lines": "Hay una cantidad o un precio que no pudimos registrar. ¿Me los confirma, por favor?",
    "not_sure": "Quiero asegurarme de haber entendido bien. ¿Me lo puede escribir de nuevo, con producto, cantidad y precio?",
    "unclear": "Disculpe, no estoy seguro de haber entendido. ¿Me lo puede explicar con un poco más de detalle?",
    "with_a_person": "Gracias, recibimos su mensaje. Una persona de compras lo está revisando y le responderá a la brevedad.",
    "refused": "No pude completar la gestión en este momento. Una persona de compras lo revisará y le responderá.",
}
_EN = {
    "courtesy": "Hello! I am the purchasing assistant. How can I help you with your quotes or orders?",
    "create_purchase_quote.sent": (
        "We have recorded your quote as {name}:\n{lines}\nNet total: {total}.\n"
        "If you agree with the order as it stands, please reply “confirm {name}”."
    ),
    "confirm_purchase_order.confirmed": "Thank you! Order {name} is confirmed for a net total of {total}.",
    "confirm_purchase_order.to_approve": (
        "Thank you, we have your confirmation of {name}. It needs an internal approval; we will let you know."
    ),
    "check_order_status": "Order {name} ({total} net) is {state}.\n{lines}",
    "confirmed_before": "Order {name} is already {state}; nothing more is needed.",
    "no_order": "We have no orders on record with you at the moment.",
    "no_open_order": "I cannot find an open order to confirm. Could you give me its number, please?",
    "product_in_doubt": "Thank you for your quote. Which product do you mean?\n{candidates}",
    "price_missing": "Thank you. To record the quote I still need the unit price and currency of each product.",
    "net_or_gross": "Thank you. Are the prices net, or is tax included? We record orders at net prices.",
    "implausible_lines": "There is a quantity or price we could not record. Could you confirm it, please?",
    "not_sure": "I want to be sure I understood. Could you write it again, with product, quantity and price?",
    "unclear": "Sorry, I am not sure I understood. Could you explain it in a little more detail?",
    "with_a_person": "Thank you, we have your message. Someone from purchasing is looking into it and will reply shortly.",
    "refused": "I could not complete this just now. Someone from purchasing will look into it and reply to you.",
}
_PT = {
    "courtesy": "Olá! Sou o assistente de compras. Como posso ajudar com suas cotações ou pedidos?",
    "create_purchase_quote.sent": (
        "Registramos sua cotação como {name}:\n{lines}\nTotal líquido: {total}.\n"
        "Se estiver de acordo com o pedido assim, responda «confirmo {name}»."
    ),
    "confirm_purchase_order.confirmed": "Obrigado! O pedido {name} está confirmado com total líquido de {total}.",
    "confirm_purchase_order.to_approve": (
        "Obrigado, recebemos sua confirmação de {name}. Falta a aprovação interna; avisaremos assim que sair."
    ),
    "check_order_status": "O pedido {name} ({total} líquido) está {state}.\n{lines}",
    "confirmed_before": "O pedido {name} já está {state}; não é preciso mais nada.",
    "no_order": "Não temos pedidos registrados com vocês no momento.",
    "no_open_order": "Não encontro um pedido aberto para confirmar. Pode me informar o número, por favor?",
    "product_in_doubt": "Obrigado pela cotação. A qual produto se refere?\n{candidates}",
    "price_missing": "Obrigado. Para registrar a cotação falta o preço unitário e a moeda de cada produto.",
    "net_or_gross": "Obrigado. Os preços são líquidos ou com imposto incluído? Registramos os pedidos em valores líquidos.",
    "implausible_lines": "Há uma quantidade ou um preço que não pudemos registrar. Pode confirmar, por favor?",
    "not_sure": "Quero ter certeza de que entendi. Pode escrever de novo, com produto, quantidade e preço?",
    "unclear": "Desculpe, não tenho certeza de ter entendido. Pode explicar com um pouco mais de detalhe?",
    "with_a_person": "Obrigado, recebemos sua mensagem. Uma pessoa de compras está verificando e responderá em breve.",
    "refused": "Não consegui concluir agora. Uma pessoa de compras vai verificar e responder.",
}

PHRASES: dict[Language, dict[str, str]] = {"es": _ES, "en": _EN, "pt": _PT}

STATES: dict[Language, dict[OrderState, str]] = {
    "es": {
        OrderState.DRAFT: "en preparación",
        OrderState.SENT: "a la espera de su confirmación",
        OrderState.TO_APPROVE: "a la espera de aprobación interna",
        OrderState.CONFIRMED: "confirmada",
        OrderState.RECEIVED: "recibida",
        OrderState.BILLED: "recibida y facturada",
        OrderState.CANCELLED: "cancelada",
    },
    "en": {
        OrderState.DRAFT: "being prepared",
        OrderState.SENT: "waiting for your confirmation",
        OrderState.TO_APPROVE: "waiting for our internal approval",
        OrderState.CONFIRMED: "confirmed",
        OrderState.RECEIVED: "received",
        OrderState.BILLED: "received and billed",
        OrderState.CANCELLED: "cancelled",
    },
    "pt": {
        OrderState.DRAFT: "em preparação",
        OrderState.SENT: "à espera da sua confirmação",
        OrderState.TO_APPROVE: "à espera de aprovação interna",
        OrderState.CONFIRMED: "confirmado",
        OrderState.RECEIVED: "recebido",
        OrderState.BILLED: "recebido e faturado",
        OrderState.CANCELLED: "cancelado",
    },
}

#: Babel's locale for numbers and money: of the reader's country.
LOCALES: dict[Language, str] = {"es": "es_CL", "en": "en_US", "pt": "pt_BR"}
