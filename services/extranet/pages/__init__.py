"""The pages, an area a module; those of one role come before those that anybody has at the same address."""

from services.extranet.pages import (
    access,
    alerts,
    assistance,
    attendance,
    attendance_file,
    audit,
    bodies,
    faq,
    forms,
    home,
    invoice,
    invoices,
    manager,
    manager_batch,
    manager_certificates,
    manager_forms,
    manager_invoices,
    manager_orders,
    session,
    signin,
)

FORMIRIS = (
    manager.router, manager_batch.router, manager_certificates.router, manager_forms.router, manager_invoices.router,
    manager_orders.router, bodies.router, bodies.deciding, assistance.router, audit.router,
)  # fmt: skip
BODY = (attendance.router, attendance_file.router, invoices.router, invoice.router, session.router)
ROUTERS = (
    *FORMIRIS, *BODY, access.router, alerts.router, faq.router, forms.router, home.router, signin.router,
)  # fmt: skip
