"use strict";
(() => {
  const plots = JSON.parse(document.getElementById("plots").textContent);
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const COLOURS = 10;
  const dashes = [[], [7, 4], [2, 3]];
  const marks = ["circle", "triangle", "rect"];
  const number = value => value.toLocaleString("en", { maximumSignificantDigits: 4 });

  function line(series) {
    const reference = series.colour < 0;
    const colour = reference ? style("--reference") : style("--c" + (series.colour % COLOURS));
    const turn = reference ? 2 : Math.floor(series.colour / COLOURS) % dashes.length;
    return {
      label: series.name, data: series.points, borderColor: colour, backgroundColor: colour,
      borderDash: dashes[turn], borderWidth: reference ? 1 : 2, tension: 0, clip: 6,
      pointStyle: marks[turn], pointRadius: reference || series.points.length > 25 ? 0 : 3,
    };
  }

  function axis(title, more) {
    return {
      title: { display: title !== "", text: title, color: style("--soft") },
      grid: { color: style("--line") }, border: { color: style("--line") },
      ticks: { color: style("--soft") }, ...more,
    };
  }

  function limits(low, high) {
    return { ...(low === null ? {} : { min: low }), ...(high === null ? {} : { max: high }) };
  }

  function lines(plot) {
    return {
      type: "line",
      data: { datasets: plot.series.map(line) },
      options: {
        parsing: false,
        interaction: { mode: "nearest", intersect: false },
        scales: {
          x: axis(plot.xLabel, { type: "linear" }),
          y: axis(plot.yLabel, limits(plot.yMin, plot.yMax)),
        },
        plugins: {
          legend: {
            display: plot.series.length > 1, position: "bottom",
            labels: { color: style("--text"), usePointStyle: true, pointStyle: "line", pointStyleWidth: 30 },
          },
          tooltip: {
            callbacks: {
              title: items => plot.xLabel + " " + number(items[0].parsed.x),
              label: item => " " + item.dataset.label + ": " + number(item.parsed.y),
            },
          },
        },
      },
    };
  }

  function bars(plot) {
    const points = plot.series[0].points;
    return {
      type: "bar",
      data: {
        labels: points.map(point => plot.categories[point.x]),
        datasets: [{
          label: plot.series[0].name, data: points.map(point => point.y),
          backgroundColor: style("--c0"), maxBarThickness: 18,
        }],
      },
      options: {
        indexAxis: "y",
        scales: {
          x: axis(plot.xLabel, { beginAtZero: true }),
          y: axis("", { grid: { display: false }, ticks: { color: style("--text"), autoSkip: false } }),
        },
        plugins: { legend: { display: false } },
      },
    };
  }

  let drawn = [];
  function draw() {
    drawn.forEach(chart => chart.destroy());
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 12;
    Chart.defaults.animation = false;
    Chart.defaults.maintainAspectRatio = false;
    drawn = [...document.querySelectorAll("canvas[data-plot]")].map(canvas => {
      const plot = plots[Number(canvas.dataset.plot)];
      return new Chart(canvas, plot.type === "bar" ? bars(plot) : lines(plot));
    });
  }

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  if (matchMedia("(max-width: 70rem)").matches) {
    document.querySelector("nav details").open = matchMedia("(min-width: 36rem)").matches;
  }
})();
