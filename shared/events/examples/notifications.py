"""The institute is told that it may invoice; a decision reaches its mailbox, another bounces; a file changes hands."""

from datetime import date

from shared.events.examples.made_up import (
    ACCOUNT,
    ALERT,
    ANNE,
    BODY,
    BODY_NAME,
    BODY_USER,
    OFFERING,
    SESSION,
    Example,
    moment,
    sealed,
    some_id,
)
from shared.events.notifications import (
    AbsenceDeclared,
    AlertPosted,
    AlertRead,
    DecisionUnheard,
    DossierEntrusted,
    DossierRead,
    EmailFailed,
    EmailSent,
    ListExported,
    PreferencesChanged,
    Recipient,
    ThemeFrequency,
)

_BODY = Recipient(kind="body", id=str(BODY))
_STREAM = f"alert-{ALERT}"
_ACCEPTED = "org.formiris.registration.ReferencingAccepted.v1"

EXAMPLES = (
    Example(
        AlertPosted(
            alert_id=ALERT,
            recipient=_BODY,
            cause_id=some_id("event org.formiris.attendance.CertificatesValidated.v1"),
            cause_type="org.formiris.attendance.CertificatesValidated.v1",
            code="session-may-be-invoiced",
            title="Vous pouvez facturer",
            text="Formiris a validé les attestations de présence de votre session : déposez votre facture.",
            link=f"/sessions/{SESSION}/facture",
            faq="generer-une-facture",
        ),
        _STREAM,
        1,
        moment("2026-03-27T15:05:00.012000"),
        "policy:alerts",
    ),
    Example(
        DecisionUnheard(
            alert_id=some_id("another alert"),
            body_id=BODY,
            body_name=BODY_NAME,
            title="Prestation acceptée : « Lire à voix haute »",
            dossier_id=OFFERING,
            territory="bretagne",
            since=moment("2026-02-02T10:00:00.000000"),
        ),
        f"alert-{some_id('another alert')}",
        2,
        moment("2026-02-04T10:00:00.000000"),
        "policy:decisions",
    ),
    Example(
        AlertRead(alert_id=ALERT, recipient=_BODY, read_by=BODY_USER),
        _STREAM,
        2,
        moment("2026-03-27T16:30:00.000000"),
        BODY_USER,
    ),
    Example(
        EmailSent(
            email_id=some_id("e-mail"),
            to=sealed(ANNE, "anne.legoff@kervallon.example"),
            template="referencing-accepted",
            cause_id=some_id(f"event {_ACCEPTED}"),
            cause_type=_ACCEPTED,
            message_id="<3f1c0a52@formelie.example>",
            body_id=BODY,
        ),
        f"email-{some_id('e-mail')}",
        1,
        moment("2026-01-26T13:30:01.480000"),
        "policy:e-mails",
    ),
    Example(
        EmailFailed(
            email_id=some_id("bounced e-mail"),
            to=sealed(ANNE, "anne.legoff@kervallon.example"),
            template="codes-reissued",
            cause_id=some_id("event org.formiris.registration.AccountCodesReissued.v1"),
            cause_type="org.formiris.registration.AccountCodesReissued.v1",
            reason="550 5.1.1",
            permanent=True,
            body_id=BODY,
        ),
        f"email-{some_id('bounced e-mail')}",
        1,
        moment("2026-09-08T09:17:04.000000"),
        "policy:e-mails",
    ),
    Example(
        PreferencesChanged(
            account=str(ACCOUNT),
            themes=(ThemeFrequency(theme="invoices", frequency="at-once"),),
            changed_by=BODY_USER,
            channel="extranet",
        ),
        f"preferences-{ACCOUNT}",
        1,
        moment("2026-02-02T08:00:00.000000"),
        BODY_USER,
    ),
    Example(
        DossierEntrusted(
            dossier_id=SESSION,
            to="gestionnaire.bretagne",
            note="L'organisme attend une réponse avant vendredi.",
            entrusted_by="manager:gestionnaire",
        ),
        f"follow-{SESSION}",
        1,
        moment("2026-03-05T10:00:00.000000"),
        "manager:gestionnaire",
    ),
    Example(
        AbsenceDeclared(
            manager="gestionnaire.bretagne",
            starts_on=date(2026, 4, 6),
            ends_on=date(2026, 4, 17),
            replacement="gestionnaire",
            declared_by="manager:gestionnaire.bretagne",
        ),
        "absence-gestionnaire.bretagne",
        1,
        moment("2026-03-30T15:20:00.000000"),
        "manager:gestionnaire.bretagne",
    ),
    Example(
        DossierRead(dossier_id=SESSION, what="extract", read_by="auditor:auditeur", digest="5" * 64),
        f"reading-{SESSION}",
        1,
        moment("2026-10-01T09:30:00.000000"),
        "auditor:auditeur",
    ),
    Example(
        ListExported(
            export_id=some_id("export"),
            address="/factures?qui=office",
            rows=42,
            exported_by="manager:gestionnaire",
        ),
        f"export-{some_id('export')}",
        1,
        moment("2026-04-02T11:45:00.000000"),
        "manager:gestionnaire",
    ),
)
