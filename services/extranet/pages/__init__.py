"""The pages, an area a module; the order decides nothing."""

from services.extranet.pages import access, alerts, faq, forms, home, signin

ROUTERS = (access.router, alerts.router, faq.router, forms.router, home.router, signin.router)
