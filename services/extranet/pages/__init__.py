"""The pages, an area a module; the order decides nothing."""

from services.extranet.pages import access, faq, signin

ROUTERS = (access.router, faq.router, signin.router)
