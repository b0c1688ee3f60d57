"""`python -m services.notifications`: one process of this service."""

from services.notifications.service import SERVICE
from shared.runtime.process import main

main(SERVICE)
