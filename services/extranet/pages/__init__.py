"""The pages, an area a module; the order decides nothing."""

from services.extranet.pages import access, faq, forms, signin

ROUTERS = (access.router, faq.router, forms.router, signin.router)
