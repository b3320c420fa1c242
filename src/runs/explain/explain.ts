import { join } from 'node:path';
import { LossnetError, UsageError } from '../../base/errors.js';
import { exists } from '../../base/read.js';
import {
  buildRun,
  type Config,
  lossOptions,
  type Plan,
  type ResolvedConfig,
  type Run,
} from '../../config/index.js';
import { sampleNoun } from '../../train/data/dataset.js';
import { type RecordedStep, recordStep } from '../../train/explain/record.js';
import { followSample } from '../../train/explain/sample.js';
import { tryOut } from '../../train/explain/trials.js';
import { type ExplainedUpdate, explainUpdate } from '../../train/explain/update.js';
import { writeFormula } from '../../train/formula.js';
import { createLoss } from '../../train/loss/index.js';
import { dimensions } from '../../train/model/shape.js';
import { clipFormula } from '../../train/optim/clip.js';
import { isInGroup } from '../../train/optim/groups.js';
import type { Progress } from '../../train/progress.js';
import { scheduleFormula } from '../../train/schedule/formula.js';
import { createSchedule } from '../../train/schedule/index.js';
import { afterWarmup, warmupLength } from '../../train/schedule/warmup.js';
import type { RunFolder } from '../store/folder.js';
import { identityOf, readRun } from '../store/read.js';
import { isStopped, tell } from '../surroundings.js';
import { type Data, prepare } from '../train/prepare.js';
import { checkWhole } from '../whole-number.js';
import { placeOf, type Wanted, wantedParameter } from './parameter.js';
import { divergedAt, type Reached, reach } from './reach.js';
import type { ExplainOptions, Explanation } from './result.js';
import { targetOf, viewOf } from './sample.js';
import { type ExplainSource, explainSource } from './source.js';

/**
 * One training step in its numbers: makes it with the run's own engine, loop, loss and optimizer, and follows one sample through the
 * layers and one number through gradient, clipping and update. Writes nothing.
 *
 * @param what a configuration, trained up to the step; or the folder of a run: its next step, or its last where it is over
 * @param options which step, sample and parameter; told what takes long; stops it
 * @returns the step; null when it was told to stop
 * @throws UsageError when there is no such step, sample or parameter; ConfigError, LossnetError when it cannot be trained
 */
export async function explain(
  what: ResolvedConfig | string,
  options: ExplainOptions = {},
): Promise<Explanation | null> {
  checkWhole('step', options.step, 1, Number.MAX_SAFE_INTEGER);
  checkWhole('sample', options.sample, 0, Number.MAX_SAFE_INTEGER);
  const source = explainSource(what, options);
  const { plan } = source;
  const wanted = wantedParameter(options.parameter, plan.model);
  const data = await prepare(plan, options);
  if (data === null) return null;
  if (source.folder !== null) checkSameData(source.folder, data);
  const run = buildRun(plan, data, source.folder?.checkpoints ?? null);
  for (const text of run.warnings) tell(options, { type: 'warning', text });
  try {
    const total = plan.config.epochs * Math.ceil(run.parts.loader.length / plan.config.accumulate);
    const reached = await reach(source, run, total, options);
    if (reached === null || isStopped(options)) return null;
    return explained({ source, data, run, total, wanted, reached }, options.sample ?? 0);
  } finally {
    run.parts.program.dispose();
    run.parts.optimizer.dispose();
    plan.model.dispose();
  }
}

/** A checkpoint knows what it was trained on; without one, the run's records do. */
function checkSameData(folder: RunFolder, { train }: Data): void {
  if (exists(join(folder.checkpoints, 'resume.safetensors'))) return;
  const recorded = identityOf(readRun(folder.path), 'train');
  if (recorded === null || recorded.sha256 === train.identity.sha256) return;
  throw new LossnetError(
    'LOSSNET_DATA_CHANGED',
    `${folder.path} was trained on ${recorded.records} samples of ${recorded.name}, sha256 ${recorded.sha256.slice(0, 16)}; those that are there now are ${train.identity.records}, sha256 ${train.identity.sha256.slice(0, 16)}.`,
    `Bring the same data back, or explain it as a configuration of its own: lossnet explain ${folder.config}`,
  );
}

interface Job {
  readonly source: ExplainSource;
  readonly data: Data;
  readonly run: Run;
  /** Steps of the whole run. */
  readonly total: number;
  readonly wanted: Wanted;
  readonly reached: Reached;
}

function explained({ source, data, run, total, wanted, reached }: Job, sample: number): Explanation {
  const { plan } = source;
  const { config, model } = plan;
  const { parts } = run;
  const { progress } = reached;
  const noun = sampleNoun(data.train.spec);
  // The position of the step: the record of it goes on.
  const at = { epoch: progress.epoch, step: progress.step, batch: progress.batch };
  const batches = [...firstOf(parts.loader.epoch(at.epoch, at.batch), config.accumulate)];
  const sizes = batches.map(({ size }) => size);
  const place = placeIn(sizes, sample, noun);
  const batch = batches[place.batch]!;
  const lossFunction = createLoss(lossOptions(config.loss, run.classWeights));
  const { task } = parts.program;
  const pass = followSample(model, batch, place.index, { task, lossFunction });

  const step = recordStep(parts, model, progress, wanted.choose);
  if (!('subject' in step)) throw divergedAt(at.step + 1, step.diverged?.tensor ?? 'the loss itself');
  const update = explainUpdate(parts.optimizer, step);
  const trials = tryOut(parts, step);
  const { parameter, index } = step.subject;
  const { target } = data.train.spec;
  return {
    ...{ source: source.name, data: data.train.identity.name, noun, engine: run.engine },
    ...(data.standsInFor !== undefined && { standsInFor: data.standsInFor }),
    ...{ optimizer: config.optimizer.type, schedule: config.schedule.type },
    step: {
      ...{ number: at.step + 1, epoch: at.epoch + 1, batch: at.batch + 1, sizes, from: reached.from },
      ...{ batchesPerEpoch: parts.loader.length, ofSteps: reached.ofSteps },
    },
    sample: {
      ...viewOf(batch, place.index, data.train.spec, data.preprocessing),
      ...{ index: sample, target: targetOf(batch, place.index, data.train.spec) },
      ...(target.kind === 'class' && target.length !== undefined && { targets: target.length }),
      isStandardised: target.kind === 'value' && target.std != null,
    },
    input: dimensions(model.input),
    layers: pass.layers,
    outputs: pass.outputs.map((output, k) => ({ name: target.names[k]!, ...output })),
    loss: {
      ...{ type: config.loss.type, value: pass.loss, formula: pass.formula },
      about: pass.about === null ? null : target.names[pass.about]!,
      ...{ reduction: lossFunction.reduction, divisor: step.divisor },
      total: step.result.batches.reduce((sum, each) => sum + each.total, 0),
      ...{ mean: trials.loss.before, after: trials.loss.after, isToGrow: config.optimizer.maximize },
    },
    parameter: {
      ...{
        name: parameter.name,
        shape: parameter.shape,
        index: placeOf(step.subject),
        chosen: wanted.chosen,
      },
      ...{ trained: model.trainableCount, frozen: model.parameterCount - model.trainableCount },
      before: (step.before.state.get(parameter) as Float32Array)[index]!,
      after: step.data[index]!,
    },
    gradient: { ...gradientOf(step, config), nudge: trials.nudge, unzeroed: trials.unzeroed },
    learningRate: learningRateOf(plan, progress, at, total, update, parameter.name),
    update,
  };
}

function gradientOf(
  { grad, subject, result }: RecordedStep,
  config: Config,
): Omit<Explanation['gradient'], 'nudge' | 'unzeroed'> {
  const { index } = subject;
  const used = grad.used[index]!;
  const norm = result.gradNorm;
  const clipping = norm === null ? null : clipFormula(config, norm, { g: grad.each.at(-1)!, clipped: used });
  const before = grad.before === null ? null : grad.before[index]!;
  return { before, each: grad.each, norm, clipping: clipping ? writeFormula(clipping) : [], used };
}

/** How the schedule came to the learning rate of the parameter's group. */
function learningRateOf(
  { config }: Plan,
  { history }: Progress,
  position: { readonly epoch: number; readonly step: number },
  steps: number,
  { lr: value }: ExplainedUpdate,
  name: string,
): Explanation['learningRate'] {
  const { optimizer, schedule } = config;
  const found = optimizer.groups.findIndex((group) => isInGroup(group, name));
  const group = optimizer.groups[found];
  const lr = group?.lr ?? optimizer.lr;
  const own =
    schedule.type === 'one_cycle' && group?.maxLr !== undefined
      ? { ...schedule, maxLr: group.maxLr }
      : schedule;
  const total = { epoch: config.epochs, step: steps };
  const rest = afterWarmup(total, warmupLength(own.warmup, total));
  const start = createSchedule({ ...own, warmup: null }, lr, rest).at({ epoch: 0, step: 0 }, history);
  const { symbols, lines } = scheduleFormula(own, { lr, total, position, history, first: start.lr });
  const formula = writeFormula({
    symbols,
    lines: lines.map((line) => ({ ...line, value: line.value ?? value })),
  });
  return { value, formula, group: found < 0 ? null : found };
}

function placeIn(sizes: readonly number[], sample: number, noun: string): { batch: number; index: number } {
  let index = sample;
  for (const [batch, size] of sizes.entries()) {
    if (index < size) return { batch, index };
    index -= size;
  }
  const count = sizes.reduce((sum, size) => sum + size, 0);
  throw new UsageError(
    'LOSSNET_USAGE',
    `sample ${sample} is out of range: the step has ${count} ${noun}${count === 1 ? '' : 's'}.`,
    `Name one from 0 to ${count - 1}.`,
  );
}

function* firstOf<Item>(items: Iterable<Item>, count: number): Generator<Item> {
  let taken = 0;
  for (const item of items) {
    yield item;
    taken += 1;
    if (taken === count) return;
  }
}
