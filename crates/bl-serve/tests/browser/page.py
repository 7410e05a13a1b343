"""The page in headless Chromium, used as a person uses it: drawing, looking closer, swapping, forecasting, moving."""

import re
import time
from math import cos, pi, sin
from pathlib import Path

from selenium.webdriver import ActionChains
from selenium.webdriver.common.keys import Keys

from browser import Browser
from serving import arguments, expect, passed, serving

arc = lambda x, y, r, begin, end: [(x + r * cos(t * pi / 180), y + r * sin(t * pi / 180)) for t in range(begin, end, 30)]
THREE = arc(136, 92, 46, -150, 91) + arc(134, 188, 52, -60, 151)
ONE = [(140, 50), (140, 130), (140, 230)]
TASKS = ["ethiopic", "mnist", "vai"]
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(({ value }) => value))).observe({ type: "layout-shift" });
"""


def answers(page):
    """What each task says, by name."""
    rows = page.run("""return [...document.querySelectorAll(".task")].map((row) =>
        [".name", ".says", ".answer"].map((part) => row.querySelector(part).textContent))""")
    return {name: (says, answer) for name, says, answer in rows}


def on_count(page):
    found = re.match(r"([\d,]+) of ([\d,]+) \(", page.text("#on-count"))
    return found and int(found[1].replace(",", ""))


def version(page, name):
    return page.text(f"tr[data-name={name}] .generation")


def check_drawing(page):
    page.open("/")
    page.until(lambda: sorted(answers(page)) == TASKS, f"a row for each of {TASKS}")
    expect(all("waits" in says for says, _ in answers(page).values()), f"before a drawing: {answers(page)}")
    page.run(SHIFTS)
    seen = []
    page.stroke(THREE, after_each=lambda: (time.sleep(0.15), seen.append(answers(page))))
    for name in TASKS:
        different = {says[name] for says in seen}
        expect(len(different) >= 4, f"{name} said {different} while a digit was drawn, expected it to change")
    page.until(lambda: all(" %" in says and answer for says, answer in answers(page).values()), "every task answers")
    best = [name for name, (says, _) in answers(page).items() if "most confident" in says]
    expect(len(best) == 1, f"{best} fit best, expected one")
    three = answers(page)
    expect(three["mnist"][1] == "3", f"mnist takes the drawing for {three['mnist']}, expected a 3")
    page.find("#clear").click()
    page.until(lambda: all("waits" in says for says, _ in answers(page).values()), "a cleared pad has no answers")
    page.stroke(ONE)
    page.until(lambda: answers(page)["mnist"][1] == "1", "mnist takes a line for a 1")
    time.sleep(0.3)
    shifts = page.run("return window.shifts")
    expect(sum(shifts) < 0.01, f"the layout jumped while a digit was drawn: {shifts}")
    passed(f"drawing: every task answers, and answers change; 3 → {three['mnist'][1]}, 1 → 1; nothing jumps")


def check_inspection(page):
    counts = {}
    for name in TASKS:
        before = page.text("#on-count")
        page.find(f".task[data-name={name}] button").click()
        page.until(lambda: page.text("#inspect-title") == name and on_count(page), f"{name} up close, after {before}")
        counts[name] = on_count(page)
        shares = [float(share.text.removesuffix("%")) for share in page.all("#inspect-bars .share")]
        expect(len(shares) == 10 and abs(sum(shares) - 100) < 1, f"{name}: shares of {shares}")
    expect(len(set(counts.values())) > 1, f"units ON for one drawing: {counts}, expected to differ")
    image, units = page.pixels("#seen"), page.pixels("#on-map")
    before = on_count(page)
    page.stroke([(60, 60), (220, 60), (220, 220)])
    page.until(lambda: on_count(page) != before, f"the count of units that are ON, {before}, changes as one draws")
    expect(page.pixels("#seen") != image and page.pixels("#on-map") != units, "the images did not change with the drawing")
    passed(f"one task up close: ten shares, what the network sees, units ON ({before} → {on_count(page)})")


def check_switches(page):
    box = page.find(".task input[aria-label='Ask mnist']")
    box.click()
    page.until(lambda: "switched off" in answers(page)["mnist"][0], "mnist is switched off")
    box.click()
    page.until(lambda: " %" in answers(page)["mnist"][0], "mnist answers again")
    passed("tasks are switched off and on")


def check_keyboard(page):
    page.find("#clear").click()
    page.find("#pad").click()  # a dot in the middle
    page.find("#pad").send_keys(Keys.ESCAPE)
    page.until(lambda: "waits" in answers(page)["mnist"][0], "escape clears the pad")
    ActionChains(page.driver).send_keys(Keys.SPACE, *[Keys.ARROW_DOWN] * 20, Keys.SPACE).perform()
    page.until(lambda: answers(page)["mnist"][1] == "1", "a line that is drawn with the keyboard is a 1")
    page.find("#tab-pictures").send_keys(Keys.ARROW_RIGHT)
    expect(page.find("#lorenz").is_displayed(), "an arrow key does not open the next tab")
    page.find("#tab-lorenz").send_keys(Keys.ARROW_LEFT)
    passed("the keyboard draws, clears and changes tabs")


def check_swap(page, args):
    own, other = (args.adapters / "mnist.safetensors").read_bytes(), args.other
    first = version(page, "mnist")
    page.find("#file").send_keys(str(other))
    page.until(lambda: version(page, "mnist") != first, "choosing a file swaps the adapter", 60)
    second = version(page, "mnist")
    expect(second in page.text("#notice"), f"the page says of the swap: {page.text('#notice')}")
    page.drop("mnist.safetensors", own)
    page.until(lambda: version(page, "mnist") == first, "dropping a file swaps the adapter back")
    page.drop("extra.safetensors", own)
    page.until(lambda: "extra" in answers(page), "a file under a new name is a new task")
    page.find("tr[data-name=extra] button").click()
    page.until(lambda: "extra" not in answers(page), "a task is gone when it is unloaded")
    page.drop("notes.txt", b"nothing")
    page.until(lambda: ".safetensors" in page.text("#notice"), "another kind of file is refused with words")
    page.collect()
    expect(page.faults == [], f"the console says {page.faults}")
    page.drop("mnist.safetensors", own[:-1])
    page.until(lambda: page.find("#notice").is_displayed() and "notes.txt" not in page.text("#notice"), "the server's refusal is shown")
    words = page.text("#notice p")
    page.collect()  # the browser reports the status, too: the one line that is expected
    expect(len(page.faults) == 1 and "422" in page.faults[0], f"the console says {page.faults}, expected one status of 422")
    page.faults.clear()
    expect(version(page, "mnist") == first, "a damaged file changed what is loaded")
    page.find("#notice button").click()
    passed(f"swaps: {first} → {second} → {first}; a damaged file: “{words}”")


def check_lorenz(page):
    page.find("#tab-lorenz").click()
    page.until(lambda: re.fullmatch(r"-?\d+\.\d+", page.text("#r2")), "a running R² that is a number")
    first = page.pixels("#lorenz-plot")
    time.sleep(0.5)
    expect(page.pixels("#lorenz-plot") != first, "forecasts do not move")
    r2 = float(page.text("#r2"))
    expect(r2 > 0.8, f"running R² {r2}, expected above 0.8")
    asked = "return performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/lorenz/infer')).length"
    page.run("performance.clearResourceTimings()")
    time.sleep(1)
    often = page.run(asked)
    expect(4 <= often <= 12, f"the page asked {often} times in a second, expected about 10")
    page.find("#free-run").click()
    page.until(lambda: re.match(r"[1-9]\d* samples", page.text("#valid")), "a free run is valid for a while")
    page.until(lambda: "above 0.4" in page.text("#valid-more"), "a free run of a chaotic system ends", 30)
    page.find("#pause").click()
    time.sleep(0.3)
    still = page.pixels("#lorenz-plot")
    time.sleep(0.3)
    expect(page.pixels("#lorenz-plot") == still, "the plot moves though it is paused")
    passed(f"Lorenz: R² {r2}, {often} requests a second, a free run valid for {page.text('#valid')}")


def check_motion(page):
    page.find("#tab-motion").click()
    page.until(lambda: "steps" in page.text("#generate-note"), "a trajectory")
    before = page.until(lambda: (text := page.text("#reach-note")) != "–" and text, "a movement")
    plane = page.find("#plane")
    page.run("arguments[0].scrollIntoView({ block: 'center' })", plane)
    ActionChains(page.driver).move_to_element_with_offset(plane, -70, 40).click().perform()
    page.until(lambda: page.text("#reach-note") != before, "a click moves the target")
    passed(f"movement: a trajectory; {page.text('#reach-note')}")


def check_phone(page):
    page.resize(390, 844)
    for tab in ("pictures", "lorenz", "motion"):
        page.find(f"#tab-{tab}").click()
        wide = page.run("return document.documentElement.scrollWidth")
        expect(wide <= 390, f"{tab} is {wide} wide on a phone of 390")
    page.resize(1200, 900)
    passed("nothing is wider than a phone")


def check_docs(page):
    page.open("/docs")
    described = page.run("return fetch('/openapi.json').then((answer) => answer.json()).then(({ paths }) => Object.values(paths).flatMap(Object.keys).length)")
    page.until(lambda: len(page.all(".operation")) == described, f"{described} operations are shown")
    for operation in ("server", "modelVersion"):
        page.run("arguments[0].click()", page.find(f"#{operation} .try .main"))
        page.until(lambda: page.text(f"#{operation} pre[aria-live]").startswith("200"), f"trying {operation} is answered")
    for summary in page.all("summary"):
        page.run("arguments[0].click()", summary)
    expect(len(page.all(".example pre")) > described / 2, "operations have examples")
    passed(f"/docs: {described} operations")


def check_locked(page):
    page.open("/")
    page.until(lambda: page.find("#locked").is_displayed(), "a page that may not load says so")
    expect("--allow-mutation" in page.text("#locked"), f"it says {page.text('#locked')}")
    expect(not page.find("#choose").is_enabled(), "loading is offered though it is refused")
    passed("without --allow-mutation the page names the flag")


def check_quiet(page):
    page.collect()
    expect(page.faults == [], f"the console says {page.faults}")
    away = [url for url in page.asked if not url.startswith((page.address, "data:", "blob:"))]
    expect(page.asked and away == [], f"requests left the machine: {away[:5]}")
    passed(f"{len(page.asked)} requests, all to {page.address}; nothing in the console")


def take(page, path):
    page.open("/")
    page.until(lambda: sorted(answers(page)) and page.find("#inspect-title").text, "the page is there")
    page.find(".task[data-name=mnist] button").click()
    page.stroke(THREE)
    page.until(lambda: on_count(page), "an answer")
    time.sleep(0.5)
    page.screenshot(path)
    expect(path.stat().st_size < 300_000, f"{path} has {path.stat().st_size} bytes, expected less than 300,000")
    passed(f"{path.name}: {path.stat().st_size} bytes")


def main():
    parser = arguments(__doc__)
    parser.add_argument("--screenshot", type=Path, help="where to write a screenshot of the page")
    args = parser.parse_args()
    with serving(args, "--allow-mutation") as address, Browser(address) as page:
        check_drawing(page)
        check_inspection(page)
        check_switches(page)
        check_keyboard(page)
        check_swap(page, args)
        check_lorenz(page)
        check_motion(page)
        check_phone(page)
        check_docs(page)
        check_quiet(page)
    with serving(args) as address, Browser(address) as page:
        check_locked(page)
        check_quiet(page)
    if args.screenshot:
        with serving(args, "--allow-mutation") as address, Browser(address) as page:
            take(page, args.screenshot)


if __name__ == "__main__":
    main()
