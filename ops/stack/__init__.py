"""The local stack: `Stack` starts it, `Endpoints` tells where it is."""

from ops.errors import NotReady
from ops.stack.endpoints import Endpoints
from ops.stack.stack import Stack

__all__ = ["Endpoints", "NotReady", "Stack"]
