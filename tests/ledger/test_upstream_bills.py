"""Bills of upstreams: read under many names of columns, in the forms of many countries."""

from datetime import date

import pytest

from pisang.core.errors import RequestError
from pisang.core.money import Money
from pisang.ledger.upstream_bills import model_of, read

FLASH, PRO = "gemini-3.1-flash-image", "gemini-3-pro-image"
TODAY = date(2026, 11, 21)

GOOGLE = """Invoice number,1234
Billing account,My account

Service description,SKU description,Usage start date,Usage end date,Usage amount,Cost ($)
Gemini API,Gemini 3 Pro Image output image tokens,2026-11-21,2026-11-22,2240,"0.268800"
Gemini API,Gemini 3 Pro Image input text tokens,2026-11-21,2026-11-22,40,0.00008
Gemini API,Gemini 3.1 Flash Image output image tokens,11/21/2026,11/22/2026,1120,$0.0672
Gemini API,Credits,2026-11-21,2026-11-22,,(0.50)
,,,,Total,"$1,000.00"
"""
RELAYS = "created_at,model,spend\n2026-11-21T23:59:59Z,nano-banana-pro,0.05\n"

CONSOLE = """\
Billing account name,Billing account ID,Project name,Project ID,Service description,Service ID,\
SKU description,SKU ID,Credit type,Cost type,Usage start date,Usage end date,Usage amount,\
Usage unit,Unrounded cost ($),Cost ($)
Mine,01-AB,Shop,shop-1,Gemini API,AEFD,Gemini 3 Pro Image output image tokens,1A-2B,,Usage,\
2026-11-21,2026-11-21,2240,count,0.268800,0.27
"""
EXPORT = """\
billing_account_id,service_description,sku_description,usage_start_time,usage_end_time,cost,\
currency,currency_conversion_rate
01-AB,Gemini API,Gemini 3 Pro Image output image tokens,2026-11-21 08:00:00 UTC,\
2026-11-21 09:00:00 UTC,0.2688,USD,1
"""
LITELLM = """\
request_id,call_type,api_key,spend,total_tokens,startTime,endTime,model
a,image,x,6.72e-02,1120,2026-11-21T10:00:00.123,2026-11-21T10:00:20,gemini/gemini-3.1-flash-image
"""
OPENROUTER = """\
generation_id,created_at,cost_total,tokens_prompt,model_permaslug,provider_name
gen-1,2026-11-21 10:00:00.123,0.0672,20,google/gemini-3.1-flash-image,Google
"""
EUROPE = """\
sep=;
Datum;Modell;Kosten
21.11.2026;nano-banana-pro;0,27
21.11.2026;nano-banana-pro;1.000,50
21.11.2026;nano-banana-2;1,234
Summe;;1.002,004
"""


@pytest.mark.parametrize(
    ("text", "amount"), [(CONSOLE, "0.27"), (EXPORT, "0.2688")], ids=["console", "export"]
)
def test_what_google_cloud_exports_is_known(text: str, amount: str) -> None:
    assert read(text).sums == {(TODAY, PRO): Money.of(amount)}


@pytest.mark.parametrize("text", [LITELLM, OPENROUTER], ids=["litellm", "openrouter"])
def test_what_relays_export_is_known(text: str) -> None:
    assert read(text).sums == {(TODAY, FLASH): Money.of("0.0672")}


def test_semicolons_part_cells_where_commas_stand_before_decimals() -> None:
    bill = read(EUROPE, {"day": "Datum", "model": "Modell", "amount": "Kosten"})
    assert bill.sums == {(TODAY, PRO): Money.of("1000.77"), (TODAY, FLASH): Money.of("1.234")}
    assert bill.skipped == 1


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_what_parts_cells_is_seen(delimiter: str) -> None:
    text = "date,model,cost\n2026-11-21,x,1.50\n".replace(",", delimiter)
    assert read(text).sums == {(TODAY, "x"): Money.of("1.5")}


@pytest.mark.parametrize(
    ("amounts", "total"),
    [
        (("1,234", "0.5"), "1234.5"),
        (("1.234", "0,5"), "1234.5"),
        (("1.234.567", "1"), "1234568"),
        (("1,234,567.25", "1,000"), "1235567.25"),
        (("1.234.567,25", "1.000"), "1235567.25"),
        (("1\u00a0234,50", "-0,50"), "1234"),
        (("1'234.50", "($0.50)"), "1234"),
        (("0,268", "0,001"), "0.269"),
        (("1,234", ""), "1234"),
    ],
)
def test_what_stands_before_decimals_is_seen_from_all_amounts(
    amounts: tuple[str, ...], total: str
) -> None:
    rows = "".join(f'2026-11-21,x,"{amount}"\n' for amount in amounts)
    assert read(f"date,model,cost\n{rows}").sums == {(TODAY, "x"): Money.of(total)}


def test_a_bill_with_both_before_decimals_is_refused() -> None:
    with pytest.raises(RequestError, match=r"line 2: '0,5' and line 3: '0\.5'"):
        read("date;model;cost\n2026-11-21;x;0,5\n2026-11-21;x;0.5\n")


def test_an_amount_that_may_be_either_is_refused_where_nothing_else_tells() -> None:
    with pytest.raises(RequestError, match=r"'1\.234' may be thousands"):
        read("date;model;cost\n2026-11-21;x;1.234\n")
    assert read("date;model;cost\n2026-11-21;x;1,234\n").sums == {(TODAY, "x"): Money.of("1.234")}


@pytest.mark.parametrize(
    ("days", "delimiter", "first"),
    [
        (("03/04/2026", "21/11/2026"), ",", date(2026, 4, 3)),
        (("03/04/2026", "11/21/2026"), ";", date(2026, 3, 4)),
        (("03/04/2026 10:00", "04/04/2026"), ",", date(2026, 3, 4)),
        (("03/04/2026", "04/04/2026"), ";", date(2026, 4, 3)),
    ],
)
def test_whether_the_month_comes_first_is_seen_from_all_days(
    days: tuple[str, ...], delimiter: str, first: date
) -> None:
    rows = "".join(f"{day},x,1\n" for day in days)
    sums = read(f"date,model,cost\n{rows}".replace(",", delimiter)).sums
    assert (first, "x") in sums
    assert len(sums) == 2


def test_a_bill_in_another_currency_is_refused() -> None:
    with pytest.raises(RequestError, match=r"not in dollars.*line 2.*'EUR'"):
        read(EXPORT.replace("USD", "EUR"))
    with pytest.raises(RequestError, match=r"not in dollars.*'Cost \(€\)'"):
        read("Usage start date;SKU description;Cost (€)\n2026-11-21;x;1\n")
    named = read(EXPORT.replace("USD", "EUR"), {"amount": "cost"})
    assert named.sums == {(TODAY, PRO): Money.of("0.2688")}


def test_what_is_no_csv_is_one_sentence() -> None:
    with pytest.raises(RequestError, match="no CSV: field larger"):
        read('date,model,cost\n2026-11-21,"' + "x" * 200_000)


def test_a_bill_of_google_is_added_up_by_day_and_model() -> None:
    bill = read(GOOGLE)
    assert bill.sums == {
        (TODAY, PRO): Money.of("0.26888"),
        (TODAY, FLASH): Money.of("0.0672"),
        (TODAY, "Credits"): Money.of("-0.5"),
    }
    assert bill.columns["amount"] == "Cost ($)"
    assert bill.skipped == 1


def test_a_relays_names_of_models_are_understood() -> None:
    assert read(RELAYS).sums == {(TODAY, PRO): Money.of("0.05")}


def test_a_column_of_another_name_can_be_named() -> None:
    text = "When,model,Points\n2026-11-21,x,3\n"
    with pytest.raises(RequestError, match="--column amount=Price"):
        read(text)
    named = read(text, {"day": "When", "amount": "points"})
    assert named.sums == {(TODAY, "x"): Money.of(3)}


def test_an_amount_that_is_none_is_told_with_its_line() -> None:
    with pytest.raises(RequestError, match="Line 3 of the bill: 'free' is no amount"):
        read("date,model,cost\n2026-11-21,x,1\n2026-11-21,x,free\n")


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("gemini-3-pro-image", PRO),
        ("models/gemini-3-pro-image-preview", PRO),
        ("google/gemini-3-pro-image", PRO),
        ("Gemini 3 Pro Image: output tokens, batch", PRO),
        ("Gemini 3.1 Flash Lite Image output", "gemini-3.1-flash-lite-image"),
        ("Gemini 3.1 Flash Image output", FLASH),
        ("dall-e-9", "dall-e-9"),
        ("", "(no model)"),
    ],
)
def test_the_model_of_a_row(said: str, means: str) -> None:
    assert model_of(said) == means
