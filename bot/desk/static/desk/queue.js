// The queue: live rows, a sound and a notification for P1 (with a case number, never with words), keys.
"use strict";
(() => {
  const queue = document.getElementById("queue");
  const news = document.getElementById("news");
  const words = document.getElementById("words");
  const searched = words.value;
  let mark = "";
  let newest = Number(queue.dataset.p1);

  desk.watch(async () => {
    const answer = await desk.ask(queue.dataset.live, { words: searched, mark });
    if (!answer || answer === "stop") return answer;
    if (answer.html !== undefined) desk.replace(queue, answer.html);
    mark = answer.mark;
    desk.count(answer.open_alerts);
    if (answer.p1 > newest) raise(answer.p1_case);
    newest = Math.max(newest, answer.p1);
  });

  function raise(name) {
    news.textContent = `${news.dataset.new} ${name}`;
    if (on("sound")) beep();
    if (on("notify") && Notification.permission === "granted") {
      const shown = new Notification(`P1 · ${name}`, { tag: `p1-${name}`, requireInteraction: true });
      shown.onclick = () => { focus(); document.getElementById(`row-${name}`)?.focus(); shown.close(); };
    }
  }

  // Two soft tones, made here: nothing is fetched.
  let audio = null;
  function beep() {
    audio ??= new AudioContext();
    [660, 880].forEach((pitch, index) => {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      const start = audio.currentTime + index * 0.22;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, start);
      volume.gain.exponentialRampToValueAtTime(0.25, start + 0.03);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.2);
      tone.connect(volume).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 0.21);
    });
  }

  // Switches that this browser remembers.
  const on = (name) => localStorage.getItem(`desk.${name}`) === "1";
  function set(name, value) {
    localStorage.setItem(`desk.${name}`, value ? "1" : "0");
    document.getElementById(name).setAttribute("aria-pressed", String(value));
  }
  const sound = document.getElementById("sound");
  if ("AudioContext" in window) {
    sound.hidden = false;
    set("sound", on("sound"));
    sound.addEventListener("click", () => { set("sound", !on("sound")); if (on("sound")) beep(); });
    // A browser lets a page sound only after somebody touched it.
    addEventListener("pointerdown", () => { if (on("sound")) (audio ??= new AudioContext()).resume(); }, { once: true });
  }
  const notify = document.getElementById("notify");
  if ("Notification" in window && isSecureContext) {
    notify.hidden = false;
    set("notify", on("notify") && Notification.permission === "granted");
    notify.addEventListener("click", async () => {
      set("notify", !on("notify") && await Notification.requestPermission() === "granted");
    });
  }

  for (const field of document.querySelectorAll("#filters select, #filters input")) {
    field.addEventListener("change", () => document.getElementById("filters").requestSubmit());
  }

  const keys = document.getElementById("keys");
  keys.checked = localStorage.getItem("desk.keys") !== "0";
  keys.addEventListener("change", () => localStorage.setItem("desk.keys", keys.checked ? "1" : "0"));
  addEventListener("keydown", (event) => {
    if (!keys.checked || desk.typing(event)) return;
    const rows = [...queue.querySelectorAll("a.row")];
    const at = rows.indexOf(document.activeElement);
    if (event.key === "j") rows[Math.min(at + 1, rows.length - 1)]?.focus();
    else if (event.key === "k") rows[Math.max(at - 1, 0)]?.focus();
    else if (event.key === "/") words.focus();
    else return;
    event.preventDefault();
  });
})();
