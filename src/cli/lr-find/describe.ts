import { formatLoss, formatLr, plural } from '../../base/format.js';
import { VERSION } from '../../base/package.js';
import { shellWord } from '../../base/printable.js';
import { type ResolvedConfig, toSnakeCase } from '../../config/index.js';
import { displayWidth, wrap } from '../../config/problems/text.js';
import { type Patch, patchFor } from '../../runs/lr-find/patch.js';
import type { LrFinding, LrResult, LrTest } from '../../runs/lr-find/result.js';
import type { Io } from '../io.js';
import { describeData, parameterText } from '../train/describe.js';
import { lineChart, type Series } from '../ui/chart.js';
import { textWidth } from '../ui/style.js';
import { textTable } from '../ui/table.js';
import { explain, notes, reasonFor, tested, trialText } from './words.js';

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
  for (const line of labelled(
    'data',
    describeData(data, { loader: config.loader }),
    6,
    textWidth(io.stderr),
    dim,
  ))
    io.log(line);
  io.log(
    `${dim('model')} ${plural(model.layers.length, 'layer')}, ${parameterText(model)}, thrown away afterwards`,
  );
  const what = `${names.join(', ')}, lr from ${formatLr(min)} to ${formatLr(max)}, batches of ${config.loader.batchSize}, seed ${config.seed}`;
  for (const line of labelled('test', what, 6, textWidth(io.stderr), dim)) io.log(line);
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
  const { suggestion, trials } = result;
  const width = textWidth(io.stdout);
  const row = (label: string, text: string) => {
    for (const line of labelled(label, text, LABEL, width, dim)) io.print(line);
  };
  row('tested', tested(result));
  for (const [i, trial] of trials.entries()) row(i === 0 ? 'tried' : '', trialText(trial, result));
  if (!suggestion.found) {
    for (const line of explain(suggestion.reason, result)) printWrapped(io, line);
    return;
  }
  const { lr, band, steepest, lowest } = suggestion;
  const patch = patchFor(asked.resolved.yaml, result, lr);
  const found = `lr ${lr}`;
  for (const line of labelled('suggestion', `${found}: ${reasonFor(result)}`, LABEL, width, dim))
    io.print(line.replace(found, bold(green(found))));
  row('safe band', bandText(band));
  row(
    'lowest',
    `loss ${formatLoss(lowest.loss)} at lr ${formatLr(lowest.lr)}: training is about to break there`,
  );
  row('steepest', `lr ${steepest.lr}: there the loss falls fastest, with so many steps`);
  for (const [i, line] of patch.lines.entries()) row(i === 0 ? 'in the file' : '', line);
  for (const line of commandLines('or once'.padEnd(LABEL), trainWords(asked, patch), width)) {
    io.print(line.replace('or once', dim('or once')));
  }
  for (const note of notes(result)) printWrapped(io, note);
}

function describeMany(io: Io, asked: Asked, results: readonly LrResult[]): void {
  const { bold, dim } = io.style.out;
  const width = textWidth(io.stdout);
  const rows = results.map(({ name, suggestion, trials }) => {
    const count = String(trials.length);
    if (!suggestion.found) return [name, '-', 'none', '-', count];
    return [
      name,
      bandText(suggestion.band),
      String(suggestion.lr),
      formatLoss(suggestion.lowest.loss),
      count,
    ];
  });
  const head = ['optimizer', 'stable band', 'lr', 'lowest loss', 'tried'];
  for (const line of textTable({ head, rows, texts: head.slice(0, 2) }, bold, width)) io.print(line);
  io.print('\nin the file:');
  const indent = Math.max(...results.map(({ name }) => name.length)) + 2;
  for (const result of results) {
    const { suggestion, name } = result;
    const lines = suggestion.found
      ? patchFor(asked.resolved.yaml, result, suggestion.lr).lines
      : [explain(suggestion.reason, result)[0]!];
    for (const [i, text] of lines.entries()) {
      for (const line of labelled(i === 0 ? name : '', text, indent, width, dim)) io.print(line);
    }
  }
  const same = new Set(results.map(({ initSha256, orderSha256 }) => initSha256 + orderSha256)).size === 1;
  const [{ initSha256, orderSha256 }] = results as [LrResult];
  if (same) {
    const [weights, batches] = [initSha256.slice(0, 12), orderSha256.slice(0, 12)];
    io.print('');
    printWrapped(io, `all from the same weights (sha256 ${weights}) and batches (${batches})`);
  }
  printWrapped(
    io,
    'A lowest loss is where the test came, not what training would reach: compare bands, not these.',
  );
  for (const result of results) for (const note of notes(result)) printWrapped(io, `${result.name}: ${note}`);
  const found = results.find(({ suggestion }) => suggestion.found);
  if (found?.suggestion.found) {
    const words = trainWords(asked, patchFor(asked.resolved.yaml, found, found.suggestion.lr));
    for (const line of commandLines('try one with: ', words, width)) io.print(line);
  }
}

/** Columns before what a line says. */
const LABEL = 12;

/** What trains as it was tested, with this besides. */
function trainWords({ resolved, overrides }: Asked, patch: Patch): string[] {
  return ['lossnet train', resolved.file, ...overrides.map(shellWord), ...patch.overrides];
}

const bandText = ({ low, high }: { low: number; high: number }) => `${low} … ${high}`;

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
    results: results.map(
      ({ name, optimizer, range, points, curve, end, suggestion, computedLr, trials }) => ({
        name,
        optimizer,
        ...range,
        end,
        suggestion,
        computedLr,
        trials,
        points: points.map((point, i) => ({ ...point, centredLoss: curve[i] })),
      }),
    ),
  });
}

/** A text with what it is in front, in lines that fit. */
function labelled(
  label: string,
  text: string,
  indent: number,
  width: number,
  dim: (text: string) => string,
): string[] {
  return wrap(text, width - indent).map((line, i) =>
    i === 0 && label !== '' ? `${dim(label.padEnd(indent - 1))} ${line}` : ' '.repeat(indent) + line,
  );
}

/** Prints a text in lines that fit. */
function printWrapped(io: Io, text: string): void {
  for (const line of wrap(text, textWidth(io.stdout))) io.print(line);
}

/** A command in lines that fit, and that a shell takes as one. */
function commandLines(label: string, words: readonly string[], width: number): string[] {
  const lines = [label + words[0]];
  for (const word of words.slice(1)) {
    const last = lines.at(-1)!;
    // The next one may need room for the sign that the line goes on.
    if (displayWidth(last) + 1 + displayWidth(word) <= width - 2) lines[lines.length - 1] = `${last} ${word}`;
    else {
      lines[lines.length - 1] = `${last} \\`;
      lines.push(' '.repeat(label.length) + word);
    }
  }
  return lines;
}
