"""What may be refused around alerts, e-mails and preferences."""

from shared.runtime import faq
from shared.runtime.refusal import Refusal
from shared.runtime.refusals import FORMIRIS, YOU

NOT_POSTED = Refusal(
    "alert-unknown", 404, "Alerte introuvable", "Cette alerte n'existe pas.", YOU, faq=faq.HELP,
)  # fmt: skip
THEME_UNKNOWN = Refusal(
    "theme-unknown", 422, "Thème inconnu",
    "« {given} » n'est pas un thème connu. Rien n'a été modifié : vos préférences restent comme elles étaient.", YOU,
    faq=faq.HELP,
)  # fmt: skip
SWITCH_REFUSED = Refusal(
    "switch-refused", 422, "Lien incorrect",
    "Ce lien est incomplet ou n'est pas de nous. Connectez-vous pour choisir les e-mails que vous recevez, à la "
    "rubrique « Préférences ».", YOU, faq=faq.LOST_CODES,
)  # fmt: skip
TOO_MANY_STREAMS = Refusal(
    "too-many-streams", 429, "Trop de pages ouvertes",
    "Vos alertes s'affichent déjà en direct dans {limit} pages. Celle-ci reste juste : rechargez-la pour voir ce qui "
    "est nouveau, ou fermez une des autres.", YOU, faq=faq.HELP,
)  # fmt: skip
STREAMS_FULL = Refusal(
    "streams-full", 503, "Alertes en direct momentanément indisponibles",
    "Trop de personnes suivent leurs alertes en direct à cet instant. Votre page reste juste : rechargez-la pour voir "
    "ce qui est nouveau.", FORMIRIS, faq=faq.HELP,
)  # fmt: skip
ABSENCE_REVERSED = Refusal(
    "absence-dates-reversed", 422, "Dates à inverser",
    "Le dernier jour d'absence précède le premier. Rien n'a été modifié : corrigez une des deux dates.", YOU,
    faq=faq.HELP,
)  # fmt: skip
REPLACES_THEMSELF = Refusal(
    "replaces-themself", 422, "Remplaçant à choisir",
    "Une personne absente ne se remplace pas elle-même : choisissez quelqu'un d'autre, ou personne.", YOU,
    faq=faq.HELP,
)  # fmt: skip
THREAD_CLOSED = Refusal(
    "thread-closed", 409, "Dossier clos : écrivez ailleurs",
    "Ce dossier est terminé : on n'y écrit plus de nouveau message. Le vôtre n'est pas parti. Écrivez à {name}, "
    "{reached}, en citant le dossier « {title} ».", YOU, faq=faq.HELP,
)  # fmt: skip
NOT_TO_ANSWER = Refusal(
    "message-not-to-answer", 409, "Ce message n'attend plus de réponse",
    "Votre réponse n'est pas partie : le message n'attend pas, ou n'attend plus, de réponse de votre côté ; quelqu'un "
    "a pu répondre avant vous. Relisez les messages ; vous pouvez en écrire un nouveau.", YOU, faq=faq.HELP,
)  # fmt: skip
