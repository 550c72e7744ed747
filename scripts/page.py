#!/usr/bin/env python3
"""Opens an HTML report in headless Chromium and says how long it takes, and what the browser complains of.

    scripts/page.py REPORT.html [PICTURES]

Needs Chromium (Debian: apt-get install chromium; or CHROMIUM=PATH) and nothing else. PICTURES is a folder: the page goes there as pictures, light and
dark, wide and narrow, and with a trace open. Exit code 1 if anything was refused by the page's policy, asked of the network, or thrown by its script.
"""

import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 5


class Browser:
    """Chromium, spoken to through two pipes (--remote-debugging-pipe: JSON texts that end in NUL)."""

    def __init__(self, folder):
        to_us, from_it = os.pipe()
        to_it, from_us = os.pipe()

        def pipes():
            # The browser reads from 3 and writes to 4.
            a, b = os.dup(to_it), os.dup(from_it)
            os.dup2(a, 3)
            os.dup2(b, 4)

        command = [os.environ.get("CHROMIUM", "chromium"), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"]
        command += ["--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank"]
        self.process = subprocess.Popen(command, preexec_fn=pipes, close_fds=False, stderr=subprocess.DEVNULL)
        os.close(to_it)
        os.close(from_it)
        self.out, self.into = os.fdopen(from_us, "wb", 0), os.fdopen(to_us, "rb", 0)
        self.rest, self.number, self.events = b"", 0, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(f"{domain}.enable")

    def message(self):
        while b"\0" not in self.rest:
            part = self.into.read(1 << 20)
            if not part:
                sys.exit("the browser has gone")
            self.rest += part
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        say = {"id": self.number, "method": method, "params": params}
        if hasattr(self, "session"):
            say["sessionId"] = self.session
        self.out.write(json.dumps(say).encode() + b"\0")
        while True:
            said = self.message()
            if said.get("id") != self.number:
                self.events.append(said)
            elif "error" in said:
                sys.exit(f"{method}: {said['error']}")
            else:
                return said["result"]

    def look(self, width, height, dark):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)

    def open(self, address):
        self.call("Page.navigate", url="about:blank")
        self.wait()
        self.call("Page.navigate", url=address)
        self.wait()

    def wait(self):
        def loaded(event):
            return event.get("method") == "Page.loadEventFired"

        while not any(map(loaded, self.events)):
            self.events.append(self.message())
        self.events = [e for e in self.events if not loaded(e)]

    def run(self, script):
        said = self.call("Runtime.evaluate", expression=f"(async () => {{ {script} }})()", awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in said:
            sys.exit(f"{script}: {said['exceptionDetails']}")
        return said["result"].get("value")

    def picture(self, path, **options):
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png", **options)["data"]))


LOADED = """
const t = performance.getEntriesByType("navigation")[0];
const paint = performance.getEntriesByName("first-contentful-paint")[0];
return { load: t.loadEventEnd, paint: paint ? paint.startTime : null, traces: document.querySelectorAll(".trace").length };
"""
# The part in the middle, of a page that has parts.
PART = """
const lines = [...document.querySelectorAll("a.listed")];
return lines.length ? lines[Math.floor(lines.length / 2)].href : null;
"""
# From the click until the tokens stand there and are laid out.
OPENED = """
const all = [...document.querySelectorAll("details.trace")], trace = all[Math.floor(all.length / 2)];
const start = performance.now();
trace.open = true;
while (!trace.querySelector(".t")) await new Promise(r => setTimeout(r));
trace.getBoundingClientRect();
const time = performance.now() - start;
trace.open = false;
return time;
"""
FILTERED = """
const box = document.querySelector('[data-filter="text"]');
box.value = "a";
const start = performance.now();
filter();
document.body.getBoundingClientRect();
const time = performance.now() - start;
box.value = "";
filter();
return time;
"""
SHOWN = """
const all = [...document.querySelectorAll('details.trace')];
const trace = all.find(t => t.dataset.flags !== "0" && t.dataset.verdict === "wrong") ?? all[0];
trace.open = true;
await load(trace);
trace.scrollIntoView();
const token = trace.querySelector(".t.wrong") ?? trace.querySelector('.t[class*="5"]') ?? trace.querySelector(".t");
focusToken(token);
await new Promise(r => setTimeout(r, 300));
"""


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    page = Path(sys.argv[1]).resolve()
    folder = Path(sys.argv[2]) if len(sys.argv) == 3 else None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        browser.look(1300, 1000, False)
        loads, paints, opens, filters, parts = [], [], [], [], []
        for _ in range(ROUNDS):
            browser.open(page.as_uri())
            found = browser.run(LOADED)
            loads.append(found["load"])
            paints.append(found["paint"] or float("nan"))
            filters.append(browser.run(FILTERED))
            part = browser.run(PART)
            if part:
                browser.open(part)
                parts.append(browser.run(LOADED)["load"])
                if browser.run("return document.querySelectorAll('details.trace[open]').length;") != 1:
                    sys.exit(f"{part} opens no trace")
            opens.append(browser.run(OPENED))
        print(f"{found['traces']} traces, {page.stat().st_size / 1e6:.2f} MB; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for name, times in [("loaded", loads), ("first text painted", paints), ("filtered by text", filters), ("a part loaded", parts), ("a trace opened", opens)]:
            if times:
                print(f"{name}: median {statistics.median(times):.0f} ms, worst of {ROUNDS} {max(times):.0f} ms")
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            for name, width, dark in [("light", 1300, False), ("dark", 1300, True), ("narrow", 480, False)]:
                browser.look(width, 1400, dark)
                browser.open(page.as_uri())
                browser.picture(folder / f"{name}.png")
                part = browser.run(PART)
                if part:
                    browser.run("document.querySelector('.list').scrollIntoView(); await new Promise(r => setTimeout(r, 300));")
                    browser.picture(folder / f"{name}-lines.png")
                    browser.open(part)
                browser.run(SHOWN)
                browser.picture(folder / f"{name}-trace.png")
                figures = "const f = document.querySelector('.figures'); if (f) f.scrollIntoView(); await new Promise(r => setTimeout(r, 300)); return !!f;"
                if browser.run(figures):
                    browser.picture(folder / f"{name}-figures.png")
        bad = [e for e in browser.events if e.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown")]
        asked = [e["params"]["request"]["url"] for e in browser.events if e.get("method") == "Network.requestWillBeSent"]
        asked = [url for url in asked if not url.startswith(("file:", "about:"))]
        for complaint in bad + asked:
            print("complaint:", complaint)
        browser.process.terminate()
        browser.process.wait()
    sys.exit(1 if bad or asked else 0)


main()
