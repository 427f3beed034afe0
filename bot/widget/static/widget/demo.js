// The demonstration's phone: texts the clinic and shows what comes back.
(() => {
  "use strict";
  const form = document.getElementById("sms");
  if (!form) return;
  const input = document.getElementById("sms-text");
  const texts = document.getElementById("texts");
  const status = document.getElementById("sms-status");
  const from = document.getElementById("sms-from");
  let number = "";

  const show = (kind, text) => {
    const item = document.createElement("li");
    item.className = kind;
    item.textContent = text;
    texts.append(item);
    texts.scrollTop = texts.scrollHeight;
    if (kind !== "out") status.textContent = text;
  };

  // 555-0100 to 555-0199 belong to nobody.
  const renew = () => {
    number = `+1212555${String(100 + Math.floor(Math.random() * 100)).padStart(4, "0")}`;
    from.textContent = `from ${number}`;
    texts.replaceChildren();
  };

  const send = async (text) => {
    try {
      const response = await fetch("/demo/sms", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text, from: number }),
      });
      if (!response.ok) throw new Error(response.status);
      const { replies } = await response.json();
      for (const reply of replies) show("in", reply);
      if (!replies.length) show("fault", "No answer yet. It would come as a text of its own.");
    } catch {
      show("fault", "The text did not go through. In an emergency call 911, in a crisis call or text 988.");
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    show("out", text);
    send(text);
  });
  document.getElementById("sms-new").addEventListener("click", renew);
  renew();
})();
