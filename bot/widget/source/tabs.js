// Tabs of one browser share one conversation: a new tab asks the others for it, and what
// one tab learns it tells the rest.

class Tabs {
  constructor(base, listen) {
    this.channel = "BroadcastChannel" in window ? new BroadcastChannel(`clinic-assistant ${base}`) : null;
    if (this.channel) this.channel.onmessage = (event) => listen(event.data || {});
  }

  tell(news) {
    this.channel?.postMessage(news);
  }

  close() {
    this.channel?.close();
    this.channel = null;
  }
}
