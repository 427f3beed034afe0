// Passkeys: the browser makes one or proves one, and an ordinary form takes its answer to the server.
"use strict";
(() => {
  if (!window.PublicKeyCredential) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  // What the server says in text, as the browser wants it.
  function wanted({ publicKey }) {
    const listed = (keys) => keys?.map((key) => ({ ...key, id: bytes(key.id) }));
    const read = { ...publicKey, challenge: bytes(publicKey.challenge) };
    if (read.user) read.user = { ...read.user, id: bytes(read.user.id) };
    if (read.excludeCredentials) read.excludeCredentials = listed(read.excludeCredentials);
    if (read.allowCredentials) read.allowCredentials = listed(read.allowCredentials);
    return { publicKey: read };
  }

  // What the browser says, as the server wants it.
  function answered(key) {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (key.response[name]) response[name] = text(key.response[name]);
    }
    return JSON.stringify({ id: key.id, rawId: text(key.rawId), type: key.type, response,
      clientExtensionResults: key.getClientExtensionResults() });
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    const problem = form.querySelector("[role=alert]");
    form.addEventListener("submit", async (event) => {
      if (form.elements.answer.value) return;
      event.preventDefault();
      problem.hidden = true;
      try {
        const headers = { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
        const asked = await fetch(form.dataset.ask, { method: "POST", headers, credentials: "same-origin", redirect: "error" });
        const options = wanted(await asked.json());
        const key = await (form.dataset.passkey === "make" ? navigator.credentials.create(options) : navigator.credentials.get(options));
        form.elements.answer.value = answered(key);
        form.submit();
      } catch {
        problem.hidden = false;
      }
    });
  }
})();
