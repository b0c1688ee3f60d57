"""The table of rights names every operation of every service, and nothing else."""

import pytest
from fastapi import FastAPI

from ops.proof.readers import services
from shared.runtime.rights import OPERATIONS


@pytest.mark.parametrize("context", OPERATIONS)
def test_every_operation_has_its_line_and_every_line_its_operation(context: str) -> None:
    """An operation that is not in the table would be refused to everybody; a line without one permits nothing."""
    app = FastAPI()
    app.include_router(services()[context].router)
    paths = app.openapi()["paths"]
    assert {f"{method.upper()} {path}" for path in paths for method in paths[path]} == set(
        OPERATIONS[context]
    )
