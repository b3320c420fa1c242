import { formatLoss, formatLr, plural } from '../../base/format.js';
import { VERSION } from '../../base/package.js';
import { shellWord } from '../../base/shell.js';
import { type ResolvedConfig, toSnakeCase } from '../../config/index.js';
import { type Patch, patchFor } from '../../runs/lr-find/patch.js';
import type { LrFinding, LrResult, LrTest } from '../../runs/lr-find/result.js';
import type { NoLrReason } from '../../train/lr-suggestion.js';
import type { Io } from '../io.js';
import { describeData, parameterText } from '../train/describe.js';
import { lineChart, type Series } from '../ui/chart.js';
import { textWidth } from '../ui/style.js';
import { textTable } from '../ui/table.js';

const HEIGHT = 14;

/** What was typed. */
export interface Asked {
  readonly resolved: ResolvedConfig;
  /** What replaced values of the configuration. */
  readonly overrides: readonly string[];
}

/** Says, on stderr, what is about to be tested on what. */
export function describeBegin(io: Io, { plan, data, range, names }: LrTest): void {
  const { config, model } = plan;
  const { min, max } = range;
  const { bold, dim } = io.style.err;
  io.log(bold(`lossnet ${VERSION}`));
  io.log(`${dim('data ')} ${describeData(data)}`);
  io.log(
    `${dim('model')} ${plural(model.layers.length, 'layer')}, ${parameterText(model)}, thrown away afterwards`,
  );
  io.log(
    `${dim('test ')} ${names.join(', ')}, lr from ${formatLr(min)} to ${formatLr(max)}, batches of ${config.loader.batchSize}, seed ${config.seed}`,
  );
}

/** Prints chart, suggestion and what to write where. */
export function describeResults(io: Io, asked: Asked, { results, data }: LrFinding): void {
  const { standsInFor } = data;
  const only = results.length === 1 ? results[0]! : undefined;
  const series = only ? [curveOf(only), ...pointsOf(only)] : results.map(curveOf);
  const chart = lineChart(series, {
    width: textWidth(io.stdout),
    height: HEIGHT,
    title: `Loss, smoothed, while the learning rate grows${standsInFor ? ` (on shapes, standing in for ${standsInFor})` : ''}`,
    xLabel: 'learning rate',
    yLabel: 'loss',
    xScale: 'log',
    color: io.style.out.colored,
  });
  io.print(`${chart}\n`);
  if (only) describeOne(io, asked, only);
  else describeMany(io, asked, results);
  if (standsInFor) io.print(`on shapes, standing in for ${standsInFor}`);
}

function curveOf({ name, points, curve }: LrResult): Series {
  return { name, points: points.map(({ lr }, i) => [lr, curve[i]!] as const) };
}

function pointsOf(result: LrResult): Series[] {
  const { suggestion, points, curve } = result;
  if (!suggestion.found) return [];
  const at = (lr: number) => [lr, curve[points.findIndex((point) => point.lr >= lr)]!] as const;
  return [
    { name: 'safe from', points: [at(suggestion.band.low)] },
    { name: 'suggestion', points: [at(suggestion.lr)] },
  ];
}

function describeOne(io: Io, asked: Asked, result: LrResult): void {
  const { bold, dim, green } = io.style.out;
  const { suggestion } = result;
  io.print(`${dim('tested     ')} ${tested(result)}`);
  if (!suggestion.found) {
    for (const line of explain(suggestion.reason, result)) io.print(line);
    return;
  }
  const { lr, band, steepest, lowest } = suggestion;
  const patch = patchFor(asked.resolved.yaml, result, lr);
  io.print(`${dim('suggestion ')} ${bold(green(`lr ${lr}`))}: half of where the loss is lowest`);
  io.print(`${dim('safe band  ')} ${bandText(band)}`);
  io.print(
    `${dim('lowest     ')} loss ${formatLoss(lowest.loss)} at lr ${formatLr(lowest.lr)}: training is about to break there`,
  );
  io.print(`${dim('steepest   ')} lr ${steepest.lr}: there the loss falls fastest, with so many steps`);
  for (const [i, line] of patch.lines.entries()) {
    io.print(`${i === 0 ? dim('in the file') : ' '.repeat(11)} ${line}`);
  }
  io.print(`${dim('or once    ')} ${trainCommand(asked, patch)}`);
  for (const note of notes(result)) io.print(note);
}

function describeMany(io: Io, asked: Asked, results: readonly LrResult[]): void {
  const { bold } = io.style.out;
  const rows = results.flatMap((result) => {
    const { name, suggestion } = result;
    if (!suggestion.found) return [[name, '-', 'none', '-', explain(suggestion.reason, result)[0]!]];
    const { lr, band, lowest } = suggestion;
    const [first, ...more] = patchFor(asked.resolved.yaml, result, lr).lines;
    return [
      [name, bandText(band), String(lr), formatLoss(lowest.loss), first!],
      ...more.map((text) => ['', '', '', '', text]),
    ];
  });
  const head = ['optimizer', 'stable band', 'lr', 'lowest loss', 'in the file'];
  const table = { head, rows, texts: ['optimizer', 'stable band', 'in the file'] };
  for (const line of textTable(table, bold, Number.POSITIVE_INFINITY)) io.print(line);
  const same = new Set(results.map(({ initSha256, orderSha256 }) => initSha256 + orderSha256)).size === 1;
  const [{ initSha256, orderSha256 }] = results as [LrResult];
  if (same) {
    io.print(
      `\nall from the same weights (sha256 ${initSha256.slice(0, 12)}) and batches (${orderSha256.slice(0, 12)})`,
    );
  }
  io.print('A lowest loss is where the test came, not what training would reach: compare bands, not these.');
  for (const result of results) for (const note of notes(result)) io.print(`${result.name}: ${note}`);
  const found = results.find(({ suggestion }) => suggestion.found);
  if (found?.suggestion.found) {
    io.print(
      `try one with: ${trainCommand(asked, patchFor(asked.resolved.yaml, found, found.suggestion.lr))}`,
    );
  }
}

/** What trains as it was tested, with this besides. */
function trainCommand({ resolved, overrides }: Asked, patch: Patch): string {
  return ['lossnet train', resolved.file, ...overrides.map(shellWord), ...patch.overrides].join(' ');
}

const bandText = ({ low, high }: { low: number; high: number }) => `${low} … ${high}`;

function tested({ name, points, range, end }: LrResult): string {
  const last = points.at(-1);
  const reached = last ? `, lr ${formatLr(range.min)} to ${formatLr(last.lr)}` : '';
  const why = end === 'diverged' ? '; there the loss diverged' : '';
  return `${name}, ${points.length} of ${range.steps} steps${reached}${why}`;
}

/** What is to be known of a suggestion besides. */
function notes({ suggestion, range }: LrResult): string[] {
  if (!suggestion.found) return [];
  return [
    ...(suggestion.fallsFromStart
      ? [
          `The loss fell from the first steps on: less may do as well. To see, lower --min (it was ${range.min}).`,
        ]
      : []),
    ...(suggestion.fallsToEnd
      ? [
          `The loss was still falling at the end: more may do as well. To see, raise --max (it was ${range.max}).`,
        ]
      : []),
  ];
}

function explain(reason: NoLrReason, { points, range }: LrResult): string[] {
  switch (reason) {
    case 'too_few':
      return [
        `No suggestion: the loss diverged after ${plural(points.length, 'step')}.`,
        `Start lower, with --min ${formatLr(range.min / 1000)}; or the data or the model are at fault: try lossnet train with --dry-run.`,
      ];
    case 'no_fall':
      return [
        'No suggestion: the loss fell nowhere clearly.',
        `Give it more time, with --steps ${range.steps * 4}. If it still falls nowhere, the model does not learn: check its first values, its loss and the data.`,
      ];
  }
}

/** The whole as one object. */
export function toJson({ resolved }: Asked, { results, data }: LrFinding) {
  const { standsInFor, train } = data;
  return toSnakeCase({
    type: 'lr_find',
    config: resolved.file,
    ...(standsInFor && { standsInFor }),
    data: train.identity,
    initSha256: results[0]!.initSha256,
    orderSha256: results[0]!.orderSha256,
    results: results.map(({ name, optimizer, range, points, curve, end, suggestion }) => ({
      name,
      optimizer,
      ...range,
      end,
      suggestion,
      points: points.map((point, i) => ({ ...point, centredLoss: curve[i] })),
    })),
  });
}
