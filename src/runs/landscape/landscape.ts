import { UsageError } from '../../base/errors.js';
import { formatDuration, plural } from '../../base/format.js';
import type { Plane } from '../../train/landscape/plane.js';
import { samplesOf } from '../store/sample-noise.js';
import { isStopped, type Surroundings, tell } from '../surroundings.js';
import { checkWhole } from '../whole-number.js';
import { checkArguments, checkPlane } from './checks.js';
import { type Field, openField } from './field.js';
import { FLATNESS_POINTS, measureFlatness } from './flatness.js';
import { measureGrid, timedPoint, viewOf } from './grid.js';
import { keepMeasured } from './keep.js';
import { type MadePlane, principalPlane, randomPlane } from './planes.js';
import type {
  FlatRun,
  Landscape,
  LandscapeOptions,
  LandscapePath,
  LandscapeRun,
  PlaneKind,
} from './result.js';
import { type Retraced, retrace } from './retrace.js';
import { openSubjects, refuseUnlike, type Subject } from './subject.js';

const MOST_POINTS = 201;
const FLOAT_BYTES = 4;
const DOUBLE_BYTES = 8;

/**
 * Measures the loss on a plane through a run's weights: along two random directions that are normalised by filters, along those in
 * which the run itself went, or through several runs; and how much it rises around each run. Nothing is written.
 *
 * @param paths folders of runs, or checkpoints in them
 * @param options see there
 * @returns what was measured; null when it was told to stop
 * @throws UsageError for runs that are not there, or have no common plane; LossnetError when data cannot be had
 */
export async function landscape(
  paths: readonly string[],
  options: LandscapeOptions = {},
): Promise<Landscape | null> {
  const { resolution = 21, range = 1, seed = 0, part = 'val', overrides = [], weights } = options;
  checkWhole('resolution', resolution, 3, MOST_POINTS);
  checkWhole('seed', seed, 0, 2 ** 31 - 1);
  checkArguments(paths, resolution, range);
  const kind = options.plane ?? (paths.length > 1 ? 'runs' : 'random');
  checkPlane(kind, paths);
  const subjects = openSubjects(paths, weights, overrides);
  const [main, ...others] = subjects as [Subject, ...Subject[]];
  refuseUnlike(subjects, part);
  const way = kind === 'path' ? await wayOf(main, options) : null;
  if (kind === 'path' && way === null) return null;
  const isLimited = overrides.some((text) => text.startsWith('evaluation.limit='));
  const field = await openField(main, part, isLimited, options);
  try {
    const made = planeOf(kind, subjects, way, { ...field, seed });
    const places = subjects.map(({ state }) => made.plane.place(state));
    const steps = way?.states.map((state) => made.plane.place(state)) ?? [];
    const view = viewOf(kind, [...places, ...steps], range);
    const total = resolution ** 2 + subjects.length * FLATNESS_POINTS;
    const losses = await measureRuns(subjects, field, options);
    if (losses === null) return null;
    const timed = await timedPoint(made.plane.point(view.x[0], view.y[0]), field);
    if (timed === null) return null;
    const bytes = bytesOf(main, subjects.length + (way?.states.length ?? 0));
    options.onBegin?.({ points: total, samples: field.samples, secondsPerPoint: timed, bytes });
    const progress = progressOf(total, options);
    const runs: LandscapeRun[] = [];
    for (const [i, subject] of subjects.entries()) {
      field.load(subject.state);
      const loss = losses[i]!;
      const flatness = await measureFlatness(subject, field, { seed, loss }, progress);
      if (flatness === null) return null;
      runs.push({ path: subject.path, name: subject.name, ...placeOf(places[i]!), loss, flatness });
    }
    field.load(main.state);
    const values = await measureGrid(made.plane, view, resolution, field, progress);
    if (values === null) return null;
    const { name, sha256, standsInFor } = field.identity;
    return {
      plane: kind,
      shares: made.shares,
      ...view,
      resolution,
      values,
      runs,
      path: way && { ...pathOf(way, steps), recordedSamples: samplesOf('eval_loss', main.record) },
      part: main.isOther ? 'other' : part,
      data: { name, sha256, standsInFor },
      samples: field.samples,
      seed,
      statistics: statisticsOf(kind, main),
    };
  } finally {
    field.dispose();
    for (const { plan } of others) plan.model.dispose();
  }
}

/**
 * Measures only how much the loss rises around runs, each by itself, and keeps it with them: what the report of a comparison shows.
 *
 * @param paths folders of runs, or checkpoints in them
 * @param options see there; those of a plane do not count
 * @returns the runs with their flatness, and where it is kept: see `keepMeasured`; null when it was told to stop
 * @throws as `landscape`
 */
export async function flatness(
  paths: readonly string[],
  options: LandscapeOptions = {},
): Promise<FlatRun[] | null> {
  const { seed = 0, part = 'val', overrides = [], weights } = options;
  checkWhole('seed', seed, 0, 2 ** 31 - 1);
  checkArguments(paths, 3, 1);
  const subjects = openSubjects(paths, weights, overrides);
  const isLimited = overrides.some((text) => text.startsWith('evaluation.limit='));
  const points = subjects.length * FLATNESS_POINTS;
  const progress = progressOf(points, options);
  const found = [];
  for (const subject of subjects) {
    const field = await openField(subject, part, isLimited, options);
    try {
      const loss = await field.at(subject.state);
      if (loss === null) return null;
      if (subject === subjects[0]) {
        const secondsPerPoint = await timedPoint(subject.state, field);
        if (secondsPerPoint === null) return null;
        options.onBegin?.({ points, samples: field.samples, secondsPerPoint, bytes: bytesOf(subject, 1) });
      }
      const own = await measureFlatness(subject, field, { seed, loss }, progress);
      if (own === null) return null;
      found.push({ path: subject.path, name: subject.name, loss, flatness: own });
    } finally {
      field.dispose();
    }
  }
  // All or none: who stops it is told that nothing is written.
  const kept = keepMeasured(found, options, true);
  return found.map((own, i) => ({ ...own, kept: kept[i]! }));
}

async function wayOf(main: Subject, surroundings: Surroundings): Promise<Retraced | null> {
  const { record, path } = main;
  const total = record.epochs.length;
  if (total === 0)
    throw new UsageError('LOSSNET_USAGE', `${path} has no epoch that came to its end, and no path.`);
  const seconds = record.timings.reduce(
    (sum, { train_seconds, eval_seconds }) => sum + train_seconds + eval_seconds,
    0,
  );
  const text = `Retracing ${path}: it is trained once more in memory, to learn where it was after each epoch.`;
  const cost = seconds > 0 ? ` Its ${plural(total, 'epoch')} took ${formatDuration(seconds)}.` : '';
  tell(surroundings, { type: 'message', text: `${text}${cost}` });
  const way = await retrace(main, surroundings);
  if (way !== null && !way.isExact) {
    tell(surroundings, {
      type: 'warning',
      text: `The path is not that of ${path} to the last bit: trained once more, a loss is another by ${(way.largestDifference * 100).toPrecision(2)} %`,
      remedy:
        'Another processor, other threads, or a run that was gone on with under other values; its end may lie beside the run.',
    });
  }
  return way;
}

function planeOf(
  kind: PlaneKind,
  subjects: readonly Subject[],
  way: Retraced | null,
  space: Field & { readonly seed: number },
): MadePlane {
  const origin = subjects[0]!.state;
  if (kind === 'random') return randomPlane(origin, space);
  // As in the paper, the statistics of norms stay those of the run, for its whole way; those of several runs are all as they should be.
  const names = new Set(space.parameters.map(({ name }) => name));
  const states =
    kind === 'path'
      ? way!.states.map((state) => new Map([...state].filter(([name]) => names.has(name))))
      : subjects.map(({ state }) => state);
  const made = principalPlane(states, origin, space);
  if (made !== null) return made;
  const [what, help] =
    kind === 'path'
      ? [`${subjects[0]!.path} never moved`, 'Choose --plane random.']
      : ['these runs have the same weights', 'Name others, or one of them alone.'];
  throw new UsageError('LOSSNET_USAGE', `There is no plane: ${what}.`, help);
}

async function measureRuns(
  subjects: readonly Subject[],
  field: Field,
  surroundings: Surroundings,
): Promise<number[] | null> {
  const losses: number[] = [];
  for (const { state } of [...subjects].reverse()) {
    const loss = await field.at(state);
    if (loss === null || isStopped(surroundings)) return null;
    losses.unshift(loss);
  }
  return losses;
}

function progressOf(total: number, surroundings: Surroundings): () => void {
  let done = 0;
  return () => {
    done += 1;
    tell(surroundings, { type: 'prepare', what: 'Measuring the loss', done, total });
  };
}

function statisticsOf(kind: PlaneKind, { state }: Subject): Landscape['statistics'] {
  if (![...state.keys()].some((name) => name.endsWith('running_var'))) return 'none';
  return kind === 'runs' ? 'moving' : 'fixed';
}

/** Copies of the weights that are held at once, in the precision that each has. */
function bytesOf({ state }: Subject, states: number): number {
  const numbers = [...state.values()].reduce((sum, { length }) => sum + length, 0);
  // A state more is the point that is measured; two directions, and of a plane of states their differences.
  return numbers * (FLOAT_BYTES * (states + 1) + DOUBLE_BYTES * (2 + (states > 1 ? states : 0)));
}

/** What is nearer than rounding could tell lies in the plane. */
function placeOf({ at, off }: ReturnType<Plane['place']>): Pick<LandscapeRun, 'at' | 'off'> {
  const reach = Math.hypot(...at);
  return { at, off: off < 1e-5 * Math.max(reach, 1) ? 0 : off };
}

function pathOf(
  { epochs, losses, isExact, largestDifference }: Retraced,
  steps: readonly ReturnType<Plane['place']>[],
): Omit<LandscapePath, 'recordedSamples'> {
  const points = epochs.map((epoch, i) => ({ epoch, ...placeOf(steps[i]!), evalLoss: losses[i]! }));
  return { points, isExact, largestDifference };
}
