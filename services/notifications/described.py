"""How an alert and an e-mail are said by the API."""

from collections.abc import Mapping
from typing import Any

from shared.runtime import faq

_FAQ = {entry.id: entry for entry in faq.entries()}


def alert_described(row: Mapping[str, Any]) -> dict[str, Any]:
    """An alert: what happened, the act it calls for, and whether that is done."""
    entry = _FAQ.get(row["faq"] or "")
    return {
        "id": str(row["alert_id"]),
        "recipient": {"kind": row["recipient_kind"], "id": row["recipient_id"]},
        "code": row["code"],
        "theme": row["theme"],
        "title": row["title"],
        "text": row["text"],
        "link": row["link"],
        "act": row["act"] and {"code": row["act"], "words": row["act_words"], "link": row["link"]},
        "faq": entry and {"question": entry.question, "link": entry.link},
        "dossier": row["dossier"] and str(row["dossier"]),
        "open": row["closed_at"] is None,
        "posted_at": row["posted_at"].isoformat(),
        "read_at": row["read_at"] and row["read_at"].isoformat(),
        "closed_at": row["closed_at"] and row["closed_at"].isoformat(),
        "cause": {"id": str(row["cause_id"]), "type": row["cause_type"]},
        "version": row["version"],
    }


def email_described(row: Mapping[str, Any]) -> dict[str, Any]:
    """An e-mail: which, why, and how it went; never to which address."""
    return {
        "id": str(row["email_id"]),
        "template": row["template"],
        "cause": {"id": str(row["cause_id"]), "type": row["cause_type"]},
        "body": row["body_id"] and str(row["body_id"]),
        "status": row["status"],
        "reason": row["reason"],
        "at": row["at"].isoformat(),
    }
