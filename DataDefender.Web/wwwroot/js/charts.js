// The crosshair of time charts. One listener serves the page, because charts come and go with each render; what it draws lies outside
// of Blazor's elements.
(() => {
  "use strict";
  const cross = document.createElement("div");
  cross.className = "tc-cross";
  cross.hidden = true;
  const tip = document.createElement("div");
  tip.className = "tc-tip";
  cross.append(tip);

  const digits = v => v >= 99.95 ? Math.round(v).toLocaleString("en") : v >= 9.995 ? v.toFixed(1) : v.toFixed(2);
  const units = {
    bitspersecond: v => v === 0 ? "0 Mbps" : v < 1e5 ? `${digits(v / 1e3)} kbps` : v < 999.5e6 ? `${digits(v / 1e6)} Mbps` : `${digits(v / 1e9)} Gbps`,
    persecond: v => `${Math.round(v * 10) / 10}/s`,
    percent: v => `${Math.round(v)}%`,
    microseconds: v => v < 1000 ? `${(v / 1000).toFixed(2)} ms` : v < 10000 ? `${(v / 1000).toFixed(1)} ms` : `${Math.round(v / 1000)} ms`,
    celsius: v => `${Math.round(v)} °C`,
    volts: v => `${v.toFixed(1)} V`,
    count: v => Math.round(v).toLocaleString("en"),
  };

  function show(plot, x) {
    const box = plot.getBoundingClientRect();
    const { from, until, offset, unit, top, bottom, series } = plot.dataset;
    const lines = series.split("|").map(text => {
      const [name, tone, side, values] = text.split(":");
      return { name, tone, side: Number(side), values: (values ?? "").split(",") };
    });
    const slots = lines[0].values.length;
    if (slots < 2) {
      hide();
      return;
    }

    const slot = Math.min(slots - 1, Math.max(0, Math.floor((x - box.left) / box.width * slots)));
    const left = box.left + box.width * (slot + 0.5) / slots;
    const at = new Date((Number(from) + (until - from) * (slot + 0.5) / slots + offset * 60) * 1000); // the company's clock, read as UTC
    tip.replaceChildren(Object.assign(document.createElement("b"), { textContent: until - from > 129600 ? at.toUTCString().slice(5, 22) : at.toISOString().slice(11, 19) }));
    cross.querySelectorAll(".tc-dot").forEach(dot => dot.remove());
    for (const line of lines) {
      const known = line.values[slot] ? Number(line.values[slot]) : null;
      const row = document.createElement("span");
      row.className = `tc-${line.tone}`;
      row.textContent = `${line.name} ${known === null ? "unknown" : (units[unit] ?? units.count)(known)}`;
      tip.append(row);
      if (known !== null) {
        const dot = document.createElement("i");
        dot.className = `tc-dot tc-${line.tone}`;
        dot.style.top = `${(top - line.side * known) / (Number(top) + Number(bottom)) * 100}%`;
        cross.append(dot);
      }
    }

    Object.assign(cross.style, { left: `${left}px`, top: `${box.top}px`, height: `${box.height}px` });
    if (!cross.isConnected) {
      document.body.append(cross);
    }

    cross.hidden = false;
    tip.classList.toggle("is-left", left + tip.offsetWidth + 24 > document.documentElement.clientWidth);
  }

  function hide() {
    cross.hidden = true;
  }

  function look(event) {
    const plot = event.target instanceof Element ? event.target.closest(".tc-plot") : null;
    if (plot) {
      show(plot, event.clientX);
    } else if (!cross.hidden) {
      hide();
    }
  }

  document.addEventListener("pointermove", look, { passive: true });
  document.addEventListener("pointerdown", look, { passive: true });
  document.documentElement.addEventListener("pointerleave", hide);
  addEventListener("scroll", hide, { passive: true, capture: true });
})();
