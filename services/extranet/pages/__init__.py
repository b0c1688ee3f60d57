"""The pages, an area a module; the order decides nothing."""

from services.extranet.pages import access, signin

ROUTERS = (access.router, signin.router)
