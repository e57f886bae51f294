"""The page, in a real browser: read, worked by keyboard, and looked at.

    cargo build -p service
    apt-get install chromium chromium-driver python3-selenium   # Debian
    /usr/bin/python3 examples/service/tests/page.py target/debug/service

Nothing sleeps: each step waits for what it expects on the page, until a deadline. With SCREENSHOTS=folder
the page is saved as it looks under load.
"""

import base64
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from selenium import webdriver
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.support.wait import WebDriverWait

SECONDS = 60
WIDE, PHONE = (1200, 1070), (360, 800)
SERVICE = "target/debug/service"

BUTTONS = {"Start load", "Stop load", "Coalescing on", "Coalescing off", "Forget flights", "Reset numbers"}

# The contrast of every piece of text with the ground it is on: those that are below 4.5.
FAINT = """
const light = ([r, g, b]) => [r, g, b].map(part => part / 255)
  .map(part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
  .reduce((sum, part, place) => sum + part * [.2126, .7152, .0722][place], 0);
const colour = text => text.match(/[\\d.]+/g).map(Number);
const faint = [];
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let text; text = texts.nextNode();) {
  const node = text.parentElement, style = getComputedStyle(node);
  if (!text.data.trim() || !node.checkVisibility() || node.closest("script, style, noscript")) continue;
  let ground = node;
  const opaque = of => { const c = colour(getComputedStyle(of).backgroundColor); return c.length === 3 || c[3] === 1; };
  while (!opaque(ground)) ground = ground.parentElement;
  const [a, b] = [style[node.closest("svg") ? "fill" : "color"], getComputedStyle(ground).backgroundColor]
    .map(colour).map(light).sort((a, b) => b - a);
  const ratio = (a + .05) / (b + .05);
  if (ratio < 4.5) faint.push(text.data.trim() + ": " + ratio.toFixed(2));
}
return faint;
"""


def start(port):
    database = pathlib.Path(tempfile.gettempdir()) / f"service-page-{os.getuid()}.db"
    command = [SERVICE, "--port", str(port), "--database", str(database)]
    service = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "RUST_LOG": "warn"})
    return service, service.stdout.readline().strip()


def open_browser(profile):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in [
        "--headless=new",
        "--no-sandbox",  # there is none for root; the only page it opens is ours
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        f"--user-data-dir={profile}",
    ]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.chrome.service.Service("/usr/bin/chromedriver")
    return webdriver.Chrome(service=service, options=options)


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.addClassCleanup(profile.cleanup)
        cls.browser = open_browser(profile.name)
        cls.addClassCleanup(cls.browser.quit)

    def setUp(self):
        self.service, self.address = start(0)
        self.addCleanup(self.stop)
        self.look(WIDE)
        self.browser.get(self.address)
        self.until("the page has asked", lambda: self.rows() > 0)

    def stop(self):
        self.service.terminate()
        self.service.wait()
        self.service.stdout.close()

    # ---- what can be seen and done

    def run_js(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def text(self, id):
        return self.run_js("return document.getElementById(arguments[0]).textContent", id)

    def number(self, id):
        return float(self.text(id).replace(",", "").replace("–", "0"))

    def rows(self):
        return self.run_js("return document.getElementById('numbers').tBodies[0].rows.length")

    def total(self, name):
        """Of all functions, from the table."""
        cells = self.run_js(
            """const row = [...document.getElementById("numbers").tBodies[0].rows].find(row => row.cells[0].textContent === arguments[0]);
            return [...row.cells].slice(1).map(cell => Number(cell.textContent.replaceAll(",", "")))""",
            name,
        )
        return sum(cells)

    def pressed(self, id):
        return self.run_js("return document.getElementById(arguments[0]).getAttribute('aria-pressed')", id) == "true"

    def until(self, what, holds):
        WebDriverWait(self.browser, SECONDS, poll_frequency=0.05).until(lambda _: holds(), what)

    def keys(self, *keys):
        for key in keys:
            ActionChains(self.browser).send_keys(key).perform()

    def focused(self):
        return self.run_js("return document.activeElement.id")

    def tab_to(self, id):
        for _ in range(10):
            if self.focused() == id:
                break
            self.keys(Keys.TAB)
        self.assertEqual(self.focused(), id, "Tab gets there")
        style = self.run_js("const s = getComputedStyle(document.activeElement); return [s.outlineStyle, parseFloat(s.outlineWidth)]")
        self.assertTrue(style[0] != "none" and style[1] >= 2, f"the focus on {id} can be seen: {style}")

    def press(self, id, key):
        self.tab_to(id)
        self.keys(key)
        self.until(f"{id} is pressed", lambda: self.pressed(id))

    def look(self, size, scheme="light", motion="no-preference"):
        features = [("prefers-color-scheme", scheme), ("prefers-reduced-motion", motion)]
        media = {"features": [{"name": name, "value": value} for name, value in features]}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        width, height = size
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        # What is drawn for this size is drawn.
        self.browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")

    def accessible(self):
        """Role and name of everything that a screen reader finds."""
        nodes = self.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        value = lambda node, key: node.get(key, {}).get("value", "")
        return [(value(node, "role"), value(node, "name")) for node in nodes if not node.get("ignored")]

    def assert_fits(self):
        scroll, client = self.run_js("const d = document.documentElement; return [d.scrollWidth, d.clientWidth]")
        self.assertLessEqual(scroll, client, "nothing is scrolled sideways")

    def assert_silent(self):
        self.assertEqual(self.browser.get_log("browser"), [], "nothing in the console")

    def save(self, name):
        if folder := os.environ.get("SCREENSHOTS"):
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
            image = self.browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]
            (pathlib.Path(folder) / name).write_bytes(base64.b64decode(image))

    # ---- what is promised

    def test_by_keyboard(self):
        self.assertEqual(self.number("came"), 0)
        self.press("off", Keys.ENTER)
        self.press("start", Keys.SPACE)
        self.until("callers come", lambda: self.total("calls") > 200)
        self.until("each runs a query", lambda: self.number("came") > 0 and self.text("each") == "1")
        self.assertEqual(self.total("followers"), 0)
        ran = self.total("executions")

        self.press("on", Keys.SPACE)
        self.until("they share", lambda: self.number("each") >= 4)
        self.until("some follow", lambda: self.total("followers") > 1000)
        # The queries of more than a minute without coalescing answer them in seconds.
        self.assertLess(self.total("executions") - ran, self.total("followers") / 4)
        self.until("both can be compared", lambda: "not measured" not in self.text("waits"))
        self.until("a screen reader is told", lambda: "Coalescing on" in self.text("told"))

        shared = self.total("executions")
        self.press("off", Keys.ENTER)
        self.until("executions rise", lambda: self.text("each") == "1" and self.total("executions") > shared + 100)

        self.press("on", Keys.ENTER)
        self.until("they share again", lambda: self.number("each") >= 4)
        self.press("stop", Keys.SPACE)
        self.until("nobody comes", lambda: self.number("came") == 0)
        self.assertEqual((self.total("keys in flight"), self.total("waiting now")), (0, 0))

        self.tab_to("reset")
        self.keys(Keys.ENTER)
        self.until("it counts from nothing", lambda: self.total("calls") == 0)
        self.assert_silent()

    def test_looks(self):
        self.press("start", Keys.ENTER)
        self.until("they share", lambda: self.number("each") >= 4)
        self.press("off", Keys.ENTER)
        self.until("each runs a query", lambda: self.text("each") == "1")
        self.until("for a while", lambda: self.run_js("return samples.filter(sample => !sample.coalescing).length > 30"))
        self.press("on", Keys.ENTER)
        self.until("they share again", lambda: self.run_js("return samples.slice(-40).every(sample => sample.coalescing)"))
        self.run_js("document.activeElement.blur()")
        for scheme in ["light", "dark"]:
            for size, name in [(WIDE, scheme), (PHONE, f"phone-{scheme}")]:
                with self.subTest(name):
                    self.look(size, scheme)
                    self.assert_fits()
                    self.assertEqual(self.run_js(FAINT), [], "text that is hard to read")
                    self.save(f"{name}.png")
        self.look((320, 600))
        self.assert_fits()
        self.assert_silent()

    def test_without_eyes(self):
        tree = self.accessible()
        self.assertEqual({name for role, name in tree if role == "button"}, BUTTONS)
        self.assertIn(("table", "All numbers"), tree)
        self.assertIn(("main", ""), tree)
        self.assertEqual([name for role, name in tree if role == "combobox"], ["of callers"])
        images = [name for role, name in tree if role in ("image", "img")]
        self.assertEqual(len(images), 5, images)
        self.assertTrue(all("the table below has the numbers" in name for name in images), images)
        headings = [name for role, name in tree if role == "heading"]
        self.assertEqual(headings[0], "coalesced, at work")
        self.assertEqual(headings[-3:], ["product", "search", "month"])
        self.assertIn("status", {role for role, _ in tree})
        self.assert_silent()

    def test_without_motion(self):
        moving = "return [...document.querySelectorAll('*')].filter(n => parseFloat(getComputedStyle(n).transitionDuration) > 0).length"
        self.assertGreater(self.run_js(moving), 0)
        self.look(WIDE, motion="reduce")
        self.assertEqual(self.run_js(moving), 0)

    def test_the_service_goes_and_comes(self):
        hidden = lambda: self.run_js("return document.getElementById('trouble').hidden")
        self.assertTrue(hidden())
        self.stop()
        self.until("it is told", lambda: not hidden())
        self.browser.get_log("browser")  # of connections refused
        self.service, _ = start(self.address.rsplit(":", 1)[1])
        self.until("it goes on", hidden)
        self.press("start", Keys.ENTER)
        self.until("callers come", lambda: self.number("came") > 0)


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        SERVICE = sys.argv.pop(1)
    unittest.main(verbosity=2)
