/** The page's script: reads out the loss under the pointer, or by arrow keys. All else works without it. */
export const LANDSCAPE_SCRIPT = `'use strict';
const data = JSON.parse(document.getElementById('landscape-data').textContent);
const [plot, readout] = [document.getElementById('landscape'), document.getElementById('readout')];
const svg = plot.querySelector('svg'), n = data.resolution;
const mark = document.createElementNS('http://www.w3.org/2000/svg', 'path');
mark.setAttribute('class', 'cursor');
let at = [(n - 1) / 2, (n - 1) / 2];
const clamp = (i) => Math.max(0, Math.min(n - 1, i));
const show = (column, row) => {
  at = [clamp(column), clamp(row)];
  const part = (axis, i) => axis[0] + (axis[1] - axis[0]) * i / (n - 1);
  const value = (axis, i) => axis[2] + (axis[3] - axis[2]) * i / (n - 1);
  const { width, height } = svg.viewBox.baseVal;
  const [x, y] = [part(data.x, at[0]) * width, part(data.y, at[1]) * height];
  mark.setAttribute('d', 'M' + (x - 9) + ' ' + y + 'h18M' + x + ' ' + (y - 9) + 'v18');
  svg.append(mark);
  const loss = data.values[at[1] * n + at[0]];
  readout.textContent = 'loss ' + (loss === null ? 'not finite' : loss) + ' at ' + value(data.x, at[0]).toPrecision(3) + ', ' + value(data.y, at[1]).toPrecision(3);
};
plot.addEventListener('pointermove', (event) => {
  const box = svg.getBoundingClientRect();
  const index = (axis, share) => Math.round((share - axis[0]) / (axis[1] - axis[0]) * (n - 1));
  show(index(data.x, (event.clientX - box.left) / box.width), index(data.y, (event.clientY - box.top) / box.height));
});
plot.addEventListener('keydown', (event) => {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  show(at[0] + step[0], at[1] + step[1]);
});
`;
