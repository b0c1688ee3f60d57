"""`python -m services.offerings`: one process of this service."""

from services.offerings.service import SERVICE
from shared.runtime.process import main

main(SERVICE)
