"""The pages, an area a module; those of one role come before those that anybody has at the same address."""

from services.extranet.pages import (
    access,
    account,
    alerts,
    asking,
    assistance,
    attendance,
    attendance_file,
    audit,
    bodies,
    console,
    dossiers,
    faq,
    following,
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
    messages,
    offerings,
    orders,
    organisation,
    receipts,
    referencing,
    sending,
    session,
    signin,
    staff_account,
    statements,
)

FORMIRIS = (
    manager.router, manager_batch.router, manager_certificates.router, manager_forms.router, manager_invoices.router,
    manager_orders.router, following.router, bodies.router, bodies.deciding, assistance.router, audit.router,
    console.router, staff_account.router,
)  # fmt: skip
BODY = (
    account.router, attendance.router, attendance_file.router, dossiers.router, forms.router, invoices.router,
    invoice.router, offerings.router, orders.router, organisation.router, organisation.by_name, referencing.router,
    sending.router, session.router,
)  # fmt: skip
ROUTERS = (
    *FORMIRIS, *BODY, access.router, alerts.router, asking.router, faq.router, home.router, messages.router,
    receipts.router,
    signin.router, statements.router,
)  # fmt: skip
