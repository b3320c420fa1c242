/**
 * The page's script: reads out the values under the pointer, or by arrow keys. All else works without it. A content
 * security policy admits this text alone, by its hash.
 */
export const SCRIPT = `'use strict';
for (const plot of document.querySelectorAll('.plot')) {
  const data = JSON.parse(document.getElementById(plot.dataset.id + '-data').textContent);
  const readout = plot.parentElement.querySelector('.readout');
  const isShown = (s) => !data.byRun || document.getElementById('show-' + s.line)?.checked !== false;
  const picture = () => [...plot.querySelectorAll('svg')].find((svg) => svg.getBoundingClientRect().width > 0);
  const xs = [...new Set(data.series.flatMap((s) => s.points.map((p) => p[0])))].sort((a, b) => a - b);
  let at = -1;
  const show = (index) => {
    at = Math.max(0, Math.min(xs.length - 1, index));
    const x = xs[at], svg = picture();
    if (!svg) return;
    const [left, right, top, bottom] = data.plots[svg.classList.contains('wide') ? 'wide' : 'compact'];
    const width = svg.viewBox.baseVal.width;
    const px = width * (left + (right - left) * (x - data.x[0]) / (data.x[1] - data.x[0]));
    svg.querySelector('.cursor')?.remove();
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    line.setAttribute('class', 'cursor');
    line.setAttribute('d', 'M' + px + ' ' + top + 'V' + bottom);
    svg.append(line);
    const values = data.series.filter(isShown).flatMap((s) => {
      if (s.points.length === 0) return [];
      const near = s.points.reduce((a, b) => Math.abs(b[0] - x) < Math.abs(a[0] - x) ? b : a);
      return Math.abs(near[0] - x) > (data.x[1] - data.x[0]) / 40 ? [] : [s.name + ' ' + near[1]];
    });
    readout.replaceChildren(...[data.label + ' ' + (data.isLog ? Number((10 ** x).toPrecision(4)) : x), ...values].map((text) => {
      const item = document.createElement('span');
      item.textContent = text;
      return item;
    }));
    readout.hidden = false;
  };
  plot.addEventListener('pointermove', (event) => {
    const svg = picture();
    if (!svg) return;
    const box = svg.getBoundingClientRect();
    const [left, right] = data.plots[svg.classList.contains('wide') ? 'wide' : 'compact'];
    const x = data.x[0] + ((event.clientX - box.left) / box.width - left) / (right - left) * (data.x[1] - data.x[0]);
    show(xs.reduce((best, value, i) => Math.abs(value - x) < Math.abs(xs[best] - x) ? i : best, 0));
  });
  plot.addEventListener('pointerleave', () => plot.querySelectorAll('.cursor').forEach((line) => line.remove()));
  plot.addEventListener('keydown', (event) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: xs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(to);
  });
}
for (const box of document.querySelectorAll('.scroll')) {
  const cue = document.createElement('p');
  cue.className = 'more';
  cue.textContent = 'More columns to the right \\u2192';
  cue.setAttribute('aria-hidden', 'true');
  cue.hidden = true;
  box.before(cue);
  const tell = () => {
    cue.hidden = box.scrollWidth <= box.clientWidth + 1 || box.scrollLeft > 0;
  };
  box.addEventListener('scroll', tell, { passive: true });
  new ResizeObserver(tell).observe(box);
}
let folded = [];
addEventListener('beforeprint', () => {
  folded = [...document.querySelectorAll('details.run:not([open])')];
  for (const section of folded) section.open = true;
});
addEventListener('afterprint', () => {
  for (const section of folded) section.open = false;
});
`;
