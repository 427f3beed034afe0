// A new P1 alert is seen and heard on every live page, by its case number and never with a patient's words.
"use strict";
const alarm = (() => {
  const page = document.querySelector("[data-p1]");
  const news = document.getElementById("alarm");
  const again = 60000; // milliseconds until it sounds again while one is open
  let newest = Number(page.dataset.p1);
  let open = newest > 0;
  let rang = Date.now();
  let audio = null;

  // Sound is on until somebody switches it off; notifications need the browser's leave.
  const on = (name) => (localStorage.getItem(`desk.${name}`) ?? (name === "sound" ? "1" : "0")) === "1";

  // Look at a live answer, which names the newest open P1 alert.
  function check(answer) {
    open = answer.p1 > 0;
    if (answer.p1 > newest) raise(answer.p1_case);
    else if (open && Date.now() - rang > again) ring();
    newest = Math.max(newest, answer.p1);
  }

  function raise(name) {
    news.textContent = `${news.dataset.new} ${name}`;
    ring();
    if (on("notify") && "Notification" in window && Notification.permission === "granted") {
      const shown = new Notification(`P1 · ${name}`, { tag: `p1-${name}`, requireInteraction: true });
      shown.onclick = () => { focus(); document.getElementById(`row-${name}`)?.focus(); shown.close(); };
    }
  }

  function ring() {
    rang = Date.now();
    if (on("sound")) beep();
  }

  // Two soft tones, made here: nothing is fetched.
  function beep() {
    if (!("AudioContext" in window)) return;
    audio ??= new AudioContext();
    page.dataset.rang = String(Number(page.dataset.rang || 0) + 1);
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

  // A browser lets a page sound only after somebody touched it: until then the page says so.
  const muted = document.getElementById("muted");
  const unmute = async () => {
    if (!("AudioContext" in window)) return;
    audio ??= new AudioContext();
    await audio.resume();
    if (muted) muted.hidden = !on("sound") || audio.state === "running";
  };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, unmute, { once: true });
  if (muted && on("sound") && "AudioContext" in window) {
    audio = new AudioContext();
    muted.hidden = audio.state === "running";
    audio.addEventListener("statechange", () => { muted.hidden = !on("sound") || audio.state === "running"; });
    document.getElementById("unmute").addEventListener("click", async () => { await unmute(); beep(); });
  }

  // The two switches, where the page has them; this browser remembers how they stand.
  function set(name, value) {
    localStorage.setItem(`desk.${name}`, value ? "1" : "0");
    document.getElementById(name).setAttribute("aria-pressed", String(value));
  }
  const sound = document.getElementById("sound");
  if (sound && "AudioContext" in window) {
    sound.hidden = false;
    set("sound", on("sound"));
    sound.addEventListener("click", () => {
      set("sound", !on("sound"));
      if (muted) muted.hidden = true;
      if (on("sound")) beep();
    });
  }
  const notify = document.getElementById("notify");
  if (notify && "Notification" in window && isSecureContext) {
    notify.hidden = false;
    set("notify", on("notify") && Notification.permission === "granted");
    notify.addEventListener("click", async () => {
      set("notify", !on("notify") && await Notification.requestPermission() === "granted");
    });
  }
  return { check };
})();
