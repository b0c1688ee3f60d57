"""The local stack: `Stack` starts it, `Endpoints` tells where it is."""

from ops.stack.endpoints import Endpoints
from ops.stack.stack import NotReady, Stack

__all__ = ["Endpoints", "NotReady", "Stack"]
