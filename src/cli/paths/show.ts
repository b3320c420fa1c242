import { formatCount, formatLr, plural } from '../../base/format.js';
import { jsonLine } from '../../base/printable.js';
import { toSnakeCase } from '../../config/index.js';
import { writePathsPage } from '../../runs/paths/page.js';
import { endsAlike, LADDER, paths } from '../../runs/paths/paths.js';
import type { Paths, PathsOptions, PathsVariant } from '../../runs/paths/result.js';
import type { Path } from '../../train/paths/follow.js';
import type { Point } from '../../train/paths/surfaces.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { showNotices } from '../notices.js';
import { listenForSignals } from '../signals.js';
import { textWidth } from '../ui/style.js';
import { textTable } from '../ui/table.js';
import { contourChart } from './contour.js';

interface Asked extends Omit<PathsOptions, 'env' | 'signal' | 'onProgress' | 'ladder'> {
  readonly html: string | undefined;
  readonly force: boolean;
  readonly json: boolean;
}

/** Lines of the chart's area: with title, table and prompt it fits a terminal of 24 lines. */
const HEIGHT = 13;

/**
 * Walks, and shows the paths.
 *
 * @param name of the surface
 * @param what optimizers, as `compare` takes them
 * @param asked options, and how to show
 * @param io where to
 * @returns the exit code: 3 when every path diverged
 */
export async function showPaths(
  name: string,
  what: readonly string[],
  { html, force, json, ...options }: Asked,
  io: Io,
): Promise<ExitCode> {
  const stop = listenForSignals(io, { words: 'Stopping. Nothing is written.' });
  try {
    const target = html === undefined ? undefined : { file: html, force };
    const around = { env: io.env, signal: stop.signal, onProgress: showNotices(io, json) };
    const write = target && writePathsPage(target);
    const found = await paths(name, what, { ...options, ...around, ladder: html !== undefined });
    if (found === null) return stop.exitCode ?? EXIT.failed;
    const bytes = write?.(found);
    if (json) io.print(jsonLine(toJson(found)));
    else {
      for (const line of described(found, textWidth(io.stdout), io)) io.print(line);
      if (bytes !== undefined) io.print(`page: ${html} (${Math.ceil(bytes / 1024)} KB)`);
    }
    const all = found.variants.flatMap((variant) => variant.paths);
    return all.every(({ divergedAt }) => divergedAt !== null) ? EXIT.diverged : EXIT.done;
  } finally {
    stop.release();
  }
}

function described({ surface, steps, starts, seed, variants }: Paths, width: number, io: Io): string[] {
  const { bold, dim, colored: color } = io.style.out;
  const from = starts.map(([x, y]) => `(${x}, ${y})`).join(' and ');
  const noise = surface.noise === 0 ? '' : `, noise of seed ${seed}`;
  const trails = variants.map((variant) => ({
    name: variant.name,
    paths: variant.paths.map(({ points }) => points),
  }));
  const head = [
    'variant',
    'lr',
    ...(starts.length > 1 ? ['from'] : []),
    'arrives',
    `after ${plural(steps, 'step')}`,
  ];
  const rows = variants.flatMap((variant) =>
    variant.paths.map((path, i) => [
      i === 0 ? variant.name : '',
      i === 0 ? lrText(variant) : '',
      ...(starts.length > 1 ? [pointText(starts[i]!)] : []),
      arrival(path),
      ending(path),
    ]),
  );
  const chosen = variants.some((variant) => lrText(variant).endsWith(' *'));
  const same = variants.some(endsAlike);
  return [
    `${bold(surface.name)}: f(x, y) = ${surface.formula}`,
    ...contourChart({ ...surface, starts }, trails, { width, height: HEIGHT, color }).split('\n'),
    `From ${from}${noise}; who stays at f ≤ ${surface.goal} has arrived.`,
    ...textTable({ head, rows, texts: ['variant'] }, bold, width),
    ...(chosen ? [dim(`* the best of ${LADDER.length} tried, as none is named: optimizer.lr=0.01`)] : []),
    ...(same ? [dim(`any: all ${LADDER.length} tried end alike from there, as none is named`)] : []),
  ];
}

/** The learning rate, and whether it was chosen; where all that were tried end alike, none is better than another. */
function lrText(variant: PathsVariant): string {
  if (variant.isLrNamed) return formatLr(variant.lr);
  return endsAlike(variant) ? 'any' : `${formatLr(variant.lr)} *`;
}

/** What is all but 0 has no sign. */
const thousandths = (value: number) => (Math.round(value * 1000) / 1000 + 0).toFixed(3);
const pointText = ([x, y]: Point) => `${formatLr(x)}, ${formatLr(y)}`;

function arrival({ reachedAt, divergedAt }: Path): string {
  if (divergedAt !== null) return `diverged at step ${formatCount(divergedAt)}`;
  return reachedAt === null ? 'not yet' : `step ${formatCount(reachedAt)}`;
}

function ending({ values, points, divergedAt }: Path): string {
  if (divergedAt !== null) return 'out of all bounds';
  const [x, y] = points.at(-1)!;
  return `f ${Number(values.at(-1)!.toPrecision(3))} at ${thousandths(x)}, ${thousandths(y)}`;
}

/** Everything as one object. */
export function toJson({ surface, variants, ...rest }: Paths): unknown {
  const { name, formula, minima, least, goal, noise } = surface;
  return toSnakeCase({
    type: 'paths',
    surface: { name, formula, minima, least, goal, noise },
    ...rest,
    variants: variants.map(({ ladder, ...variant }: PathsVariant) => ({
      ...variant,
      ladder: ladder.map(({ lr, paths: walked }) => ({
        lr,
        paths: walked.map(({ reachedAt, divergedAt, values }) => ({
          reachedAt,
          divergedAt,
          value: values.at(-1),
        })),
      })),
    })),
  });
}
