"""`python -m services.registration`: one process of this service."""

from services.registration.service import SERVICE
from shared.runtime.process import main

main(SERVICE)
