import { lossAlone, toSnakeCase } from '../../config/index.js';
import { loadTensorFlow } from '../../train/backend/tensorflow.js';
import { LOSS_AXES, type LossAxis, type LossCurve, lossCurve } from '../../train/explain/loss-curve.js';
import type { LossOptions } from '../../train/loss/index.js';
import { type Surroundings, tell } from '../surroundings.js';

/** A loss and its slope over a range, beside the others of its kind. */
export interface LossCurves {
  readonly loss: string;
  /** Its options, with the keys of a file. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly against: LossAxis;
  readonly points: readonly number[];
  /** The one that was asked for first, the others as they are by default. */
  readonly curves: readonly (LossCurve & { readonly name: string })[];
}

const ALL = Object.keys(LOSS_AXES) as LossOptions['type'][];

/** As far as each is drawn, at least, and how many points it has on either side of 0. */
const REACH: Readonly<Record<LossAxis, number>> = { error: 3, logit: 6 };
const POINTS = 60;

/**
 * Draws a loss and its gradient, computed by the loss itself, against the error or the logit.
 *
 * @param type the loss
 * @param options such as `['delta=2']`
 * @param surroundings told when TensorFlow has to be provided first
 * @returns the curves of the loss and of the others
 * @throws ConfigError when there is no such loss, or it has no such option
 */
export async function explainLoss(
  type: string,
  options: readonly string[] = [],
  surroundings: Surroundings = {},
): Promise<LossCurves> {
  const own = lossAlone(type, options);
  const against = LOSS_AXES[own.type];
  await loadTensorFlow((text) => tell(surroundings, { type: 'message', text }));
  const knee = 'delta' in own ? own.delta : 'beta' in own ? own.beta : 0;
  const reach = Math.max(REACH[against], 2 * knee);
  const points = Array.from({ length: 2 * POINTS + 1 }, (_, i) => ((i - POINTS) * reach) / POINTS);
  const others = ALL.filter((other) => LOSS_AXES[other] === against && other !== own.type);
  const curves = [
    { name: [own.type, ...options].join(' '), ...lossCurve(own, points) },
    ...others.map((name) => ({ name, ...lossCurve(lossAlone(name, []), points) })),
  ];
  const { type: loss, ...rest } = toSnakeCase(own) as { type: string } & Record<string, unknown>;
  return { loss, options: rest, against, points, curves };
}

/** A chart of the curves. */
export interface CurveChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number, number])[];
  }[];
}

/** The curves as charts, the losses first and then their slopes. */
export function chartsOf({ points, curves, against }: LossCurves): CurveChart[] {
  const xLabel = against === 'error' ? 'error: output - target' : 'logit of what is right, the others at 0';
  const of = (key: 'loss' | 'gradient') =>
    curves.map(({ name, ...curve }) => ({
      name,
      points: points.map((x, i) => [x, curve[key][i]!] as const),
    }));
  return [
    { title: 'The loss', xLabel, yLabel: 'loss', series: of('loss') },
    {
      title: `Its gradient: how it changes with the ${against}`,
      xLabel,
      yLabel: 'gradient',
      series: of('gradient'),
    },
  ];
}

/** The asked-for loss at some of the points: a row each of point, loss and slope. */
export function rowsOf({ points, curves: [own] }: LossCurves): [number, number, number][] {
  const step = POINTS / 6;
  return points.flatMap((x, i) =>
    i % step === 0 ? [[x, own!.loss[i]!, own!.gradient[i]!] as [number, number, number]] : [],
  );
}
