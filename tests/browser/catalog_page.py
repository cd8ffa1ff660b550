"""The page of the catalog in a real browser, most of it by keyboard alone. `make test-browser` runs it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import chromium
from tests.catalog.shop import shop
from tests.program import BLUEPRINT, EXAMPLE, ROOT

PICTURES = Path(os.environ.get("SCREENSHOTS", ROOT / ".sandbox/browser"))
WHO = ("--team", "churn", "--by", "ada@example.com")


@pytest.fixture(scope="module")
def address(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("page")
    with shop(deployed, folder):
        pass
    words = [BLUEPRINT, "catalog", "serve", *EXAMPLE, *WHO, "--port", "0"]
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        yield serving.stdout.readline().split()[0]
        serving.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    opened = browser.new_page(color_scheme=request.param, viewport={"width": 1180, "height": 860})
    opened.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.goto(address)
    expect(opened.get_by_role("article").first).to_be_visible()
    yield opened
    opened.close()
    assert problems == []


def picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
    page.screenshot(path=PICTURES / f"catalog_{name}_{scheme}.png")


def test_everything_on_offer_is_there_and_is_found_by_typing(page: Page) -> None:
    expect(page.get_by_role("article")).to_have_count(15)
    expect(page.locator("#label")).to_contain_text("SANDBOX")
    picture(page, "list")
    page.get_by_label("Find a template").fill("bucket")
    assert page.get_by_role("article").count() < 5


def test_a_bucket_is_ordered_by_keyboard_alone_and_its_making_is_watched(page: Page) -> None:
    scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
    page.get_by_label("Find a template").fill("unstructured")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bucket for files")
    page.get_by_label("Name").focus()
    page.keyboard.type(f"images-{scheme}")
    page.keyboard.press("Tab")
    page.keyboard.type("Images of the web shop.")
    picture(page, "order")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"bucket-images-{scheme}")
    expect(page.locator("h1 .state")).to_have_text("ready")
    expect(page.get_by_text(f"gs://acme-int-churn-k7q2-data-images-{scheme}")).to_be_visible()
    expect(page.get_by_text("launch-bucket@acme-int-churn-k7q2")).to_be_visible()
    picture(page, "deployment")


def test_a_wrong_value_is_told_beside_its_field_in_the_words_of_the_template(page: Page) -> None:
    page.goto(page.url.partition("#")[0] + "#/order/workbench")
    page.get_by_label("Name").fill("My Notebook")
    page.get_by_label("Purpose").fill("short")
    page.get_by_role("button", name="Order").click()
    wrong = page.locator("#name-wrong")
    expect(wrong).to_have_text(re.compile("Use 3 to 20 lower-case letters"))
    expect(page.locator("#purpose-wrong")).to_have_text("Write a sentence of 10 to 120 characters.")
    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    picture(page, "refused")
    assert "#/order/workbench" in page.url


def test_every_field_has_a_label_and_a_limit_from_the_template(page: Page) -> None:
    page.goto(page.url.partition("#")[0] + "#/order/workbench")
    expect(page.get_by_label("Size")).to_be_visible()
    assert page.get_by_label("Size").locator("option").all_inner_texts() == [
        "small",
        "medium",
        "large",
        "gpu",
        "gpu large",
    ]
    assert page.get_by_label("Idle minutes").get_attribute("max") == "180"
    unlabelled = page.evaluate("[...document.querySelectorAll('form [name]')].filter((it) => !it.labels.length).length")
    assert unlabelled == 0


def test_what_is_fixed_is_told_in_sentences(page: Page) -> None:
    page.goto(page.url.partition("#")[0] + "#/order/bucket")
    fixed = page.get_by_role("complementary").get_by_role("listitem")
    expect(fixed.filter(has_text="What is overwritten is kept as a version")).to_have_attribute("title", "GCS-CO-6.2")


def ordered(page: Page, template: str, name: str, **more: str) -> None:
    """Fill a form in and send it; the page then shows the deployment."""
    page.goto(f"{page.url.partition('#')[0]}#/order/{template}")
    for label, text in {"Name": name, "Purpose": "Curves that nobody needs.", **more}.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Order").click()


def test_a_deployment_is_deleted_after_a_question(page: Page) -> None:
    scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'")
    start = page.url.partition("#")[0]
    ordered(page, "tensorboard", f"curves-{scheme}")
    expect(page.locator("h1 .state")).to_have_text("ready")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("h1 .state")).to_have_text("ready")
    page.get_by_role("button", name="Delete").click()
    page.locator("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("does not exist (any more)")).to_be_visible()
    page.goto(f"{start}#/deployments")
    picture(page, "deployments")


def test_who_escapes_from_a_question_deletes_nothing_whatever_was_answered_before(page: Page) -> None:
    for name in ("kept", "gone"):
        ordered(page, "tensorboard", name)
        expect(page.locator("h1 .state")).to_have_text("ready")
    page.get_by_role("button", name="Delete").click()
    page.locator("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("does not exist (any more)")).to_be_visible()
    page.goto(f"{page.url.partition('#')[0]}#/deployments/tensorboard-kept")
    page.get_by_role("button", name="Delete").click()
    # Not every browser forgets by itself at Escape what was answered before.
    assert page.locator("dialog").evaluate("it => it.returnValue") == ""
    asked: list[str] = []
    page.on("request", lambda it: asked.append(it.url))
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    with page.expect_response("**/api/deployments"):
        pass
    assert [url for url in asked if url.endswith("/delete")] == []
    page.get_by_role("button", name="Delete").click()
    page.locator("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("does not exist (any more)")).to_be_visible()


def test_a_launch_that_fails_says_why_and_nothing_else(page: Page) -> None:
    """The table that it would register does not exist."""
    columns = {"Table": "data_prepared.customers", "Entity columns": "customer_id", "Features": "tenure_months"}
    ordered(page, "feature_store", "customers", **columns)
    expect(page.locator("h1 .state")).to_have_text("failed")
    expect(page.locator(".note")).to_contain_text("nothing remains")
    assert "null" not in page.locator("main").inner_text()


def test_another_site_in_the_same_browser_gets_nothing(page: Page, address: str) -> None:
    answer = page.request.post(f"{address}/api/launch", data="{}", headers={"Origin": "http://evil.example"})
    assert answer.status == 403
    assert page.request.get(f"{address}/api/me", headers={"Host": "evil.example"}).status == 403
