"""`python -m services.invoicing`: one process of this service."""

from services.invoicing.service import SERVICE
from shared.runtime.process import main

main(SERVICE)
