"""What a person decides once for a whole file, at the screen."""

from tests.browsing import Browser
from tests.warehouse_ui.conftest import Place, RunJobs

HISTORY = "注文番号,種別,注文日時,顧客番号,金額\nA1,購入,2026/04/01,1,3000\n"


def test_a_history_without_a_column_for_it_is_taken_in_once_somebody_says_when_it_was_known(
    place: Place, operator: Browser, run_jobs: RunJobs
) -> None:
    files = {"file": ("history.csv", HISTORY.encode("cp932"), "text/csv")}
    received = operator.post("/imports", data={"importer": "crm_link.touchpoints"}, files=files)
    address = received.headers["location"].partition("?")[0]
    page = operator.get(address).text
    assert "いつ把握したデータか" in page

    mapping = {
        "external_id": "注文番号",
        "kind": "種別",
        "occurred_at": "注文日時",
        "customer_id": "顧客番号",
        "amount": "金額",
    }
    form = {f"field-{name}": f"1:{header}" for name, header in mapping.items()}
    started = operator.post(f"{address}/start", data={**form, "option-known_at": "occurred"})
    run_jobs()

    assert started.status_code == 303
    shown = operator.get(f"/api{address.replace('imports', 'uploads')}").json()
    assert (shown["state"], shown["new_count"], shown["options"]) == ("done", 1, {"known_at": "occurred"})
