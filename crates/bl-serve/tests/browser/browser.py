"""Headless Chromium with the page in it, and what a person does there."""

import base64
import json
import shutil
import tempfile
import time

from selenium import webdriver
from selenium.webdriver import ActionChains
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from serving import expect

# Nothing but the page: no updates, no other host, even by mistake.
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --hide-scrollbars""".split()
FLAGS.append("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")

DROP = """
const [name, content] = arguments;
const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
const dataTransfer = new DataTransfer();
dataTransfer.items.add(new File([bytes], name));
for (const kind of ["dragover", "drop"]) {
  document.body.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
}
"""


class Browser:
    def __init__(self, address):
        self.address = address
        self.profile = tempfile.mkdtemp(prefix="bl-page-")
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for flag in [*FLAGS, f"--user-data-dir={self.profile}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.driver.get("about:blank")
        self.asked, self.faults = [], []
        self.collect()
        self.asked.clear()  # those of the browser's own first page
        self.resize(1200, 900)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def resize(self, width, height):
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def prefer(self, scheme):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def open(self, path):
        self.driver.get(self.address + path)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector):
        """What a person reads there; in one step, for the page may replace the element at any moment."""
        return self.run("return document.querySelector(arguments[0]).innerText.trim()", selector)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def until(self, condition, words, seconds=15):
        """What the condition gives, as soon as that is true."""
        end = time.monotonic() + seconds
        while True:
            found = condition()
            if found or time.monotonic() > end:
                expect(found, f"{words}: not within {seconds} s")
                return found
            time.sleep(0.05)

    def stroke(self, points, after_each=lambda: None):
        """A stroke on the pad through points in its own units, 0 to 280, by pointer moves."""
        pad = self.find("#pad")
        self.run("arguments[0].scrollIntoView({ block: 'center' })", pad)
        scale = pad.size["width"] / 280
        offset = lambda point: [round((at - 140) * scale) for at in point]
        pointer = lambda: ActionChains(self.driver, duration=20)
        pointer().move_to_element_with_offset(pad, *offset(points[0])).click_and_hold().perform()
        for point in points[1:]:
            pointer().move_to_element_with_offset(pad, *offset(point)).perform()
            after_each()
        pointer().release().perform()

    def drop(self, name, content):
        self.run(DROP, name, base64.b64encode(content).decode())

    def pixels(self, selector):
        """What a canvas shows, as text: equal if it shows the same."""
        return self.run("return document.querySelector(arguments[0]).toDataURL()", selector)

    def collect(self):
        """Takes over what the console and the network have said since."""
        self.faults += [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
        for entry in self.driver.get_log("performance"):
            event = json.loads(entry["message"])["message"]
            if event["method"] == "Network.requestWillBeSent":
                self.asked.append(event["params"]["request"]["url"])

    def screenshot(self, path):
        self.run("scrollTo(0, 0)")
        width, height = self.run("return [innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(shot["data"]))
