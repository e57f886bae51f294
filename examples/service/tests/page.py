"""The page, in a real browser: read, worked by keyboard, and looked at.

    cargo build -p service
    apt-get install chromium chromium-driver python3-selenium   # Debian
    /usr/bin/python3 examples/service/tests/page.py target/debug/service

Nothing sleeps: each step waits for what it expects on the page, until a deadline. With SCREENSHOTS=folder
the page is saved as it looks under load. The cluster needs a `redis-server`.
"""

import base64
import os
import pathlib
import re
import socket
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

BUTTONS = {
    *("Start load", "Stop load", "Coalescing on", "Coalescing off", "Forget flights", "Reset numbers"),
    *("Change a price", "for the report", "signed in", "for a draft"),
}

GROUPS = ["Load", "Coalescing", "Eight ask for the report at once"]

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


def start(port, *options):
    database = pathlib.Path(tempfile.gettempdir()) / f"service-page-{os.getuid()}.db"
    command = [SERVICE, "--port", str(port), "--database", str(database), *options]
    environment = {**os.environ, "RUST_LOG": "warn", "REDIS_URL": ""}
    service = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
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
        self.open()
        self.addCleanup(self.stop)

    def open(self, *options):
        self.service, self.address = start(0, *options)
        self.look(WIDE)
        # The page before asks for a service that has gone.
        self.browser.get("about:blank")
        self.browser.get_log("browser")
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

    def figures(self, selector):
        """Of each list there: its numbers by name."""
        return self.run_js(
            """const number = text => Number(text.replaceAll(",", ""));
            return [...document.querySelectorAll(arguments[0])].map(list => Object.fromEntries(
              [...list.children].map(pair => [pair.firstChild.textContent, number(pair.lastChild.textContent)])))""",
            selector,
        )

    def texts(self, selector):
        return self.run_js("return [...document.querySelectorAll(arguments[0])].map(node => node.textContent)", selector)

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
        for _ in range(20):
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

    def save(self, name, *cards):
        """What is in the window, or these cards."""
        if folder := os.environ.get("SCREENSHOTS"):
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
            options = {"format": "png"}
            if cards:
                ends = self.run_js(
                    """const box = id => document.getElementById(id).closest(".card").getBoundingClientRect();
                    return [box(arguments[0]).top + scrollY - 12, box(arguments[1]).bottom + scrollY + 12, document.body.parentElement.clientWidth]""",
                    f"{cards[0]}-head",
                    f"{cards[-1]}-head",
                )
                clip = {"x": 0, "y": ends[0], "width": ends[2], "height": ends[1] - ends[0], "scale": 1}
                options |= {"clip": clip, "captureBeyondViewport": True}
            image = self.browser.execute_cdp_cmd("Page.captureScreenshot", options)["data"]
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

    def test_registry(self):
        self.assertEqual(self.text("registry-name"), "shop")
        self.assertEqual(self.texts("#registry h3"), ["product", "search", "month"])
        self.press("start", Keys.ENTER)
        lists = lambda: self.figures("#registry dl")
        self.until("all are asked, and share", lambda: all(of["followed"] > 50 for of in lists()))
        self.until("some wait", lambda: any(of["in flight"] > 0 and of["waiting"] > 0 for of in lists()))
        self.press("off", Keys.ENTER)
        self.until("each runs alone", lambda: all(of["alone"] > 3 for of in lists()))
        for of in lists():
            self.assertEqual(of["calls"], of["led"] + of["followed"] + of["alone"])
            self.assertNotIn("elsewhere", of, "this process is in no cluster")

        self.press("on", Keys.ENTER)
        self.assertIn("No write yet", self.text("written"))

        # The product is asked for over and over; so sooner or later a write meets its flight.
        def write():
            self.tab_to("write")
            self.keys(Keys.ENTER)
            found = re.search(r"forgotten, (\d+) of them while it was in flight", self.text("written"))
            return found and int(found[1]) > 0

        self.until("a write has its flight forgotten", write)
        self.press("stop", Keys.ENTER)
        self.until("all has landed", lambda: all(of["in flight"] == of["waiting"] == 0 for of in lists()))
        self.assert_silent()

    def test_layer(self):
        self.assertEqual(self.text("layer-route"), "/report")
        layer = lambda: self.figures("#layer")[0]
        nothing = layer()
        self.assertEqual(set(nothing.values()), {0}, nothing)

        def ask(reader, asked):
            self.tab_to(reader)
            self.keys(Keys.ENTER)
            self.until(f"all have their answers, {reader}", lambda: layer()["asked"] == asked)
            return layer()

        public = ask("anybody", 8)
        shared, ran = public["shared"], public["ran the handler"]
        self.assertGreater(shared, 0)
        self.assertEqual(shared + ran, 8)
        signed_in = ask("signed-in", 16)
        self.assertEqual((signed_in["left alone"], signed_in["ran the handler"], signed_in["shared"]), (8, ran + 8, shared))
        private = ask("draft", 24)
        self.assertGreater(private["private"], 0)
        self.assertEqual((private["ran the handler"], private["shared"]), (ran + 16, shared))
        again = ask("draft", 32)
        self.assertEqual((again["known private"], again["ran the handler"], again["shared"]), (private["known private"] + 8, ran + 24, shared))
        self.tab_to("reset")
        self.keys(Keys.ENTER)
        self.until("it counts from nothing", lambda: layer() == nothing)
        self.assert_silent()

    def test_cluster(self):
        self.assertIn("--members 3", self.text("cluster-told"), "how to start one is said")
        self.assertEqual(self.texts("#members h3"), [])
        self.stop()
        self.open("--members", "3")
        members = lambda: self.figures("#members dl")
        health = lambda: self.texts("#members p")
        self.until("all share", lambda: health() == ["shares its flights with the others"] * 3)
        self.assertEqual(self.texts("#members h3")[0], self.address.removeprefix("http://") + ", this one")
        others = self.run_js("return [...document.querySelectorAll('#members a')].map(link => link.host)")
        self.assertEqual(len(set(others)), 2)

        self.press("start", Keys.ENTER)
        self.until("each has others run its queries", lambda: all(of["elsewhere"] > 3 and of["ran a query"] > 3 for of in members()))
        self.until("the registry says so, too", lambda: all(of["elsewhere"] > 0 for of in self.figures("#registry dl")))
        seats = lambda: [seat.removeprefix("product(7)") for seat in self.texts("#members li") if seat.startswith("product(7)")]

        def one_runs():
            now = seats()
            return len(now) == 3 and [seat.split(",")[0] for seat in sorted(now)] == ["elsewhere", "elsewhere", "runs here"]

        self.until("one runs a query, and two wait for it", one_runs)
        self.assertRegex(self.text("cluster-told"), r"^Of [\d,]+ calls to 3 members [\d,]+ ran a query\.")
        self.assertEqual([of["unshared"] for of in members()], [0] * 3)
        for number, button in enumerate(["write", "anybody", "signed-in", "draft"]):
            self.tab_to(button)
            self.keys(Keys.ENTER)
            self.until(f"it is done, {button}", lambda: self.figures("#layer")[0]["asked"] == 8 * number)
        self.assertIn("1 write had the product forgotten", self.text("written"))
        self.save_cluster()

        # The page of another member.
        self.browser.get("http://" + others[0])
        self.until("it is a member, and knows itself", lambda: self.texts("#members h3") == [others[0] + ", this one"])
        self.assertIn("knows only itself", self.text("cluster-told"))
        self.browser.get(self.address)
        self.until("the page has asked", lambda: self.rows() > 0)

        # The coalescing of all of them is switched.
        self.press("off", Keys.ENTER)
        self.tab_to("reset")
        self.keys(Keys.ENTER)
        self.until("each runs all its own", lambda: all(of["calls"] > 3 and of["elsewhere"] == 0 for of in members()))
        self.press("on", Keys.ENTER)
        self.press("stop", Keys.ENTER)
        self.assert_silent()

    def test_a_cluster_whose_redis_is_away(self):
        self.stop()
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))  # and nobody listens
            self.open("--redis", f"redis://127.0.0.1:{held.getsockname()[1]}")
            self.until("it is said", lambda: "is for itself while the Redis is away" in self.texts("#members p")[0])
            self.press("start", Keys.ENTER)
            self.until("callers are answered, and counted", lambda: self.figures("#members dl")[0]["ran a query"] > 10)
            self.press("stop", Keys.ENTER)
        self.assert_silent()

    def save_cluster(self):
        self.run_js("document.activeElement.blur()")
        for scheme in ["light", "dark"]:
            for size, name in [(WIDE, f"cluster-{scheme}"), (PHONE, f"cluster-phone-{scheme}")]:
                with self.subTest(name):
                    self.look(size, scheme)
                    self.assert_fits()
                    self.assertEqual(self.run_js(FAINT), [], "text that is hard to read")
                    self.save(f"{name}.png", "registry", "cluster", "layer")
        self.look(WIDE)

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
        headings = self.texts("h1, h2, h3")
        self.assertEqual(sorted(name for role, name in tree if role == "heading"), sorted(headings))
        self.assertEqual(headings[0], "coalesced, at work")
        functions = ["product", "search", "month"]
        registry, cluster, layer = "The registry shop", "The cluster", "The HTTP layer on /report"
        self.assertEqual(headings[-9:], [*functions, registry, *functions, cluster, layer])
        self.assertEqual([name for role, name in tree if role == "group"], GROUPS)
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
