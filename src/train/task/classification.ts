import { tensorflow } from '../backend/tensorflow.js';
import type { LossFunction } from '../loss/index.js';
import { oneHot } from '../loss/one-hot.js';
import { type ClassReading, ClassTally, classReader, classScores, furtherOfClasses } from './class-scores.js';
import { ACCURACY } from './metrics.js';
import type { Readings } from './scores.js';
import type { ClassTarget, Task } from './task.js';

/**
 * Which class a sample is of: the model gives a number for each, and says the class of the greatest.
 *
 *     accuracy = correct / counted,   chance = 1 / classes
 *
 * Samples of the class that the loss ignores are neither. Losses that take values compare the outputs with one-hot
 * targets, as `F.one_hot(targets, classes).float()` makes them.
 *
 * @param target the classes
 * @returns the task: targets are class indices [batch], int32
 */
export function classification({ names }: ClassTarget): Task {
  const classes = names.length;
  return {
    targets: { dtype: 'int32', shape: [] },
    outputs: classes,
    sums: { correct: 'count', counted: 'count' },
    measured: ['correct'],
    metrics: [{ ...ACCURACY, chance: 1 / classes, of: ({ correct, counted }) => correct! / counted! }],
    further: (probabilities) => furtherOfClasses(classes, probabilities),
    scores: (loss) => classScores(names, loss),
    readings: (loss) => classReadings(names, loss),

    forLoss: (outputs, targets, takes) => ({
      outputs,
      targets: takes === 'values' ? oneHot(targets, classes) : targets,
    }),

    divisor(targets, loss) {
      if (loss.takes === 'values') return targets.length * loss.weight(classes);
      let sum = 0;
      for (const target of targets) sum += loss.weight(target);
      return sum;
    },

    measure(outputs, targets, { ignoreIndex }) {
      const tf = tensorflow();
      const equal = tf.equal(tf.argMax(outputs, 1), targets);
      const canIgnore = ignoreIndex !== null && ignoreIndex >= 0 && ignoreIndex < classes;
      const hits = canIgnore
        ? tf.logicalAnd(equal, tf.notEqual(targets, tf.scalar(ignoreIndex, 'int32')))
        : equal;
      return { correct: tf.sum(tf.cast(hits, 'float32')) };
    },

    count(targets, { ignoreIndex }) {
      let counted = 0;
      for (const target of targets) if (target !== ignoreIndex) counted += 1;
      return { counted };
    },
  };
}

/**
 * @param names of the classes
 * @param loss the loss
 * @returns what keeps what is said of each sample; one that does not count is kept, and counts for nothing
 */
function classReadings(names: readonly string[], loss: LossFunction): Readings {
  const read = classReader(names.length, loss);
  const readings: (ClassReading | null)[] = [];
  return {
    add: (outputs, targets) => {
      for (const i of targets.keys()) readings.push(read(outputs, targets, i));
    },
    metrics(counts) {
      const tally = new ClassTally(names, loss.probabilities);
      for (const [i, reading] of readings.entries()) {
        if (reading !== null && counts[i]! > 0) tally.add(reading, counts[i]!);
      }
      return { accuracy: tally.accuracy(), ...tally.further() };
    },
  };
}
