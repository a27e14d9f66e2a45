"""The read-only JSON API under /api/v1, one module for each noun."""

from gvi.web.api import (
    action,
    call_in,
    custom_notification,
    group,
    health,
    incident,
    network,
    person,
    plan,
    ranking,
    support,
)

ROUTERS = (
    health.router,
    ranking.router,
    group.router,
    person.router,
    incident.router,
    call_in.router,
    custom_notification.router,
    support.router,
    action.router,
    network.router,
    plan.router,
)
