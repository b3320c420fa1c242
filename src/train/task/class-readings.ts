import type { LossFunction } from '../loss/index.js';
import { type ClassReading, ClassTally, classReader } from './class-scores.js';
import type { Readings } from './scores.js';

/**
 * @param names of the classes
 * @param loss the loss
 * @returns what keeps what is said of each sample; one that does not count is kept, and counts for nothing
 */
export function classReadings(names: readonly string[], loss: LossFunction): Readings {
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
