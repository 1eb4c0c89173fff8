"""Words that add nothing to a yes: the only company in which a yes counts as a confirmation.

A confirmation is not found by looking for what speaks against it, since that list is never complete, but by checking that
every word of the burst is one of these, an acceptance, or a repetition of the order itself.
"""

import re

from graphs.reading.offline.text import any_of, tokens, word_set

GREETING = any_of(
    "hola+s?", "holi+s?", "alo", "buen(?:as|os)?(?: dias?| tardes?| noches?| finde| fin de semana| dia)?", "wen(?:a|as|os)",
    "muy buen(?:as|os) (?:dias?|tardes?|noches?)", "que tal", "como (?:esta|estas|estan|le va|te va|va|andan|anda)",
    "estimad[oa]s?", "junto con saludar(?:le|les|los|lo|la)?",
    r"esperando que (?:se )?(?:este|encuentre|esten|encuentren)[ \w]{0,20}bien", "hi+", "hello+", "hey+",
    "good (?:morning|afternoon|evening|day|night)", "morning", "how are you(?: doing)?", r"dear(?: \w+){0,2}",
    r"i hope (?:this|you)[ \w]{0,40}well", r"hope (?:you|all)[ \w]{0,25}well", "hi there", "hey there", "oi+e*", "ola+",
    "bom dia", "boa (?:tarde|noite)", "tudo (?:bem|bom|certo|joia)", "prezad[oa]s?", "como vai", "e ai",
)  # fmt: skip
THANKS = any_of(
    "(?:muchas |muchisimas |mil |hartas |infinitas )?gracias+(?: a (?:ti|usted|ustedes|todos|vos))?(?: por (?:todo|"
    "la (?:orden|informacion|confianza|oportunidad|compra|preferencia|invitacion|respuesta|atencion|ayuda|"
    "paciencia)|su (?:orden|compra|preferencia|respuesta|tiempo|ayuda|paciencia)|avisar|el (?:pago|aviso|dato|"
    "pedido)|confirmar|responder))?", "se agradece", "agradecid[oa]s?", "agradezco", "agradecemos",
    "(?:muy |super )?amables?", "de nada", "a (?:ti|usted|ustedes|vos)", "un placer", "no hay de que", "igualmente",
    "un (?:gran |fuerte )?abrazo", "abrazos?", "saludos?(?: cordiales| a todos)?", "slds", "sds", "bendiciones",
    r"que (?:este|esten|estes|tengan?|tengas|lo pasen?|les vaya|le vaya|te vaya|descansen?)(?: \w+){0,4}",
    "felices fiestas", "feliz (?:navidad|ano(?: nuevo)?|dia|pascua|finde)", "prospero ano(?: nuevo)?", "nos vemos",
    "hasta (?:luego|pronto|manana)", "chao+", "chau+", "cuidese", "exito", "felicidades", "felicitaciones",
    "atento a sus comentarios",
    "(?:quedo|quedamos) (?:atent[oa]s?|a (?:su|la) (?:disposicion|orden)|pendientes?|al pendiente)", "a (?:la|su) orden",
    r"cualquier (?:cosa|duda|consulta)(?: \w+){0,3}",
    "thank(?:s| you)(?: so much| very much| a lot| again| in advance)?(?: for (?:the|your) (?:order|business|"
    r"update|message|quick \w+|help|info|information|payment|patience|trust))?", "many thanks", "thx", "ty", "cheers",
    "my pleasure", "you'?re welcome", "welcome", "no worries", r"have a (?:\w+ ){1,3}", "best(?: regards| wishes)?",
    "kind regards", "regards", "much appreciated", "appreciate(?: it| that| the order)?", "merry christmas",
    "happy (?:holidays|new year|thanksgiving|weekend|friday)", "see you(?: soon| then| later)?", "take care", "talk soon",
    "bye", r"looking forward(?: to \w+(?: \w+){0,3})?", "same to you", r"congrat\w*",
    r"great (?:doing business|working)(?: \w+){0,3}",
    r"(?:muito |muitissimo )?obrigad[oa]s?(?: (?:a voces?|pela \w+|pelo \w+|por \w+))?", "agradeco", "valeu",
    "um (?:grande |forte )?abraco", "abracos?", "abs", "att", "imagina", "ate (?:logo|mais|breve|amanha)",
    "bom (?:trabalho|final de semana|fim de semana|feriado)", "boa semana", "feliz natal", "boas festas", "tchau",
    "disponha", "a disposicao", "por nada",
)  # fmt: skip

#: Articles, pronouns, fillers and the small verbs of reading and agreeing.
_FILLER = word_set(
    """
    ambos ambas producto productos totalidad indican indica indicas piden pide solicitan solicita plena plenamente
    cabalidad integridad oportunamente correspondientes compromiso conformidad contigo muchisimas nuevamente
    aprovecho preguntar consultar consulta pregunta ver dejemosla dejemoslo dejala dejamosla
    mantenemos mantengo respetamos respeto a al ahi altiro ante aqui asi ah ay con cosa da de del desde dice don dona ea
    eh el ella ello ellos en entonces era es esa ese eso esos esta este esto estos fue ha hace haber hay he hoy ja jaja
    jajaja jajajaja jeje je la las le les lo los mas me mi mire mira mis misma mismo muy nada nos nosotros nuestra
    nuestro nuestras nuestros o oiga oye para parte po poh por porfa porfavor favor pos pucha que q se sea sean senor
    senora senorita sera son su sus tal tambien te ti todo toda todos todas tu tus un una uno usted ustedes uds ud y ya
    yo jefe jefa amigo amiga caserito casero estimado vecino compadre maestro caballero recien pude vi vimos leer lei
    leimos revise revisamos revisada revisado recibi recibimos recibida recibido correo mail mensaje documento adjunto
    adjunta mensajito cantidades cantidad precios precio valores valor terminos condiciones indicados indicadas indicado
    senalado senaladas senalados enviados enviada enviado solicitado solicitada solicitados detallado solicitud sistema
    lado orden ordenes oc compra pedido aceptacion aceptar confirmacion confirmar confirma confirmen conforme totalmente
    formalmente medio presente dejo dejamos deja queda quedan va vamos doy damos seria cuenten cuente nomas corresponde
    total igual iguales detalle ref referencia asunto re numero nro n num carta informo informamos comunico comunicamos
    comunicarle efecto efectos siguiente correspondiente perfectamente correctamente correcto bien ok okey acuerdo gusto
    encantados encantado agrado mucho cualquier hasta sacos unidades cajas segun como estaba estan quedo quedamos
    hablado acordado acordados conversado conversamos dicho pidieron pidio pediste mandaron mandaste mandado mando
    olvidemos olvide tema atencion oficial formal oficialmente fecha fechas entrega entregas completo completa
    integra integramente tomada agendada agendado anotada anotado both items products product goods happily glad set
    ready completely entirely totally processed process processing proceed proceeding going ahead team best
    start business about above all also and am are as at attached back be been by can for from fully further had has
    have here hereby i in is it its just let may mentioned my of on our out per please pls purchase order orders
    quantities quantity prices price reference regarding received requested right side so stated terms that the their
    them there these they thing this those to today us very was we well were will with you your yours everything
    detailed listed line lines item document email copy signed confirmation acceptance confirm accept pleased happy
    delighted indeed date delivery schedule planned agreed noted end sir madam folks guys friend dear mr mrs ms same
    exactly yes no_problem full itens produtos produto totalidade integralmente integral seguimos seguir prazer
    confianca ao aos ate com das dele do dos e ela ele em essa esse eu foi isso lhe meu minha muito na nas no nossa
    nosso os pela pelas pelo pelos pra pro quantidades quantidade precos preco recebi recebemos recebido sao seu sua
    tambem tudo um uma voce voces vc vcs gente ordem conferi conferido conferimos combinado termos condicoes confirmacao
    dia data prazo mensagem agora entao mesmo mesma bem certo certinho senhor senhora sim ta
    """
)
#: A form of address takes the name that follows it.
_NAME_AFTER = re.compile(
    r"(?:\b(?i:don|doña|sr|sra|srta|señor|señora|mr|mrs|ms|dear|hola|hello|hi|hey|olá|ola|oi|buenas|wena|"
    r"estimad[oa]s?|prezad[oa]s?|car[oa]|gracias|thanks|obrigad[oa]|tardes|días|dias|morning|afternoon|tarde|"
    r"dia)\.?[ ,]+)((?:[A-ZÁÉÍÓÚÑÃÕ][\wáéíóúñãõç]+ ?){1,3})(?=\s*(?:[,:.!\n]|$))"
)


def names_after_greeting(text: str) -> list[tuple[int, int]]:
    """The spans of names that follow a form of address (`Estimada Carolina:`), by their capitals; `text` is unfolded."""
    return [match.span(1) for match in _NAME_AFTER.finditer(text)]


def unknown_words(folded: str) -> list[str]:
    """The words of a folded text that could mean something beside a plain yes."""
    rest = THANKS.sub(" ", GREETING.sub(" ", folded))
    return [word for word in tokens(rest) if word not in _FILLER]


def is_only_courtesy(folded: str) -> bool:
    """Whether nothing but greetings, thanks, wishes and laughter is said."""
    rest = THANKS.sub(" ", GREETING.sub(" ", folded))
    small = _COURTESY_WORDS
    return all(word in small or re.fullmatch(r"(?:j[aei]+)+j?|(?:ha)+h?|k{2,}|(?:rs)+|lol", word) for word in tokens(rest))


_COURTESY_WORDS = word_set(
    """
    porfa porfis please pls pf pfv por favor a al ah y e o ok okey oki okis vale listo ya perfecto super genial
    buenisimo excelente bacan joya dale bueno bien todo todos toda el la los las en de del para con su sus que q equipo
    familia lindo linda fin semana finde feliz felices navidad fiestas ano nuevo un una muy mucho muchas don dona senor
    senora senorita jefe jefa amigo amiga caserito casero estimado entendido comprendido recibido informacion info aviso
    avisar atencion tal tambien ustedes usted uds po poh si claro nos les le te me mi lo se estamos contacto hablamos
    igual siempre great perfect nice good lovely fine okay sure cool awesome noted understood received got it the and
    you your to all too team weekend day evening christmas new year same so very much for that have well ahead rest of
    otimo otima beleza blz certo show legal perfeito entendi ta tudo bom boa voces voce pessoal gente equipe final sim
    joia muito um uma com nada combinado maravilha
    """
)
