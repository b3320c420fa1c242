/**
 * The page's script: plays the paths, and moves through steps and learning rates. Nothing moves by itself: who asks for little motion
 * is shown whole paths, and plays when they like. A content security policy admits this text alone, by its hash.
 */
export const PATHS_SCRIPT = `'use strict';
const data = JSON.parse(document.getElementById('paths-data').textContent);
const $ = (id) => document.getElementById(id);
const [play, step, lr] = [$('play'), $('step'), $('lr')];
const still = matchMedia('(prefers-reduced-motion: reduce)');
const back = ([from, to, a, b], pixel) => from + (pixel - a) / (b - a) * (to - from);
const [planeX, planeY] = [data.plane.slice(0, 4), data.plane.slice(4)];
let timer = null;
const draw = () => {
  const at = Number(step.value), rate = Number(lr.value);
  $('step-out').textContent = at;
  $('lr-out').textContent = rate === 0 ? 'each its own' : data.rates[rate - 1];
  lr.setAttribute('aria-valuetext', $('lr-out').textContent);
  data.variants.forEach((variant, line) => {
    const walk = rate === 0 ? variant.own : variant.ladder[rate - 1];
    walk.paths.forEach((path, i) => {
      const last = path.v.length - 1, now = Math.min(at, last);
      let d = 'M' + path.p[0] + ' ' + path.p[1];
      for (let k = 1; k <= now; k++) d += 'L' + path.p[2 * k] + ' ' + path.p[2 * k + 1];
      const [x, y] = [path.p[2 * now], path.p[2 * now + 1]];
      const trail = $('trail-' + line + '-' + i);
      trail.firstElementChild.setAttribute('d', d);
      trail.lastElementChild.setAttribute('transform', 'translate(' + x + ' ' + y + ') scale(0.75)');
      const cells = $('row-' + line + '-' + i).cells;
      const isGone = at > last;
      [walk.lr, path.at, isGone ? 'out of all bounds' : back(planeX, x).toFixed(2) + ', ' + back(planeY, y).toFixed(2), isGone ? '' : String(path.v[now])].forEach((text, k) => {
        if (cells[k + 1].textContent !== text) cells[k + 1].textContent = text;
      });
    });
  });
};
const stop = () => {
  clearInterval(timer);
  timer = null;
  play.textContent = 'Play';
};
const start = () => {
  if (Number(step.value) >= data.steps) step.value = 0;
  play.textContent = 'Pause';
  // With little motion: few frames, each of them still for a while.
  const calm = still.matches, every = calm ? 1000 : 40;
  const stride = Math.max(1, Math.round(data.steps / (calm ? 8 : 250)));
  timer = setInterval(() => {
    step.value = Math.min(data.steps, Number(step.value) + stride);
    draw();
    if (Number(step.value) >= data.steps) stop();
  }, every);
  draw();
};
play.addEventListener('click', () => timer === null ? start() : stop());
step.addEventListener('input', () => { stop(); draw(); });
lr.addEventListener('input', draw);
document.addEventListener('keydown', (event) => {
  if (event.key !== ' ' || event.target === play || event.target.closest('[tabindex],a,summary')) return;
  event.preventDefault();
  play.click();
});
document.querySelector('.player').addEventListener('submit', (event) => event.preventDefault());
document.querySelector('.player').hidden = false;
$('keys').hidden = false;
draw();
`;
