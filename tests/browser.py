"""A real browser without a window, driven through its own protocol: what it shows and prints."""

import json
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from itertools import count
from pathlib import Path
from typing import Any, cast

from mesoplan.formats.pdf import browsers

# A shell puts the two pipes where the browser expects them.
_SHELL = 'exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1'
_OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe"),
    *("--disable-background-networking", "--disable-extensions", "--hide-scrollbars"),
)


def missing_browser() -> str:
    """Why pages can't be looked at on this machine; empty if they can."""
    return "" if next(browsers(), None) else "no Edge, Chrome or Chromium is installed"


class Browser:
    """One tab of a browser that runs."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._to, self._from = process.stdin, cast(BufferedReader, process.stdout)
        self._numbers, self._session, self._data = count(1), "", b""
        self.requests: list[str] = []
        """The addresses that were asked for since the last page was opened."""
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self._ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self._ask("Page.enable")
        self._ask("Network.enable")

    def open(self, page: Path, width_mm: float = 184, media: str = "print") -> None:
        """Show a page, as wide as what is printed of a sheet, and as it is printed."""
        self._ask("Emulation.setEmulatedMedia", media=media)
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=int(width_mm * 96 / 25.4),
            height=1000,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.requests.clear()
        self._ask("Page.navigate", url=page.absolute().as_uri())
        while self._read().get("method") != "Page.loadEventFired":
            pass

    def value(self, script: str) -> Any:
        """What a script gives in the page; the page's own policy does not hold for it."""
        answer = self._ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def printed(self) -> bytes:
        """The page as PDF, in the size that it says."""
        return b64decode(self._ask("Page.printToPDF", preferCSSPageSize=True)["data"])

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        question = {"id": number, "method": method, "params": parameters}
        if self._session:
            question["sessionId"] = self._session
        self._to.write(json.dumps(question).encode() + b"\0")
        self._to.flush()
        while (answer := self._read()).get("id") != number:
            pass
        assert "result" in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._data:
            more = self._from.read1()
            assert more, "the browser has ended"
            self._data += more
        data, _, self._data = self._data.partition(b"\0")
        message: dict[str, Any] = json.loads(data)
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])
        return message


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser that keeps what it needs in a folder, and ends with the block."""
    command = [str(next(browsers())), *_OPTIONS, f"--user-data-dir={folder}"]
    process = subprocess.Popen(
        ["sh", "-c", _SHELL, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        try:
            yield Browser(process)
        finally:
            process.terminate()


def sheets(pdf: bytes) -> int:
    """How many pages a PDF has that a browser printed."""
    import re

    return len(re.findall(rb"/Type\s*/Page\b", pdf))
