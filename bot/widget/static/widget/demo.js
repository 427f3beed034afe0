// The demonstration's phone: texts the clinic over the stand-in for Twilio, and shows what the network brings.
(() => {
  "use strict";
  const form = document.getElementById("sms");
  if (!form) return;
  const input = document.getElementById("sms-text");
  const texts = document.getElementById("texts");
  const status = document.getElementById("sms-status");
  const from = document.getElementById("sms-from");
  const picture = document.getElementById("sms-picture");
  const SAYS = { received: "Delivered", sent: "", delivered: "", queued: "" };
  const TICK = 1000;
  let number = "";
  let after = 0;
  let held = 0;
  let shown = new Map();
  let timer = 0;

  const call = async (path, body) => {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...body, from: number }),
    });
    if (!response.ok) throw new Error(response.status);
    return response.json();
  };

  const bubble = (kind, text) => {
    const item = document.createElement("li");
    item.className = kind;
    item.textContent = text;
    texts.append(item);
    texts.scrollTop = texts.scrollHeight;
    return item;
  };

  const show = (text) => {
    if (!shown.has(text.sid)) {
      shown.set(text.sid, bubble(text.mine ? "out" : "in", text.body || "(picture)"));
      if (!text.mine) status.textContent = text.body;
    }
    shown.get(text.sid).dataset.note = SAYS[text.status] ?? text.status;
    texts.scrollTop = texts.scrollHeight;
  };

  // A phone that opted out gets nothing, not even an answer: the network says so, for the demonstration.
  const showHeld = (count) => {
    if (count > held) {
      bubble("fault", "The network held the answer back: this phone has opted out. Text START to get texts again.");
    }
    held = count;
  };

  const look = async () => {
    const asked = number;
    try {
      const answer = await call("/demo/phone", { after });
      if (asked !== number) return;
      for (const text of answer.texts || []) {
        after = Math.max(after, text.seen);
        show(text);
      }
      showHeld(answer.held || 0);
    } catch {
      // The line is down; the next look may find it up again.
    }
  };

  const keepLooking = () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      if (!document.hidden && shown.size) await look();
      keepLooking();
    }, TICK);
  };

  // 555-0100 to 555-0199 belong to nobody.
  const renew = () => {
    number = `+1212555${String(100 + Math.floor(Math.random() * 100)).padStart(4, "0")}`;
    from.textContent = `from ${number}`;
    after = held = 0;
    shown = new Map();
    texts.replaceChildren();
  };

  const send = async (body) => {
    shown.set("sending", null);
    try {
      await call("/demo/sms", body);
    } catch {
      const fault = "The text did not go through. In an emergency call 911, in a crisis call or text 988.";
      bubble("fault", fault);
      status.textContent = fault;
    }
    await look();
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    send({ text });
  });
  picture.addEventListener("click", () => {
    const text = input.value.trim();
    input.value = "";
    send({ text, picture: true });
  });
  document.getElementById("sms-new").addEventListener("click", renew);
  renew();
  keepLooking();
})();
