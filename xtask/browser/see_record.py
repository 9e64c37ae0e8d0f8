"""Creates a record through a product's API and looks for it on its page in a real browser.

    python3 see_record.py URL BLUEPRINT SCREENSHOT

Chooses an entity that a role which signs up may create and that needs no other record. Speaks the W3C WebDriver
protocol to `chromedriver`; only the standard library is used. Prints one line per check, exits 1 if one fails.
"""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64decode

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ACCOUNT = {"name": "Ada Example", "email": "ada@example.com", "password": "correct horse battery"}
SAMPLES = {
    "text": "Seen in a browser", "long_text": "Seen in a browser", "integer": 7, "decimal": "1.5", "money": "12.50",
    "boolean": True, "date": "2026-03-01", "datetime": "2026-03-01T10:00:00", "email": "record@example.com",
    "url": "https://example.com/record", "phone": "+4930123456",
}


def ask(method, url, body=None, token=None):
    """One JSON request; the decoded answer."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
    except urllib.error.HTTPError as problem:
        sys.exit(f"{method} {url}: {problem.code} {problem.read().decode()}")
    return json.loads(text) if text else None


def kebab(name):
    """`InvoiceLines` as `invoice-lines`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).replace(" ", "-").replace("_", "-").lower()


def sample(field):
    """A valid value for a required field; nothing if there is none without another record."""
    if field["type"] == "enum":
        return field["values"][0]
    value = SAMPLES.get(field["type"])
    if field["type"] in ("integer", "decimal", "money") and field["min"] is not None:
        return max(float(field["min"]), 1) if field["type"] != "integer" else max(int(field["min"]), 1)
    return value


def choose(blueprint):
    """A role that signs up, an entity that it may create and read, and a record."""
    for role in blueprint["roles"]:
        for grant in role["can"]:
            if not role["signs_up"] or grant["action"] != "create":
                continue
            entity = next(entity for entity in blueprint["entities"] if entity["name"] == grant["entity"])
            reads = any(other["action"] == "read" and other["entity"] == entity["name"] for other in role["can"])
            required = [field for field in entity["fields"] if field["required"] and not field["computed"]]
            record = {field["name"]: sample(field) for field in required}
            shown = entity["display"]
            if shown and shown not in record:
                fields = {field["name"]: field for field in entity["fields"]}
                record[shown] = sample(fields[shown]) if shown in fields else None
            if reads and record and all(value is not None for value in record.values()):
                return role["name"], entity, record
    sys.exit("no role that signs up may create and read a record that needs no other one")


class Browser:
    """A headless Chromium behind chromedriver."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL)
        self.base = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                ask("GET", f"{self.base}/status")
                break
            except OSError:
                time.sleep(0.1)
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 "--window-size=1100,800"]
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": flags}}}}
        session = ask("POST", f"{self.base}/session", wanted)["value"]["sessionId"]
        self.session = f"{self.base}/session/{session}"

    def open(self, url):
        ask("POST", f"{self.session}/url", {"url": url})

    def find(self, css):
        return ask("POST", f"{self.session}/element", {"using": "css selector", "value": css})["value"][ELEMENT]

    def type(self, css, text):
        ask("POST", f"{self.session}/element/{self.find(css)}/value", {"text": text})

    def click(self, css):
        ask("POST", f"{self.session}/element/{self.find(css)}/click", {})

    def text(self):
        return ask("GET", f"{self.session}/element/{self.find('body')}/text")["value"]

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(b64decode(ask("GET", f"{self.session}/screenshot")["value"]))

    def close(self):
        try:
            ask("DELETE", self.session)
        finally:
            self.driver.terminate()
            self.driver.wait(10)


def main():
    url, blueprint_file, screenshot = sys.argv[1:]
    with open(blueprint_file, encoding="utf-8") as file:
        blueprint = json.load(file)
    role, entity, record = choose(blueprint)
    ask("POST", f"{url}/api/-/accounts", {**ACCOUNT, "role": role})
    signed_in = ask("POST", f"{url}/api/-/tokens", {key: ACCOUNT[key] for key in ("email", "password")})
    token = next(signed_in[key] for key in ("token", "access_token") if key in signed_in)
    path = kebab(entity["plural"])
    created = ask("POST", f"{url}/api/{path}", record, token)
    print(f"passed: {role} created {entity['name']} {created['id']} through the API")
    browser = Browser()
    try:
        browser.open(f"{url}/{path}")
        browser.type("input[name=email]", ACCOUNT["email"])
        browser.type("input[name=password]", ACCOUNT["password"])
        browser.click("main form button")
        browser.open(f"{url}/{path}")
        page = browser.text()
        browser.screenshot(screenshot)
    finally:
        browser.close()
    shown = str(record[entity["display"]] if entity["display"] in record else next(iter(record.values())))
    if shown not in page:
        sys.exit(f"failed: `{shown}` is not on the page /{path}:\n{page}")
    print(f"passed: `{shown}` is on the page /{path}, seen in Chromium")


if __name__ == "__main__":
    main()
