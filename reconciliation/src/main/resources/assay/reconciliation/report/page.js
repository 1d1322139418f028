"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const NARROW = 640;
  const drawn = [];

  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
  const number = new Intl.NumberFormat("en", { maximumFractionDigits: 2, signDisplay: "exceptZero" });
  const percent = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

  // Patterns tell causes apart where colours do not; faint, so that they stay in the background.
  const shade = "rgba(0, 0, 0, 0.16)";
  const stripes = (rotation) => ({ color: shade, dashArrayX: [1, 0], dashArrayY: [2, 6], rotation });
  const decals = [
    { ...stripes(-Math.PI / 4) },
    { color: shade, symbol: "circle", symbolSize: 0.6, dashArrayX: [[8, 8], [0, 8, 8, 0]], dashArrayY: [6, 0] },
    { ...stripes(Math.PI / 4) },
    { color: shade, symbol: "rect", symbolSize: 0.5, dashArrayX: [[6, 6]], dashArrayY: [6, 6] },
    { ...stripes(0) },
    { ...stripes(Math.PI / 2) },
  ];

  const base = () => ({
    animation: false,
    textStyle: { fontFamily: font, color: color("ink") },
    // The sentence beside the chart says more than a list of its numbers could.
    aria: { enabled: true, label: { enabled: false }, decal: { show: true, decals } },
  });
  const axis = () => ({
    axisLine: { lineStyle: { color: color("line") } },
    axisTick: { show: false },
    axisLabel: { color: color("muted"), hideOverlap: true },
    splitLine: { lineStyle: { color: color("line") } },
    nameTextStyle: { color: color("muted") },
  });
  const legend = (more) => ({
    type: "plain", top: 0, left: 0, itemGap: 14, textStyle: { color: color("ink") },
    inactiveColor: color("line"), ...more,
  });
  const tooltip = (more) => ({
    confine: true, backgroundColor: color("card"), borderColor: color("line"),
    textStyle: { color: color("ink"), fontSize: 13 }, ...more,
  });

  // Days go to the right; on a narrow screen, down.
  function heat(chart, box) {
    const down = box.clientWidth < NARROW;
    const days = { ...axis(), type: "category", data: chart.days, splitLine: { show: false }, axisLine: { show: false } };
    const sets = { ...axis(), type: "category", data: chart.metrics, splitLine: { show: false }, axisLine: { show: false } };
    sets.axisLabel = { ...sets.axisLabel, color: color("ink"), interval: 0, width: down ? 90 : 160, overflow: "truncate" };
    const rows = down ? chart.days.length : chart.metrics.length;
    const columns = down ? chart.metrics.length : chart.days.length;
    const side = down ? 26 : 34;
    const left = down ? 58 : 170;
    const top = down ? 116 : 44;
    box.style.height = top + rows * side + 30 + "px";
    const width = (box.clientWidth - left - 8) / columns;
    const size = [Math.max(2, width - 3), side - 4];
    return {
      ...base(),
      // Letters tell verdicts apart.
      aria: { enabled: false },
      legend: legend({ itemWidth: 14, itemHeight: 14 }),
      tooltip: tooltip({ trigger: "item", formatter: (item) => item.data.says.replace(/[&<>]/g, (c) => "&#" + c.charCodeAt(0) + ";") }),
      grid: { left, right: 8, top, bottom: 30 },
      xAxis: down ? { ...sets, position: "top" } : days,
      yAxis: { ...(down ? days : sets), inverse: true },
      series: chart.marks.map((mark, i) => ({
        name: mark.letter + "  " + mark.word,
        type: "scatter",
        symbol: "rect",
        symbolSize: size,
        cursor: "pointer",
        itemStyle: { color: color(mark.style), opacity: 1 },
        emphasis: { scale: false, itemStyle: { borderColor: color("ink"), borderWidth: 2 } },
        label: { show: size[0] >= 12, formatter: mark.letter, color: color(mark.style + "-ink"), fontWeight: 700, fontSize: 13 },
        data: chart.cells.filter((c) => c[2] === i).map((c) => ({
          value: down ? [c[1], c[0]] : [c[0], c[1]], says: c[3], link: c[4],
        })),
      })).filter((series) => series.data.length > 0),
    };
  }

  function causes(chart, box, chosen) {
    const measure = chart.measures[chosen];
    return {
      ...base(),
      legend: legend({}),
      tooltip: tooltip({ trigger: "axis", axisPointer: { type: "shadow" }, valueFormatter: (v) => number.format(v) }),
      grid: { left: 8, right: 12, top: box.clientWidth < NARROW ? 96 : 64, bottom: 8, containLabel: true },
      xAxis: { ...axis(), type: "category", data: chart.days, axisLabel: { color: color("muted"), hideOverlap: true } },
      yAxis: { ...axis(), type: "value", name: measure.name + ", live − batch", nameTextStyle: { color: color("muted"), align: "left" } },
      series: measure.series.map((s) => ({
        name: s.cause, type: "bar", stack: "all", barMaxWidth: 56, itemStyle: { color: color(s.cause) || color("muted") }, data: s.amounts,
      })),
    };
  }

  function convergence(chart, box, chosen) {
    const measure = chart.measures[chosen];
    const line = (name, data, style) => ({ name, type: "line", data, symbolSize: 7, ...style });
    const says = (v) => percent.format(v) + " %";
    return {
      ...base(),
      aria: { enabled: false },
      legend: legend({ data: ["half of the windows", "9 of 10 windows", "worst window"] }),
      tooltip: tooltip({ trigger: "axis", valueFormatter: says }),
      grid: { left: 8, right: 24, top: box.clientWidth < NARROW ? 96 : 64, bottom: 8, containLabel: true },
      xAxis: { ...axis(), type: "category", data: measure.after, boundaryGap: false, axisLabel: { color: color("muted") } },
      yAxis: { ...axis(), type: "value", min: 0, name: "% off the final " + measure.name, nameTextStyle: { color: color("muted"), align: "left" }, axisLabel: { color: color("muted"), formatter: "{value} %" } },
      series: [
        line("half of the windows", measure.half, { symbol: "circle", color: color("superseded"), areaStyle: { opacity: 0.25 } }),
        line("9 of 10 windows", measure.nineTenths, { symbol: "rect", color: color("cut"), areaStyle: { opacity: 0.14 } }),
        line("worst window", measure.worst, { symbol: "triangle", color: color("unexplained"), lineStyle: { type: "dashed" } }),
      ],
    };
  }

  const kinds = { heat, causes, convergence };

  function draw(one) {
    // What was drawn before is replaced, not merged: another measure has other series.
    one.view.setOption(kinds[one.chart.kind](one.chart, one.box, one.chosen), true);
    one.view.resize();
  }

  charts.forEach((chart, i) => {
    const box = document.getElementById("chart-" + i);
    box.textContent = "";
    const one = { chart, box, chosen: 0, width: box.clientWidth };
    one.view = echarts.init(box, null, { renderer: "svg" });
    one.view.on("click", (item) => {
      if (item.data && item.data.link) {
        location.hash = item.data.link;
      }
    });
    const choice = box.previousElementSibling;
    if (choice && choice.className === "choice") {
      choice.querySelector("select").addEventListener("change", (event) => {
        one.chosen = Number(event.target.value);
        draw(one);
      });
    }
    drawn.push(one);
    draw(one);
  });

  const all = () => drawn.forEach(draw);
  addEventListener("resize", () => drawn.forEach((one) => {
    if (one.box.clientWidth !== one.width) {
      one.width = one.box.clientWidth;
      draw(one);
    }
  }));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  matchMedia("print").addEventListener("change", all);

  // A link to a day opens it; on paper all that is folded is shown.
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") {
      for (let folded = target; folded; folded = folded.parentElement.closest("details")) {
        folded.open = true;
      }
      target.scrollIntoView();
      target.querySelector("summary").focus({ preventScroll: true });
    }
  };
  addEventListener("hashchange", open);
  open();
  addEventListener("beforeprint", () => document.querySelectorAll("details:not([open])").forEach((d) => {
    d.open = true;
    d.dataset.folded = "";
  }));
  addEventListener("afterprint", () => document.querySelectorAll("details[data-folded]").forEach((d) => {
    d.open = false;
    delete d.dataset.folded;
  }));
})();
