import type { Machine } from '../machine.js';
import { median } from '../statistics.js';
import {
  type Carried,
  CORES,
  type Computed,
  SIZES,
  SUBJECTS,
  type Subject,
  situationOf,
  WAYS,
} from './measure-model.js';
import { type Carriage, type Compute, fitCarriage, fitCompute, stepSeconds, type Way } from './model.js';
import { dataRate } from './network.js';
import { describe, table } from './table.js';

/** What `npm run bench:parallel -- --model` found. */
export interface ModelResults {
  readonly machine: Machine;
  readonly computed: readonly Computed[];
  readonly carried: readonly Carried[];
}

/** What the model is asked for: as many machines, each with a connection of so many bits per second. */
const MACHINES = [8, 16, 64, 256] as const;
const BITS_PER_SECOND = 1e10;
/** Seconds from a machine to another in one room, by way of a switch and both kernels. */
const LATENCY = 50e-6;
/** Samples of each rank. */
const BATCHES = { tutorial: [64, 256], resnet: [32] } as const;

/**
 * @param results what was measured
 * @returns the part of the page that says what the model is, how right it was, and what it tells
 */
export function modelReport({ machine, computed, carried }: ModelResults): string {
  const beside = (model: Subject['model']) => computeOf(computed, model, 'beside');
  const alone = (model: Subject['model']) => computeOf(computed, model, 'alone');
  const carriage = Object.fromEntries(
    WAYS.map((way) => {
      const fitted = carried.filter((each) => each.way === way && isFitted(each));
      const points = fitted.map((each) => {
        const about = situationOf(each);
        return {
          about,
          seconds: each.seconds - about.share * computing(beside(each.model), each.batch / each.ranks),
        };
      });
      return [way, fitCarriage(points)];
    }),
  ) as Record<Way, Carriage>;

  const checks = carried.map((each) => {
    const predicted = stepSeconds(situationOf(each), beside(each.model), carriage[each.way]);
    return { ...each, predicted, ratio: predicted / each.seconds };
  });
  const ratios = (isSlowed: boolean) =>
    checks
      .filter((each) => !isFitted(each) && (each.bitsPerSecond !== null) === isSlowed)
      .map(({ ratio }) => ratio);
  const [told, unslowed] = [ratios(true), ratios(false)];
  const checkRows = checks.map((each) => [
    each.model,
    each.ranks,
    rateText(each.bitsPerSecond),
    WORDS[each.way],
    ms(each.predicted),
    ms(each.seconds),
    isFitted(each) ? 'fitted' : each.ratio.toFixed(2),
  ]);
  const size = (model: Subject['model']) => carried.find((each) => each.model === model)!.bytes;
  const link = { bytesPerSecond: dataRate(BITS_PER_SECOND), latency: LATENCY };
  const futureRows = SUBJECTS.flatMap(({ model }) =>
    BATCHES[model].flatMap((own) =>
      MACHINES.map((ranks) => {
        const cells = WAYS.flatMap((way) => {
          const about = { way, ranks, share: 1, batch: own * ranks, bytes: size(model), link };
          const seconds = stepSeconds(about, alone(model), carriage[way]);
          return [ms(seconds), share(computing(alone(model), own) / seconds)];
        });
        return [model, own, ranks, ms(computing(alone(model), own)), ...cells];
      }),
    ),
  );
  return `# More machines, on paper

${describe(machine)}; written by \`npm run bench:parallel -- --model\` from what it measured, each once.

A step as a sum, in which nothing overlaps. A rank computes its samples, then the vectors of all are added up:

    step    = s * (perStep + perSample * batch / ranks) + carry
    carry   = count * (perMessage + latency + bytes * (s * perByte + 1 / bytesPerSecond))

\`count\` messages of \`bytes\` follow each other on each rank. With \`parallel.parts\` at \`null\`, TensorFlow's ring sends
2 (ranks - 1) messages of the vector's size divided by the ranks; with as many parts as ranks, the gather sends ranks - 1 whole vectors. \`s\`
is by how many ranks a core is shared, with 4 ranks on ${CORES} cores 2: all compute and copy at the same time, but who waits for a
message leaves the core to others. A vector has ${SUBJECTS.map(({ model }) => `${mb(size(model))} (${model})`).join(' and ')}.

What the program takes was fitted: computing on single processes, each with a core (below, while another computes on the other core);
carrying on two ranks whose network nothing slows down.

${table(
  ['model', 'ms for each step', 'ms for each sample', 'the same, alone on the machine'],
  SUBJECTS.map(({ model }) => {
    const [with2, one] = [beside(model), alone(model)];
    return [model, ms(with2.perStep), ms(with2.perSample), `${ms(one.perStep)}, ${ms(one.perSample)}`];
  }),
)}

${table(
  ['sums', 'ms for each message', 'ms for each MB'],
  WAYS.map((way) => [WORDS[way], ms(carriage[way].perMessage), ms(carriage[way].perByte * 1e6)]),
)}

## Held against what was measured

Ranks in network namespaces of one machine, with ${CORES} cores for all of them, on pairs of veth and a bridge. A token bucket at both
ends of each cable slows it down, each way; one of 1 Gbit/s lets ${mb(dataRate(1e9))} a second through without the headers of its packets. Nothing
of the slowed steps was fitted: the model tells ${least(told)} to ${most(told)} times what they took, in the median ${median(told).toFixed(2)}. Where
nothing slows the network down, two ranks were fitted; with ${SIZES.at(-1)}, ${least(unslowed)} to ${most(unslowed)} times. That a shared core slows bytes
down and not messages was chosen when these were seen, so they are no check of it; the slowed ones are.

${table(['model', 'ranks', 'network', 'sums', 'predicted, ms', 'measured, ms', 'predicted / measured'], checkRows)}

## ${MACHINES[0]} to ${MACHINES.at(-1)} machines with 10 Gbit/s

Each rank has a machine like this one, with one core for computing, ${(LATENCY * 1e6).toFixed(0)} µs to each other one, and the same number of samples
however many they are: so the batch grows with the ranks. Efficiency is the share of a step in which a rank computes.

${table(
  [
    ...['model', 'samples of a rank', 'ranks', 'computing, ms'],
    ...WAYS.flatMap((way) => [`${WORDS[way]}: step, ms`, 'efficiency']),
  ],
  futureRows,
)}

What the model leaves out, and what it cannot know:

- It was checked up to ${SIZES.at(-1)} ranks, 1 Gbit/s, and hardly any latency: the kernel here can slow a network down, but not
  delay it. All beyond is what the formula says, and the latency is an assumption.
- What a message and a byte take was measured with ${CORES} ranks on ${CORES} cores, where TensorFlow's threads, the kernel's work and
  computing share them. Machines with more cores than ranks carry faster: the figures are rather too low for them. With more threads
  for computing, a step is shorter and its efficiency lower.
- All ranks compute for the same time. The slowest of 256 decides in truth, and a ring waits for each of its members in turn.
- The switch has room for all cables at once, nobody else uses it, and no packet is lost.
- It knows nothing of reading data, evaluations and checkpoints, which the others wait for, nor of a step that overlaps
  computing with adding up.
`;
}

const WORDS: Record<Way, string> = { ring: 'ring', ordered: 'parts in order' };

const isFitted = ({ ranks, bitsPerSecond }: Carried): boolean => ranks === SIZES[0] && bitsPerSecond === null;

function computeOf(
  computed: readonly Computed[],
  model: Subject['model'],
  kind: 'alone' | 'beside',
): Compute {
  const own = computed.filter((each) => each.model === model);
  return fitCompute(own.map((each) => ({ samples: each.samples, seconds: each[kind] })));
}

const computing = ({ perStep, perSample }: Compute, samples: number): number => perStep + perSample * samples;

const rateText = (bitsPerSecond: number | null): string =>
  bitsPerSecond === null
    ? 'not slowed'
    : bitsPerSecond >= 1e9
      ? `${bitsPerSecond / 1e9} Gbit/s`
      : `${bitsPerSecond / 1e6} Mbit/s`;

/** Seconds as milliseconds, with three digits. */
function ms(seconds: number): string {
  const value = seconds * 1000;
  return value >= 100 ? value.toFixed(0) : `${Number(value.toPrecision(3))}`;
}

const least = (values: readonly number[]): string => Math.min(...values).toFixed(2);
const most = (values: readonly number[]): string => Math.max(...values).toFixed(2);
const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const share = (value: number): string => `${(value * 100).toFixed(value < 0.1 ? 1 : 0)} %`;
