"""A hand at the keyboard of a real Chromium: Tab, Enter, Space, arrows and typing, with the focus watched at each step."""

from datetime import date, time

from playwright.sync_api import Page

STEPS = 200
"""How often Tab is pressed before something counts as not to be reached."""
_FOCUS = """() => {
  const node = document.activeElement;
  if (!node || node === document.body || node === document.documentElement) return {at: 'nothing', seen: false};
  const main = node.id === 'main', box = node.getBoundingClientRect(), label = node.labels?.[0];
  const drawn = (one, pseudo) => {
    const style = getComputedStyle(one, pseudo);
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && !/rgba\\(.*, 0\\)|transparent/.test(style.outlineColor);
    return ring || style.boxShadow !== 'none' || style.backgroundColor === 'rgb(255, 221, 0)';
  };
  const ringed = drawn(node) || (label && drawn(label, '::before')) || !!node.closest('.porthor-case');
  const shown = label && ['radio', 'checkbox'].includes(node.type) ? label.getBoundingClientRect() : box;
  const x = Math.min(innerWidth - 1, Math.max(0, shown.left + Math.min(shown.width, 60) / 2)), y = Math.min(innerHeight - 1, Math.max(0, shown.top) + Math.min(shown.height, innerHeight) / 2);
  const top = document.elementFromPoint(x, y);
  const free = !!top && (top === node || node.contains(top) || top.contains(node) || label?.contains(top) || (label && top.contains(label)));
  return {at: node.outerHTML.slice(0, 160), seen: main || (ringed && free && shown.bottom > 0 && shown.top < innerHeight), ringed, free};
}"""


class Keys:
    """Presses keys on one page; whatever takes the focus on the way must show that it has it, and not lie under another."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.unseen: list[str] = []

    def look(self) -> None:
        """Note what has the focus where it does not show, or lies hidden."""
        found = self.page.evaluate(_FOCUS)
        if not found["seen"]:
            self.unseen.append(f"{self.page.url}: {found}")

    def reach(self, selector: str, key: str = "Tab") -> None:
        """Press Tab until what `selector` finds has the focus.

        Raises:
            AssertionError: It is not reached.
        """
        target = self.page.locator(selector).first
        for _ in range(STEPS):
            if target.count() and target.evaluate("node => node === document.activeElement"):
                return
            self.page.keyboard.press(key)
            self.look()
        raise AssertionError(f"{selector} is not reached by {key} on {self.page.url}")

    def go(self, selector: str) -> None:
        """Reach a link or a button and press it; wait for the page it leads to."""
        self.reach(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def go_to(self, selector: str) -> None:
        """Reach a link into the same page and follow it."""
        self.reach(selector)
        self.page.keyboard.press("Enter")
        self.look()

    def write(self, selector: str, text: str) -> None:
        """Reach a field and type into it."""
        self.reach(selector)
        self.page.keyboard.type(text)

    def choose(self, name: str, value: str) -> None:
        """Reach a group of radios or checkboxes, and choose: arrows and Space in the one, Tab and Space in the other."""
        wanted = f'input[name="{name}"][value="{value}"]'
        if self.page.locator(wanted).first.get_attribute("type") == "checkbox":
            self.reach(wanted)
        else:
            while not self.page.evaluate("name => document.activeElement.name === name", name):
                self.page.keyboard.press("Tab")
                self.look()
            if not self.page.locator(wanted).first.evaluate("node => node === document.activeElement"):
                self.reach(wanted, "ArrowDown")
        if not self.page.is_checked(wanted):
            self.page.keyboard.press("Space")
        self.look()
        assert self.page.is_checked(wanted), wanted

    def answer(self, replies: dict[str, str]) -> None:
        """Answer a form of one question a page until its answers are to be checked."""
        for _ in range(40):
            at = self.page.locator("input[name=at]")
            if not at.count():
                return
            self._question(at.first.input_value(), replies)
            self.go("button[value=next]")
        raise AssertionError("the form never ended")

    def _question(self, name: str, replies: dict[str, str]) -> None:
        field = self.page.locator(f'main [name="{name}"]:not([type=hidden])').first
        shape = field.get_attribute("type") or "text"
        given = replies.get(name, "")
        if not given:
            return
        if shape in {"radio", "checkbox"}:
            self.choose(name, given)
        else:
            self.write(f'main [name="{name}"]:not([type=hidden])', _typed(shape, given))


def _typed(shape: str, given: str) -> str:
    """Return what is typed for a day or a time given as ISO 8601: Chromium without a locale asks for the month first."""
    if shape == "date":
        return f"{date.fromisoformat(given):%m%d%Y}"
    return f"{time.fromisoformat(given):%I%M%p}" if shape == "time" else given
