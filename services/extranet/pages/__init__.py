"""The pages, an area a module; the order decides nothing."""

from services.extranet.pages import signin

ROUTERS = (signin.router,)
