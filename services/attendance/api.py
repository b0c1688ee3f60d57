"""HTTP of attendance: see api_certificates.py, api_draft.py, api_import.py and api_documents.py."""

from fastapi import APIRouter

from services.attendance import api_certificates, api_documents, api_draft, api_import
from shared.events.attendance import CertificatesSubmitted
from shared.runtime import parts
from shared.runtime.history import history
from shared.runtime.receipts import receipts

router = APIRouter()
for part in (api_documents, api_draft, api_import, api_certificates):
    router.include_router(part.router)
router.include_router(parts.router)
router.include_router(history("certificates"))
router.include_router(receipts({CertificatesSubmitted: api_documents.RECEIPT}))
