"""The examination as a whole."""

from app.console import choose
from app.doctor.broker import check_broker
from app.doctor.database import check_database
from app.doctor.findings import Finding, Level, bad
from app.doctor.machine import (
    check_browser,
    check_data_folder,
    check_fonts,
    check_front_end,
    check_python,
    check_secret,
    check_space,
)
from app.ground import running_services
from core.embedded.programs import ServiceError
from core.settings import get_settings


def examine() -> list[Finding]:
    """Return every finding, good ones too. Starts the embedded services for the time of the examination."""
    settings = get_settings()
    findings = [
        check_python(),
        check_data_folder(settings),
        check_space(settings),
        check_secret(settings),
        check_front_end(),
        check_fonts(),
        check_browser(),
    ]
    if any(each.subject == "data_folder" and each.level is Level.BAD for each in findings):
        return findings
    return findings + _examine_services()


def _examine_services() -> list[Finding]:
    try:
        with running_services():
            return [*check_database(), check_broker(get_settings())]
    except (ServiceError, OSError) as error:
        advice = choose(
            "上の記録を読むか、SOEGAKI_DATABASE_URL と SOEGAKI_REDIS_URL で自前のものを指定してください。",
            "Read the log above, or name servers of your own by SOEGAKI_DATABASE_URL and SOEGAKI_REDIS_URL.",
        )
        return [bad("services", str(error), advice)]
