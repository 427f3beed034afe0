// Quick exit: gone at once, with nothing left in this tab or in others of this site.

const leaveQuickly = (conversation) => {
  conversation.tabs.tell({ type: "leave" });
  conversation.keep.seal();
  try {
    sessionStorage.clear();
  } catch { /* forbidden storage holds nothing */ }
  document.title = "";
  // The page goes before the next one comes, however slow the line is.
  document.body?.replaceChildren();
  location.replace(SETTINGS.exit);
};

// Escape twice within a second.
class DoubleEscape {
  constructor(leave) {
    this.leave = leave;
    this.last = -Infinity;
  }

  pressed(at) {
    if (at - this.last < 1000) this.leave();
    this.last = at;
  }
}
