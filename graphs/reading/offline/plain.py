"""Words that add nothing to a yes: the only company in which a yes counts as a confirmation.

A confirmation is not found by looking for what speaks against it, since that list is never complete, but by checking that
every word of the burst is one of these, an acceptance, or a repetition of the order itself.
"""

import re

from graphs.reading.offline.text import any_of, tokens

GREETING = any_of(
    r"hola+s?", r"holi+s?", r"alo", r"buen(?:as|os)?(?: dias?| tardes?| noches?| finde| fin de semana| dia)?", r"wen(?:a|as|os)", r"muy buen(?:as|os) (?:dias?|tardes?|noches?)", r"que tal", r"como (?:esta|estas|estan|le va|te va|va|andan|anda)", r"estimad[oa]s?", r"junto con saludar(?:le|les|los|lo|la)?", r"esperando que (?:se )?(?:este|encuentre|esten|encuentren)[ \w]{0,20}bien",
    r"hi+", r"hello+", r"hey+", r"good (?:morning|afternoon|evening|day|night)", r"morning", r"how are you(?: doing)?", r"dear(?: \w+){0,2}", r"i hope (?:this|you)[ \w]{0,40}well", r"hope (?:you|all)[ \w]{0,25}well", r"hi there", r"hey there",
    r"oi+e*", r"ola+", r"bom dia", r"boa (?:tarde|noite)", r"tudo (?:bem|bom|certo|joia)", r"prezad[oa]s?", r"como vai", r"e ai",
)  # fmt: skip
THANKS = any_of(
    r"(?:muchas |muchisimas |mil |hartas |infinitas )?gracias+(?: a (?:ti|usted|ustedes|todos|vos))?(?: por (?:todo|la (?:orden|informacion|confianza|oportunidad|compra|preferencia|invitacion|respuesta|atencion|ayuda|paciencia)|su (?:orden|compra|preferencia|respuesta|tiempo|ayuda|paciencia)|avisar|el (?:pago|aviso|dato|pedido)|confirmar|responder))?", r"se agradece", r"agradecid[oa]s?", r"agradezco", r"agradecemos", r"(?:muy |super )?amables?", r"de nada", r"a (?:ti|usted|ustedes|vos)", r"un placer", r"no hay de que", r"igualmente", r"un (?:gran |fuerte )?abrazo", r"abrazos?", r"saludos?(?: cordiales| a todos)?", r"slds", r"sds", r"bendiciones", r"que (?:este|esten|estes|tengan?|tengas|lo pasen?|les vaya|le vaya|te vaya|descansen?)(?: \w+){0,4}", r"felices fiestas", r"feliz (?:navidad|ano(?: nuevo)?|dia|pascua|finde)", r"prospero ano(?: nuevo)?", r"nos vemos", r"hasta (?:luego|pronto|manana)", r"chao+", r"chau+", r"cuidese", r"exito", r"felicidades", r"felicitaciones", r"atento a sus comentarios", r"(?:quedo|quedamos) (?:atent[oa]s?|a (?:su|la) (?:disposicion|orden)|pendientes?|al pendiente)", r"a (?:la|su) orden", r"cualquier (?:cosa|duda|consulta)(?: \w+){0,3}",
    r"thank(?:s| you)(?: so much| very much| a lot| again| in advance)?(?: for (?:the|your) (?:order|business|update|message|quick \w+|help|info|information|payment|patience|trust))?", r"many thanks", r"thx", r"ty", r"cheers", r"my pleasure", r"you'?re welcome", r"welcome", r"no worries", r"have a (?:\w+ ){1,3}", r"best(?: regards| wishes)?", r"kind regards", r"regards", r"much appreciated", r"appreciate(?: it| that| the order)?", r"merry christmas", r"happy (?:holidays|new year|thanksgiving|weekend|friday)", r"see you(?: soon| then| later)?", r"take care", r"talk soon", r"bye", r"looking forward(?: to \w+(?: \w+){0,3})?", r"same to you", r"congrat\w*", r"great (?:doing business|working)(?: \w+){0,3}",
    r"(?:muito |muitissimo )?obrigad[oa]s?(?: (?:a voces?|pela \w+|pelo \w+|por \w+))?", r"agradeco", r"valeu", r"um (?:grande |forte )?abraco", r"abracos?", r"abs", r"att", r"imagina", r"ate (?:logo|mais|breve|amanha)", r"bom (?:trabalho|final de semana|fim de semana|feriado)", r"boa semana", r"feliz natal", r"boas festas", r"tchau", r"disponha", r"a disposicao", r"por nada",
)  # fmt: skip

#: Articles, pronouns, fillers and the small verbs of reading and agreeing.
_FILLER = frozenset(
    """
    aprovecho preguntar consultar consulta pregunta ver dejemosla dejemoslo dejala dejamosla mantenemos mantengo respetamos respeto
    a al ahi altiro ante aqui asi ah ay con cosa da de del desde dice don dona dona ea eh el ella ello ellos en entonces era es esa ese eso
    esos esta este esto estos fue ha hace haber hay he hoy ja jaja jajaja jajajaja jeje je la las le les lo los mas me mi mire mira mis misma
    mismo muy nada nos nosotros nuestra nuestro nuestras nuestros o oiga oye para parte po poh por porfa porfavor favor pos pucha que q se sea sean
    senor senora senorita sera son su sus tal tambien te ti todo toda todos todas tu tus un una uno usted ustedes uds ud y ya yo jefe jefa amigo amiga caserito
    casero estimado vecino don compadre maestro caballero recien pude vi vimos leer lei leimos revise revisamos revisada revisado
    recibi recibimos recibida recibido correo mail mensaje documento adjunto adjunta mensajito cantidades cantidad precios precio valores valor terminos
    condiciones indicados indicadas indicado senalado senaladas senalados enviados enviada enviado solicitado solicitada solicitados detallado
    solicitud sistema lado mi orden ordenes oc compra pedido aceptacion aceptar confirmacion confirmar confirma confirmen conforme plenamente totalmente formalmente medio presente
    dejo dejamos deja queda quedan va vamos doy damos seria cuenten cuente nomas tranquilo tranquila corresponde total mismo misma igual iguales detalle
    ref referencia asunto re numero nro n num carta informo informamos comunico comunicamos comunicarle favor efecto efectos siguiente correspondiente
    perfectamente correctamente correcto bien ok okey acuerdo gusto encantados encantado agrado mucho cualquier hasta pronto sacos unidades cajas envio
    segun como estaba estan quedo quedamos hablado acordado acordados conversado conversamos dicho pedido pidieron pidio pediste mandaron mandaste mandado mando
    precio olvidemos olvide tema atencion oficial formal oficialmente fecha fechas entrega entregas plazo parte completo completa integra integramente tomada agendada agendado anotada anotado
    """.split()
    + """
    a about above all also and am are as at attached back be been both by can for from fully further had has have here hereby i in is it its just let
    may me mentioned my of on our out per please pls po purchase order orders quantities quantity prices price re ref reference regarding received requested right side
    so stated team terms that the their them there these they thing this those to today us very was we well were will with you your yours
    everything detailed listed line lines items item document email mail copy signed confirmation acceptance confirm accept pleased glad happy delighted indeed
    date delivery schedule planned agreed noted end sir madam folks guys friend dear mr mrs ms hereby same exactly set yes no_problem proceed full
    """.split()
    + """
    a ao aos as ate com como da das de dele do dos e ela ele em essa esse esta este eu foi isso ja la lhe meu minha muito na nas no nos nossa nosso
    o os para pela pelas pelo pelos por pra pro quantidades quantidade precos preco que recebi recebemos recebido sao se seu sua tambem tudo um uma voce voces
    vc vcs gente pedido ordem compra conforme conferi conferido conferimos combinado solicitado enviado termos condicoes confirmacao dia data prazo entrega nossa parte lado email mensagem
    aqui agora entao mesmo mesma bem certo certinho a senhor senhora amigo sim ta ok
    """.split()
)
#: A form of address takes the name that follows it.
_NAME_AFTER = re.compile(
    r"(?:\b(?i:don|doña|sr|sra|srta|señor|señora|mr|mrs|ms|dear|hola|hello|hi|hey|olá|ola|oi|buenas|wena|estimad[oa]s?|prezad[oa]s?|car[oa]|gracias|thanks|obrigad[oa]|tardes|días|dias|morning|afternoon|tarde|dia)\.?[ ,]+)((?:[A-ZÁÉÍÓÚÑÃÕ][\wáéíóúñãõç]+ ?){1,3})(?=\s*(?:[,:.!\n]|$))"
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


_COURTESY_WORDS = frozenset(
    """
    porfa porfis please pls pf pfv por favor
    a al ah y e o ok okey oki okis vale listo ya perfecto super genial buenisimo excelente bacan joya dale bueno bien todo todos toda el la los las en de del por para con su sus que q
    equipo familia lindo linda fin semana finde feliz felices navidad fiestas ano nuevo un una muy mucho muchas don dona senor senora senorita jefe jefa amigo amiga caserito casero estimado
    entendido comprendido recibido informacion info aviso avisar atencion tal tambien ustedes usted uds po poh si claro nos les le te me mi lo se estamos contacto hablamos igual siempre
    great perfect nice good lovely fine okay sure cool awesome noted understood received got it the and you your to all too team weekend day evening christmas new year same so very much for that have well ahead rest of
    otimo otima beleza blz certo show legal perfeito entendi ta tudo bom boa voces voce para todos pessoal gente equipe final sim joia muito um uma com nada tranquilo combinado maravilha
    """.split()
)
