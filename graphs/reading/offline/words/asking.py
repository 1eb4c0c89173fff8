"""The words of money matters, and of asking where an order stands."""

from graphs.reading.offline.text import any_of

BILLING = any_of(
    "deposit(?:ar|aron|aran|ado|ada|amos|en|enme|an|e|eme|ame|ed)", "(?:el|un|los|hicieron) depositos?",
    "factur(?:a|as|ar|acion|amos|ada|o|e|en)", "boletas?",
    "pag(?:o|os|ar|an|aron|ado|ada|ados|adas|amos|uen|ue|aran|ando|aremos|arme|arnos)", "transferencia", "transfirieron",
    "comprobante", "rut", "giro", "cobr(?:ar|anza|o|amos)", "saldo", "abono", "nota de (?:credito|debito)", "orden de pago",
    "cuenta corriente", "vencid[oa]s?", "vencio", "vence", "sii", "dte", "razon social", "casilla",
    "estado de (?:cuenta|pago|pagos)", "cheque", "datos (?:bancarios|de facturacion)", "banc(?:o|arios|aria)", "factoring",
    "cesion", r"reembols\w+", r"devol\w+ (?:de )?(?:dinero|plata|iva)",
    "me (?:cancelan|cancelaron|van a cancelar|cancelen)", "nos (?:cancelan|cancelaron|van a cancelar|cancelen)",
    r"cancel\w+ (?:la|las|mi|mis|nuestra|nuestras|el|los) (?:factura|facturas|pago|pagos|deuda|saldo)", "pronto pago",
    "retencion", "invoic(?:e|es|ed|ing)", "payments?", "paid", "pay", "remit(?:tance)?", "wire", "bank(?:ing)?",
    "account(?:s)? (?:payable|statement|number|details)", "statement of account", "credit note", "debit note", "overdue",
    "outstanding (?:balance|amount)", "vat number", "tax (?:id|document|number|certificate)", r"refund\w*", "billing",
    "receipt", "iban", "swift", "fatur(?:a|as|ar|amento)", "notas? fisca(?:l|is)", "nf-?e?", r"nota \d+", "boleto",
    "pagamentos?", "pagaram", "pagou", "comprovante", "conta", "pix", "cnpj", "dados bancarios", "danfe", "reembolso",
    "estorno",
)  # fmt: skip

#: Money matters that only a person settles.
BILLING_PERSON = any_of(
    r"reembols\w+", r"refund\w*", r"estorn\w+", r"devol(?:uc|v)\w+", r"refactur\w*", r"re-?emi(?:t|s)\w+", r"re-?issu\w*",
    r"re-?invoic\w*",
    r"(?:emitir|emito|hacer|hago|emitan) (?:\w+ ){0,3}(?:de nuevo|nuevamente|otra vez|otra factura|nueva factura|"
    "factura nueva)", r"(?:corregir|corrijo|rehacer|cambiar|cambio|anular|anulo|reemplazar) (?:\w+ ){0,2}factura",
    "new invoice", r"(?:correct|replace|cancel) (?:\w+ )?(?:the |this |our )?invoice", "nova nota",
    r"(?:refazer|reemitir|cancelar|corrigir|trocar) (?:\w+ )?(?:a |essa )?nota", "cambiar la factura", "descuento", "dcto",
    "discount", "desconto", "pronto pago", "early payment", r"adelant\w+ (?:el |la |un |\w+ )?(?:pago|factura)",
    r"antecip\w+ (?:o )?pagamento", "confirming", "interes(?:es)?(?: por mora)?", "multa", "mora", "interest", "late fee",
    "juros", "(?:no|nao) (?:cuadra|coincide|corresponde|calza|bate|confere|es correcto|esta correcto|me cuadra|nos cuadra|"
    "estamos de acuerdo|estoy de acuerdo)",
    "(?:pagaron|pagou|pagado|transfirieron|depositaron|deposito|abonaron|pago|paid|pagaram|llego|recibimos|"
    r"cayo)(?: \w+){0,3} (?:menos|de menos|mal|incompleto|parcial|less|short|a menor|incompleta|equivocad\w+|wrong|"
    "twice|dos veces|doble|duplicado|duas vezes|a mais|de mas)", "short[- ]?(?:paid|payment)", r"underpa\w+", r"overpa\w+",
    r"(?:faltan?|faltou|falto|missing|me deben|nos deben|owe us|owes us|devem)(?: \w+){0,3} (?:\$|pesos|lucas|"
    r"por pagar|mil|usd|r\$|monto|plata|payment)?", "diferencia", "difference", "diferenca", r"discrepan\w+", r"dispute\w*",
    r"disput\w+", "(?:descontaron|me descontaron|nos descontaron|rebajaron|deducted|deduction|descontaram)",
    r"cobr\w+ (?:de mas|demas|mal|dos veces|duplicado)",
    r"(?:monto|valor|total|amount) (?:\w+ ){0,3}(?:equivocad\w+|mal|errone\w+|incorrect\w*|errado|wrong|distint\w+|"
    "differs?|diferente|menor|mayor)", r"(?:error|errad[ao]|equivocad[ao]|mal emitida|mal hecha)(?: \w+){0,2}",
    "rechazad[oa]", "rechazaron", r"embarg\w+", "tesoreria", r"compensa\w+",
)  # fmt: skip

STATUS = any_of(
    "(?:alguna |hay |tienen |tiene |tienes |que )?noved(?:ad|ades)", "novidades?",
    "en que (?:quedo|va|estado|esta|anda|quedamos|vamos|paso)", "que (?:paso|pasa|onda|hubo) (?:con|de)",
    r"como (?:va|vamos|esta|anda|quedo|viene)(?: \w+)? (?:la|mi|el|con|lo|nuestra|esa)", "estado", "status", "estatus",
    "situacion", "situacao", "andamento", "seguimiento", "aprob(?:aron|ada|ado|acion|aran|o|ar|adas|arla|aste|arian|amos)",
    "autoriz(?:aron|ada|ado|acion|o|ar|arla)", "firm(?:ada|ado|aron|a|o|ar|arla)", "visto bueno", "vb", "gerencia",
    "jefatura",
    "(?:sigue|esta|quedo) (?:abierta|cerrada|vigente|en pie|pendiente|lista|activa|firme|aprobada|autorizada|ok)", "en pie",
    "(?:la )?(?:cerraron|vieron|recibieron|revisaron|procesaron|emitieron|liberaron)",
    "(?:les )?llego (?:mi|la|nuestra) (?:cotizacion|oferta|propuesta|confirmacion)",
    r"(?:vieron|recibieron|revisaron|evaluaron|decidieron|adjudicaron|resolvieron)(?: \w+){0,3}",
    "respuesta (?:a|de|sobre)", "(?:cancel|anul)(?:aron|ad[oa]|ar|o|an|ou|ed|led)",
    "falta (?:algo|recepcionar|aprobar|firmar)", "va a salir", "va o no va", "sale o no", "approv(?:ed|al|e|ing)",
    "signed(?: off)?", "where (?:is|are|do we|does|are we)", "any (?:news|update|updates|word|progress|feedback)",
    "what(?:'s| is) (?:happening|going on|the status|up with)", r"how (?:is|are) (?:\w+ ){0,4}(?:coming|going|looking)",
    "(?:still|gone) (?:open|pending|on|valid|through)", r"did you (?:get|receive|see|review|decide)(?: \w+){0,4}",
    r"have you (?:received|reviewed|seen|decided|approved|had)(?: \w+){0,4}", "update on", "go through", "stand(?:s)?",
    "been (?:closed|cancelled|approved|processed|released|accepted|reviewed)", "whether", "following up",
    "aprov(?:ad[oa]|acao|aram|ou|ar|ado)",
    "(?:foi|ja foi|esta|ficou) (?:aceit[oa]|aprovad[oa]|fechad[oa]|liberad[oa]|assinad[oa])",
    r"como (?:esta|anda|ficou|vai)(?: \w+){0,2} (?:o|a|com) (?:pedido|ordem|proposta|cotacao|aprovacao)", "em que pe",
    r"(?:viram|receberam|analisaram|liberaram)(?: \w+){0,3}", "alguma (?:novidade|noticia|posicao|resposta)", "posicao",
    "retorno sobre",
)  # fmt: skip

#: Enough to ask without a question mark.
STATUS_PLAIN = any_of(
    "(?:alguna|hay|tienen|tiene|tienes) novedad(?:es)?", "en que (?:quedo|va|estado|esta|anda|quedamos|quedaron)",
    "que (?:paso|hubo|sabe|se sabe) (?:con|de)", "any (?:news|update|updates|word|progress)",
    "alguma (?:novidade|noticia|posicao)", "em que pe", "status (?:of|de|do|da)",
    "estado de (?:la|mi|nuestra) (?:orden|oc|compra|cotizacion)",
)  # fmt: skip

ASKING = any_of(
    "sigo esperando", "seguimos esperando", "o (?:no|sigo|todavia|aun|nada)",
    "quisiera(?:mos)? (?:saber|conocer|consultar|preguntar|ver|confirmar)", "quiero saber",
    "queria (?:saber|consultar|preguntar|ver)",
    r"(?:le|les|te) (?:queria|quiero|consulto|pregunto|escribo para saber)(?: \w+)?",
    "(?:me|nos) (?:puede|podria|puedes|podrias|pueden|podrian)(?:s|n)? (?:decir|informar|indicar|confirmar|contar|" "dar)",
    "(?:me|nos) (?:dice|dices|dicen|cuenta|cuentas|cuentan|confirma|confirmas|indica|indican|da|das|dan)",
    "consult(?:a|o|ar)", "pregunt(?:a|o|ar)", "sabe(?:s|n)? (?:si|algo|cuando|en)", "(?:no se|no sabemos) si",
    "favor (?:informar|indicar|confirmar)", "(?:i'd|we'd|i would|we would|would) like to (?:know|check|ask|confirm)",
    "(?:could|can|would) you (?:please )?(?:tell|let|confirm|advise|check|update|share|give)",
    "(?:please|kindly|pls) (?:advise|confirm|update|let|share|tell|check)",
    "check(?:ing)?(?: in| up)? (?:on|the|whether|if|about)", "wondering", "let (?:me|us) know",
    "want(?:ed)? to (?:know|check|ask)", "any", "gostaria de (?:saber|consultar|confirmar)", "queria saber",
    "(?:poderia|poderiam|pode|podem) (?:me |nos )?(?:informar|dizer|confirmar|enviar|verificar)",
    "(?:me|nos) (?:diz|informa|informe)", "sabe se", "aguardo", "aguardando",
    "todavia no (?:me|nos) (?:llega|ha llegado|aparece)",
)  # fmt: skip
