import { capital, formatLr, plural } from '../../../base/format.js';
import { type EpochMetric, isBetterLarger } from '../../../config/index.js';
import type { RecordedTuning } from '../../compare/tune/record.js';
import { isShare, metricText } from '../../metric-text.js';
import { figure } from '../figure.js';
import { type Html, html } from '../html.js';
import type { Chart, Point, Series } from '../series.js';

type Variant = RecordedTuning['variants'][number];

/** What tuning has tried: the figure by the first key for each variant, and what was chosen. */
export function tuning({ chosen_by: by, rungs, variants }: RecordedTuning): Html {
  const chart = sensitivity(by, rungs[0]!, variants);
  return html`<section id="tuning" aria-labelledby="tuning-title"><h2 id="tuning-title">Tuning</h2>
<p>Each variant had as many trials; they were chosen by ${metricText(by)}, on the part that chooses. After ${plural(rungs[0]!, 'epoch')} all of them had the same number of steps: so far they can be compared here. A wide hill is easy to find, a narrow one is not.</p>
${chart !== null && figure(chart, { wide: true, note: 'Stars: what was chosen in the end. Plus signs: what the variant has without tuning.' })}
<div class="scroll" role="region" tabindex="0" aria-labelledby="tuning-caption"><table>
<caption id="tuning-caption"><span>What was chosen</span></caption>
<thead><tr><th scope="col">Variant</th><th scope="col">Key</th><th scope="col">Without tuning</th><th scope="col">Tuned</th><th scope="col">Trials</th><th scope="col">Diverged</th><th scope="col">Epochs of all trials</th></tr></thead>
<tbody>${variants.flatMap((variant) => variant.keys.map((key, i) => row(variant, key, i)))}</tbody></table></div>
</section>`;
}

function row({ name, usual, tuned, trials }: Variant, key: string, i: number): Html {
  const before = usual[i] ?? null;
  const cells = [
    key,
    before === null ? '–' : valueText(before),
    valueText(tuned[i] ?? '–'),
    `${trials.length}`,
    `${trials.filter(({ status }) => status === 'diverged').length}`,
    `${trials.reduce((sum, { epochs }) => sum + epochs, 0)}`,
  ];
  return html`<tr><th scope="row">${i === 0 && name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`;
}

/** null: what is tuned first are no numbers. */
function sensitivity(by: EpochMetric, epochs: number, variants: readonly Variant[]): Chart | null {
  const lines = variants.map((variant) => ({ variant, points: pointsOf(variant, by) }));
  const values = lines.flatMap(({ points }) => points.map(([x]) => x));
  if (values.length === 0) return null;
  const xLog = values.every((x) => x > 0);
  const place = (x: number) => (xLog ? Math.log10(x) : x);
  const key = variants[0]!.keys[0]!;
  /** A point for each variant, with gaps between them. */
  const marks = (name: string, line: number, chosen: (variant: Variant) => unknown): Series => ({
    name,
    line,
    look: 'marks',
    points: lines
      .flatMap(({ variant, points }) => points.filter(([x]) => x === chosen(variant)))
      .sort(([a], [b]) => a - b)
      .flatMap(([x, y]): Point[] => [
        [place(x), null],
        [place(x), y],
      ]),
  });
  return {
    id: 'sensitivity',
    title: `${capital(metricText(by))} after ${plural(epochs, 'epoch')} by ${key}`,
    xLabel: key,
    yLabel: metricText(by),
    yScale: 'linear',
    percent: isShare(by),
    byRun: false,
    xLog,
    series: [
      ...lines.map(({ variant, points }, line): Series => {
        const placed = points.map(([x, y]): Point => [place(x), y]);
        return { name: variant.name, label: variant.name, line, look: 'solid', points: placed };
      }),
      marks('without tuning', PLUS, ({ usual }) => usual[0]),
      marks('tuned', STAR, ({ tuned }) => tuned[0]),
    ],
  };
}

/** Lines whose markers are a plus and a star. */
const [PLUS, STAR] = [5, 6];

/** For each value of the first key the best figure with it, in the order of the values. */
function pointsOf({ trials }: Variant, by: EpochMetric): (readonly [number, number | null])[] {
  const known = new Map<number, number | null>();
  for (const { values, figure_at_first_rung: figure } of trials) {
    const [x] = values;
    if (typeof x !== 'number') continue;
    const best = known.get(x) ?? null;
    const isBetter = best === null || (figure !== null && figure > best === isBetterLarger(by));
    known.set(x, isBetter ? figure : best);
  }
  return [...known].sort(([a], [b]) => a - b);
}

const valueText = (value: number | string) => (typeof value === 'number' ? formatLr(value) : value);
