"""The page in headless Chromium, used as a person uses it: drawing, looking closer, swapping, forecasting, moving."""

import re
import shutil
import tempfile
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
TABS = {"pictures": {*TASKS}, "texts": {"snips"}, "forecasts": {"lorenz", "kwh"}, "motion": {"cosine", "reach"}}
ASKS = {  # what a person can use, and the adapters that it asks
    "pad": {*TASKS}, "clear": {*TASKS},
    "text": {"snips"},
    "forecaster": {"lorenz", "kwh"}, "free-run": {"lorenz"}, "pause": {"lorenz"}, "speed": {"lorenz"},
    "series": {"kwh"}, "own-run": {"kwh"}, "own-choose": {"kwh"},
    "reacher": {"reach"}, "plane": {"reach"},
}
LOADED = [[], ["mnist"], ["lorenz"], ["kwh"], ["cosine"], ["reach"], ["snips"], ["kwh", "cosine"]]
OWN = ["kwh", "snips"]
PHONE = 360
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
    expect("guess" in answers(page)[best[0]][0], f"the most confident is not marked as a guess: {answers(page)[best[0]]}")
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
    expect(page.find("#forecasts").is_displayed(), "an arrow key does not open the next tab")
    page.find("#tab-forecasts").send_keys(Keys.ARROW_LEFT)
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
    page.find("#tab-forecasts").click()
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
    blank = page.run("return document.createElement('canvas').toDataURL()")
    page.until(lambda: page.pixels("li[data-name=cosine] canvas") != blank, "a trajectory")
    before = page.until(lambda: (text := page.text("#reach-note")) != "–" and text, "a movement")
    plane = page.find("#plane")
    page.run("arguments[0].scrollIntoView({ block: 'center' })", plane)
    ActionChains(page.driver).move_to_element_with_offset(plane, -70, 40).click().perform()
    page.until(lambda: page.text("#reach-note") != before, "a click moves the target")
    passed(f"movement: a trajectory; {page.text('#reach-note')}")


def check_phone(page):
    for path in ("/", "/docs"):
        page.open(path)
        page.resize(PHONE, 740)
        page.until(lambda: page.all(".task, .operation"), f"{path} is there")
        for tab in page.all("[role=tab]") or [None]:
            if tab and not tab.is_displayed():
                continue
            if tab:
                tab.click()
            wide = page.run("return document.documentElement.scrollWidth")
            expect(wide <= PHONE, f"{path} {tab and tab.text} is {wide} wide on a phone of {PHONE}")
    page.resize(1200, 900)
    passed("nothing is wider than a phone")


def shown(page, selector):
    """Ids of what is displayed."""
    return {found.get_attribute("id") for found in page.all(selector) if found.is_displayed()}


def check_kinds(args):
    """With some adapters alone: whatever can be used has an adapter to ask."""
    for names in LOADED:
        loaded = set(names)
        with tempfile.TemporaryDirectory() as folder:
            for name in names:
                shutil.copy((args.own if name in OWN else args.adapters) / f"{name}.safetensors", folder)
            with serving(args, adapters=folder) as address, Browser(address) as page:
                page.open("/")
                page.resize(PHONE, 740)
                page.until(lambda: len(page.all("#adapters tr")) == len(names) and shown(page, "[role=tab], #none"), f"a page of {names}")
                tabs = {f"tab-{tab}" for tab, its in TABS.items() if its & loaded}
                expect(shown(page, "[role=tab]") == tabs, f"{names}: tabs {shown(page, '[role=tab]')}, expected {tabs}")
                expect(("none" in shown(page, "#none")) == (not names), f"{names}: the page says “{page.text('main')}”")
                found = set()
                for tab in sorted(tabs):
                    page.find(f"#{tab}").click()
                    found |= shown(page, "[role=tabpanel] :is(button[id], select, textarea, canvas[tabindex])")
                    wide = page.run("return document.documentElement.scrollWidth")
                    expect(wide <= PHONE, f"{names}: {tab} is {wide} wide on a phone of {PHONE}")
                expected = {control for control, asks in ASKS.items() if asks & loaded}
                expect(found == expected, f"{names}: {found ^ expected} is there or absent, expected what has an adapter to ask")
                check_quiet(page)
    passed(f"what can be used has an adapter to ask, with each of {LOADED} alone")


def check_files(args):
    """What the folder has and the server does not serve: a file may be mended and loaded, other things never are."""
    good = (args.adapters / "mnist.safetensors").read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        for name, content in [("good", good), ("cut", good[:-1]), (" spaced", good)]:
            (Path(folder) / f"{name}.safetensors").write_bytes(content)
        (Path(folder) / "sub.safetensors").mkdir()
        with serving(args, "--allow-mutation", adapters=folder) as address, Browser(address) as page:
            page.open("/")
            page.until(lambda: len(page.all("#adapters tr")) == 4, "a row for each name")
            offered = {button.get_attribute("aria-label") for button in page.all("#adapters button")}
            expect(offered == {"Unload good", "Load cut"}, f"{offered} are offered")
            (Path(folder) / "cut.safetensors").write_bytes(good)
            page.find("[aria-label='Load cut']").click()
            page.until(lambda: "cut" in answers(page), "a file that was mended is loaded")
            check_quiet(page)
    passed("what can never be loaded has no button to load it")


def check_figures(page):
    """Every adapter has its figure, in the list and where it is used."""
    names = [row.get_attribute("data-name") for row in page.all("#adapters tr")]
    for name in names:
        metadata = page.run("return fetch(`/v2/models/${arguments[0]}`).then((answer) => answer.json())", name)["adapter"]
        worth = metadata.get("worth")
        expect(worth and worth in page.text(f"#adapters tr[data-name={name}]"), f"{name}: no figure in the list, expected {worth}")
        place = {"pictures": "#inspect-about", "forecast": "#forecaster-about", "reach": "#reacher-about"}.get(metadata["what"], f"li[data-name={name}]")
        tab = next(tab for tab, its in TABS.items() if name in its)
        page.find(f"#tab-{tab}").click()
        for choice in page.all(f".task[data-name={name}] button, option[value={name}]"):
            choice.click()
        page.until(lambda: worth in page.text(place), f"{name}: {worth} where it is used")
    passed(f"each of {names} has its figure, in the list and where it is used")


def check_own(page, args):
    """A forecaster of a series that the page does not have is given it, and is not judged by another."""
    page.open("/#forecasts")
    page.until(lambda: page.all("#forecaster option"), "forecasters")
    page.find("#forecaster option[value=kwh]").click()
    part = lambda: page.text("#forecasts").replace(page.text("#forecaster"), "")
    expect("Lorenz" not in part(), f"an own forecaster stands under another series: “{part()}”")
    time.sleep(0.5)
    expect("#r2" not in shown(page, "#r2") and "R²" not in page.text("#own"), f"a figure before there are samples: “{part()}”")
    page.find("#own-run").click()
    page.until(lambda: "no samples" in page.text("#notice"), "words about samples that are missing")
    page.find("#own-file").send_keys(str(args.own / "lorenz.csv"))
    r2 = page.until(lambda: (found := re.match(r"R² (-?\d\.\d+) of", page.text("#own-said"))) and float(found[1]), "an R² of its own series")
    expect(r2 > 0.8, f"R² {r2} of the series that it was trained on, expected above 0.8")
    expect(not page.find("#notice").is_displayed() and not page.find("#own-warning").is_displayed(), "a complaint about its own series")
    first = page.pixels("#own-plot")
    lines = (args.own / "lorenz.csv").read_text().split()
    for text, words in [("\n".join(["1000", *lines[1:]]), ""), ("a,b\n1,2", "2 columns"), ("\n".join([*lines, "x"]), f"line {len(lines) + 1}")]:
        page.run("arguments[0].value = arguments[1]", page.find("#series"), text)
        page.find("#own-run").click()
        if words:
            page.until(lambda: words in page.text("#notice"), f"words about {words}")
            page.find("#notice button").click()
        else:
            page.until(lambda: page.find("#own-warning").is_displayed(), "a warning of values that were never learned")
            expect(page.pixels("#own-plot") != first, "another series has the same plot")
    passed(f"an own forecaster: R² {r2} of its own series, nothing of another")


def check_texts(page):
    """Every adapter of texts answers what is typed, as it is typed."""
    page.open("/#texts")
    field = page.until(lambda: page.find("#text").is_displayed() and page.find("#text"), "a field for a text")
    for text, words in [("play some jazz by miles davis", "snips PlayMusic"), ("will it rain in oslo tomorrow", "snips GetWeather")]:
        field.clear()
        field.send_keys(text)
        page.until(lambda: page.text("#text-answers").startswith(words), f"the answer {words}")
    field.clear()
    field.send_keys("…")
    page.until(lambda: "no word" in page.text("#notice"), "words about a text without any")
    page.find("#notice button").click()
    field.clear()
    field.send_keys("<b>play</b> some jazz")
    page.until(lambda: "PlayMusic" in page.text("#text-answers"), "an answer again")
    passed(f"texts: {page.text('#text-answers')}")


def check_coming_and_going(page):
    """A part of the page is there as long as its adapters are."""
    page.find("#tab-motion").click()
    for name in sorted(TABS["motion"]):
        page.find(f"tr[data-name={name}] button").click()
        page.until(lambda: name in page.text("#notice") and not version(page, name), f"{name} is unloaded")
    page.until(lambda: shown(page, "[role=tab]") == {"tab-pictures", "tab-forecasts"}, "a part without adapters is gone")
    expect(page.find("#pictures").is_displayed(), "nothing is open in place of a part that is gone")
    for name in sorted(TABS["motion"]):
        page.find(f"tr[data-name={name}] button").click()
        page.until(lambda: version(page, name), f"{name} is loaded again")
    page.until(lambda: "tab-motion" in shown(page, "[role=tab]"), "a part with adapters is there again")
    page.find("#notice button").click()
    passed("a part of the page comes and goes with its adapters")


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
    page.until(lambda: page.all("#adapters tr"), "the list of adapters")
    offered = [button.text for button in page.all(".adapters button") if button.is_displayed()]
    expect(offered == [], f"{offered} are offered though they are refused")
    passed("without --allow-mutation the page names the flag")


def check_quiet(page):
    page.collect()
    expect(page.faults == [], f"the console says {page.faults}")
    away = [url for url in page.asked if not url.startswith((page.address, "data:", "blob:"))]
    expect(page.asked and away == [], f"requests left the machine: {away[:5]}")
    passed(f"{len(page.asked)} requests, all to {page.address}; nothing in the console")


def take(page, path):
    page.open("/")
    page.until(lambda: "mnist" in answers(page) and page.find("#inspect-title").text, "the page is there")
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
    parser.add_argument("--shipped", type=Path, help="the adapters that it shows")
    args = parser.parse_args()
    with serving(args, "--allow-mutation") as address, Browser(address) as page:
        check_drawing(page)
        check_inspection(page)
        check_switches(page)
        check_keyboard(page)
        check_swap(page, args)
        check_lorenz(page)
        check_motion(page)
        check_figures(page)
        check_coming_and_going(page)
        check_docs(page)
        check_phone(page)
        check_quiet(page)
    check_kinds(args)
    check_files(args)
    with tempfile.TemporaryDirectory() as folder:
        for file in (args.adapters / "lorenz.safetensors", args.own / "kwh.safetensors"):
            shutil.copy(file, folder)
        with serving(args, adapters=folder) as address, Browser(address) as page:
            check_own(page, args)
            check_quiet(page)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(args.own / "snips.safetensors", folder)
        with serving(args, adapters=folder) as address, Browser(address) as page:
            check_texts(page)
    with serving(args) as address, Browser(address) as page:
        check_locked(page)
        check_quiet(page)
    if args.screenshot:
        with serving(args, adapters=args.shipped) as address, Browser(address) as page:
            take(page, args.screenshot)


if __name__ == "__main__":
    main()
