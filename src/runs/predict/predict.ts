import { setImmediate as nextTurn } from 'node:timers/promises';
import { UsageError } from '../../base/errors.js';
import { type Plan, planRun } from '../../config/index.js';
import { type Probabilities, probabilitiesOf } from '../../train/loss/index.js';
import { logShares } from '../../train/task/class-scores.js';
import type { Target } from '../../train/task/index.js';
import { outputsOf, predictorOf } from '../export/predictor.js';
import { isStopped } from '../surroundings.js';
import { openTrained, type Trained } from '../trained/open.js';
import type { Predictor, RawInputs } from '../trained/predictor.js';
import { checkWhole } from '../whole-number.js';
import { arrays } from './arrays.js';
import { pictureOptions, pictures } from './pictures.js';
import type { Answer, Prediction, PredictOptions } from './result.js';
import { rows } from './rows.js';
import { AT_ONCE, type SampleStream } from './samples.js';
import { continuations } from './text.js';

const NOT_FINITE = 'what the model says of it is not a finite number';

/**
 * Has a trained model say what it thinks of pictures, rows of tables, arrays or texts. They become inputs as in training. What
 * cannot be used is told of in its place, and the rest is done.
 *
 * @param path a run, a checkpoint in one, or an exported model
 * @param inputs files, folders of pictures, or `-` for `options.stdin`
 * @param options which weights, how much is told
 * @returns yields a prediction for each sample, in order
 * @throws UsageError when there is no such model; LossnetError when its weights are damaged, or nothing comes from a stream
 */
export async function* predict(
  path: string,
  inputs: readonly string[],
  options: PredictOptions = {},
): AsyncGenerator<Prediction> {
  const { top = 3, prompts = [] } = options;
  checkWhole('top', top, 1);
  checkWhole('length', options.length, 1);
  const trained = openTrained(path, options.weights);
  const { preprocessing, resolved } = trained;
  const plan = planRun(resolved, false, preprocessing.spec);
  const isText = preprocessing.spec.input.kind === 'tokens';
  checkAsked(path, options, isText);
  if (inputs.length + prompts.length === 0) {
    throw new UsageError(
      'LOSSNET_USAGE',
      'There is nothing to predict.',
      isText ? 'Say how a text begins: --prompt "Once"' : 'Name files, or - for standard input.',
    );
  }
  const predictor = await predictorOf(trained, plan, isText ? 1 : AT_ONCE, options);
  const probabilities = probabilitiesOf(plan.config.loss.type);
  try {
    if (isText) {
      for await (const some of continuations(inputs, { predictor, preprocessing, probabilities }, options))
        yield* some;
      return;
    }
    const about = { target: preprocessing.spec.target, probabilities, top };
    for await (const samples of samplesOf(inputs, trained, plan, options)) {
      const good = samples.flatMap((sample) => ('inputs' in sample ? [sample.inputs] : []));
      const said = await answersTo(good, predictor, about);
      let next = 0;
      for (const sample of samples) {
        if ('error' in sample) {
          yield sample;
          continue;
        }
        const { inputs: _, unseen, ...place } = sample;
        const answer = said[next++]!;
        if (answer === null) yield { ...place, error: NOT_FINITE };
        else yield { ...place, answer, ...(unseen && { unseen }) };
      }
      await nextTurn(); // So that a signal is heard.
      if (isStopped(options)) return;
    }
  } finally {
    predictor.dispose();
  }
}

function samplesOf(
  inputs: readonly string[],
  { preprocessing }: Trained,
  { config }: Plan,
  options: PredictOptions,
): SampleStream {
  const { dataset } = config;
  const { input } = preprocessing.spec;
  if (dataset.type === 'arrays') return arrays(inputs, dataset, preprocessing, options);
  if (input.kind === 'image') {
    const isArray = inputs.length > 0 && inputs.every((name) => /\.(npy|npz|safetensors)$/.test(name));
    if (!isArray) return pictures(inputs, pictureOptions(config, input), options);
  }
  if (dataset.type === 'csv') return rows(inputs, dataset, preprocessing, options);
  return arrays(inputs, { inputs: null, imageOrder: null, flatten: false }, preprocessing, options);
}

async function answersTo(
  inputs: readonly RawInputs[],
  predictor: Predictor,
  about: Parameters<typeof answerer>[0],
): Promise<(Answer | null)[]> {
  if (inputs.length === 0) return [];
  const answer = answerer(about);
  const outputs = await outputsOf(predictor, packed(inputs), inputs.length);
  const each = outputs.length / inputs.length;
  return inputs.map((_, i) => answer(outputs.subarray(i * each, (i + 1) * each)));
}

function packed(inputs: readonly RawInputs[]): RawInputs {
  const [first] = inputs;
  const length = first!.length;
  const Values =
    first instanceof Uint8Array ? Uint8Array : first instanceof Int32Array ? Int32Array : Float32Array;
  const whole = new Values(inputs.length * length);
  for (const [i, own] of inputs.entries()) whole.set(own, i * length);
  return whole;
}

/** Options that are of other models are mistakes. */
function checkAsked(path: string, options: PredictOptions, isText: boolean): void {
  const { prompts = [], length, temperature } = options;
  const asked = [
    ...(prompts.length > 0 ? ['--prompt'] : []),
    ...(length === undefined ? [] : ['--length']),
    ...(temperature === undefined ? [] : ['--temperature']),
  ];
  if (isText || asked.length === 0) return;
  throw new UsageError(
    'LOSSNET_USAGE',
    `${asked.join(', ')}: ${path} is no model of texts.`,
    'Name files to predict.',
  );
}

/**
 * @param about what is told: classes or values; how the loss makes probabilities of outputs; how many classes
 * @returns what makes an answer of a sample's outputs. Of equal outputs the first class is the likelier, as in evaluation; null
 * where they are not finite
 */
function answerer({
  target,
  probabilities,
  top,
}: {
  readonly target: Target;
  readonly probabilities: Probabilities | null;
  readonly top: number;
}): (outputs: Float32Array) => Answer | null {
  const { names } = target;
  if (target.kind === 'value') {
    return (outputs) => {
      if (!outputs.every(Number.isFinite)) return null;
      return { kind: 'values', values: Object.fromEntries(names.map((name, k) => [name, outputs[k]!])) };
    };
  }
  const logs = new Float64Array(names.length);
  return (outputs) => {
    if (!outputs.every(Number.isFinite)) return null;
    const whole = probabilities === null ? 0 : logShares(outputs, probabilities, logs);
    const order = [...names.keys()].sort((a, b) => outputs[b]! - outputs[a]! || a - b).slice(0, top);
    return {
      kind: 'classes',
      top: order.map((index) => ({
        class: names[index]!,
        probability: probabilities === null ? null : Math.exp(logs[index]! - whole),
      })),
    };
  };
}
