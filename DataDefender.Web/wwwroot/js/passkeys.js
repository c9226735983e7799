// The browser's half of WebAuthn: it turns our JSON into credential calls and back. Loaded by the sign-in page and by the app.
window.dataDefenderPasskeys = (() => {
  const supported = () => !!window.PublicKeyCredential?.parseRequestOptionsFromJSON;

  const post = async (url, fields, token) => {
    const form = new FormData();
    Object.entries({ ...fields, __RequestVerificationToken: token }).forEach(([name, value]) => form.append(name, value));
    return fetch(url, { method: "POST", body: form, credentials: "same-origin" });
  };

  const reason = error => error?.name === "NotAllowedError" ? "It was cancelled or took too long." : error?.name === "InvalidStateError" ? "This device has a passkey for you already." : "This browser could not do it.";

  // Returns null when done, otherwise a sentence.
  const create = async (token, name) => {
    try {
      const options = PublicKeyCredential.parseCreationOptionsFromJSON(await (await post("/account/passkey/creation", { name }, token)).json());
      const credential = await navigator.credentials.create({ publicKey: options });
      const kept = await post("/account/passkey", { credential: JSON.stringify(credential), name }, token);
      return kept.ok ? null : (await kept.json().catch(() => ({}))).detail ?? "The passkey could not be kept.";
    } catch (error) {
      return reason(error);
    }
  };

  // Fills the form's hidden field and submits it.
  const signIn = async form => {
    try {
      const token = form.querySelector("[name=__RequestVerificationToken]").value;
      const options = PublicKeyCredential.parseRequestOptionsFromJSON(await (await post("/account/passkey/request", {}, token)).json());
      const credential = await navigator.credentials.get({ publicKey: options });
      form.querySelector("[data-credential]").value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      const note = form.querySelector("[data-passkey-note]");
      note.textContent = reason(error);
      note.hidden = false;
    }
  };

  return { supported, create, signIn };
})();
