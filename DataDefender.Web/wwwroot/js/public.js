// Pages without a circuit work without this; it adds passkeys where the browser knows them.
document.querySelectorAll("form[data-passkey]").forEach(form => {
  if (window.dataDefenderPasskeys.supported()) {
    form.hidden = false;
    form.querySelector("button").addEventListener("click", e => {
      e.preventDefault();
      window.dataDefenderPasskeys.signIn(form);
    });
  }
});
