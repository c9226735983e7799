// What Blazor cannot do from the server: shortcuts, theme, clipboard, focus. Loaded before Blazor's own script.
(() => {
  const root = document.documentElement;
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const search = {
    box: () => document.querySelector("[data-search]"),
    isOpen: () => search.box()?.hasAttribute("data-open"),
    open() {
      const field = search.box()?.querySelector("[data-search-field]");
      if (!field || search.isOpen()) {
        return;
      }
      search.back = document.activeElement;
      field.value = "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
      search.box().setAttribute("data-open", "");
      field.focus();
    },
    close() {
      if (search.isOpen()) {
        search.box().removeAttribute("data-open");
        search.back?.focus?.();
      }
    },
  };
  const isTyping = e => e.target.closest("input, textarea, select, [contenteditable]");

  window.dataDefender = {
    toggleTheme() {
      const theme = isDark() ? "light" : "dark";
      root.dataset.theme = theme;
      const secure = location.protocol === "https:" ? "; secure" : "";
      document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
      return theme;
    },
    createPasskey: (form, name) => window.dataDefenderPasskeys.supported()
      ? window.dataDefenderPasskeys.create(form.querySelector("[name=__RequestVerificationToken]").value, name)
      : "This browser does not know passkeys.",
    submit(form, fields) {
      Object.entries(fields).forEach(([name, value]) => form.elements[name].value = value);
      form.submit();
    },
    print: () => window.print(),
    closeSearch: () => search.close(),
    focus: element => element?.focus(),
    download(name, type, text) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob(type.startsWith("text/csv") ? ["\ufeff", text] : [text], { type })); // the mark tells Excel that it is UTF-8
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
    // Tells a list that follows something when it leaves its top, where the newest is, and when it is back.
    watchScroll(list, owner) {
      let atTop = true;
      list?.addEventListener("scroll", () => {
        if ((list.scrollTop < 8) !== atTop) {
          atTop = !atTop;
          owner.invokeMethodAsync("Scrolled", atTop).catch(() => {}); // the page may be gone
        }
      }, { passive: true });
    },
    scrollToTop: list => list && (list.scrollTop = 0),
    async copy(text) {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        return false; // no permission, or not a secure context
      }
    },
  };

  addEventListener("keydown", e => {
    const wanted = (e.key === "/" && !isTyping(e) && !e.ctrlKey && !e.metaKey && !e.altKey) || (e.key.toLowerCase() === "k" && (e.ctrlKey || e.metaKey));
    if (wanted) {
      e.preventDefault();
      search.open();
    } else if (e.key === "Escape") {
      search.close();
      document.querySelectorAll("details[data-menu][open]").forEach(menu => menu.open = false);
    } else if ((e.key === "ArrowDown" || e.key === "ArrowUp") && e.target.matches?.("[data-search-field]")) {
      e.preventDefault(); // keeps the caret where it is while the results are walked
    }
  });

  addEventListener("click", e => {
    document.querySelectorAll("details[data-menu][open]").forEach(menu => {
      if (!menu.contains(e.target) || e.target.closest("a, button")) {
        menu.open = false;
      }
    });
    if (e.target.closest("[data-search-open]")) {
      search.open();
    } else if (e.target.closest("[data-search-close]")) {
      search.close();
    }
    const reload = e.target.closest("[data-reload]");
    if (reload) {
      e.preventDefault();
      reload.href ? location.assign(reload.href) : location.reload();
    }
  });

  // A wall display has nobody to press a button: when its circuit is gone it waits until the server answers, and loads itself again.
  const comeBack = async () => {
    try {
      const answer = await fetch("/health/ready", { cache: "no-store" });
      if (answer.ok) {
        location.reload();
        return;
      }
    } catch {
      // the server is still away
    }
    setTimeout(comeBack, 5_000);
  };
  let waiting = false;
  const watchCircuit = () => {
    const modal = document.getElementById("components-reconnect-modal");
    const wall = document.querySelector("[data-wall]");
    if (!waiting && modal && wall && /components-reconnect-(failed|rejected)/.test(modal.className)) {
      waiting = true;
      comeBack();
    }
  };
  new MutationObserver(watchCircuit).observe(document.documentElement, { attributes: true, subtree: true, attributeFilter: ["class"] });

  // Before Blazor sees it: to Blazor a link within the page is only an address.
  addEventListener("click", e => {
    if (e.target.closest("[data-skip]")) {
      e.preventDefault();
      e.stopPropagation();
      document.getElementById("page")?.focus();
    }
  }, true);
})();
