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
    if (e.target.closest("[data-print]")) {
      window.print();
    }
    const reload = e.target.closest("[data-reload]");
    if (reload) {
      e.preventDefault();
      reload.href ? location.assign(reload.href) : location.reload();
    }
  });

  // A wall display has nobody to press a button. Its beat comes from the server each second, so a screen that stands still has lost its
  // circuit, whatever ended it: a refused reconnect, a crash, a proxy. It waits until the server answers, and loads itself again.
  const standsStillAfter = 30_000;
  let shown = "";
  let changedAt = performance.now();
  let leaving = false;
  const comeBack = async () => {
    if (leaving) {
      return;
    }
    try {
      const answer = await fetch("/health/ready", { cache: "no-store", signal: AbortSignal.timeout(5_000) });
      if (answer.ok) {
        leaving = true;
        location.reload();
      }
    } catch {
      // the server is still away
    }
  };
  setInterval(() => {
    const wall = document.querySelector("[data-wall]");
    if (!wall) {
      shown = "";
      return;
    }
    const modal = document.getElementById("components-reconnect-modal");
    const beat = wall.querySelector("[data-beat]")?.dataset.beat ?? "";
    if (beat !== shown) {
      [shown, changedAt] = [beat, performance.now()];
    } else if (performance.now() - changedAt > standsStillAfter || /components-reconnect-(failed|rejected)/.test(modal?.className ?? "")) {
      comeBack();
    }
  }, 2_000);

  // Before Blazor sees it: to Blazor a link within the page is only an address.
  addEventListener("click", e => {
    if (e.target.closest("[data-skip]")) {
      e.preventDefault();
      e.stopPropagation();
      document.getElementById("page")?.focus();
    }
  }, true);
})();
