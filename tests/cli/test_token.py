"""`gvi token`: the operator makes, lists and revokes tokens."""

from fastapi.testclient import TestClient

from gvi.cli.main import main
from gvi.settings import Settings
from gvi.web.app import create_app
from tests.conftest import SECRET_KEY


def test_a_token_of_the_operator_opens_the_api_until_it_is_revoked(
    engine, programme, database_url, clock, capsys
):
    def gvi(*words: str) -> tuple[int, str]:
        status = main(
            list(words),
            environ={"GVI_DATABASE_URL": database_url, "GVI_SECRET_KEY": SECRET_KEY},
            clock=clock,
        )
        return status, capsys.readouterr().out.strip()

    status, secret = gvi(
        *("token", "add", "analyst", "--name", "Report", "--scope", "groups:read", "--days", "7")
    )
    assert status == 0
    settings = Settings(database_url=database_url, environment="demo")
    client = TestClient(create_app(settings, engine=engine, clock=clock))
    client.headers["Authorization"] = f"Bearer {secret}"
    assert client.get("/api/v1/groups").status_code == 200

    status, listed = gvi("token", "list")
    assert status == 0
    assert "Report" in listed
    assert secret not in listed
    number = listed.split("\t")[0]
    assert gvi("token", "revoke", number, "--reason", "Lost")[0] == 0
    assert client.get("/api/v1/groups").status_code == 401
    assert gvi("token", "add", "auditor", "--name", "R", "--scope", "groups:read")[0] != 0
