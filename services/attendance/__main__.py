"""`python -m services.attendance`: one process of this service."""

from services.attendance.service import SERVICE
from shared.runtime.process import main

main(SERVICE)
