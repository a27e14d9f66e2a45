"""Is the process alive, and is it ready to serve?"""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from gvi.store.engine import reading
from gvi.store.migrate import is_current

router = APIRouter(tags=["health"])


@router.get("/healthz")
def alive() -> dict[str, str]:
    """Answer that the process runs."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "The database is away or not migrated."}})
def ready(request: Request) -> JSONResponse:
    """Answer whether the database is there and migrated to this version."""
    try:
        with reading(request.app.state.engine) as db:
            current = is_current(db.connection())
    except SQLAlchemyError:
        return JSONResponse({"status": "no database"}, status_code=503)
    if not current:
        return JSONResponse({"status": "run gvi migrate"}, status_code=503)
    return JSONResponse({"status": "ok"})
