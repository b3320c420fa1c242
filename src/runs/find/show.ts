import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { LossnetError } from '../../base/errors.js';
import { kindOf, namesIn } from '../../base/read.js';
import { configSchema, type Origin, planRun, type ResolvedConfig } from '../../config/index.js';
import { toJsonSchema } from '../../config/json-schema.js';
import { schemaAt, valueAt } from '../../config/validate/allowed.js';
import type { NamedLayer } from '../../train/model/layer.js';
import { dimensions, type InputShape } from '../../train/model/shape.js';
import { layerWork } from '../../train/model/work.js';
import { RunFolder } from '../store/folder.js';
import { type RunRecord, readRun } from '../store/read.js';
import { originFrom, sourcesIn } from '../store/sources.js';
import { overviewOf, type RunOverview, type RunSketch } from './overview.js';
import { sizeOf } from './size.js';

/** Bytes of a float32. */
const NUMBER_BYTES = 4;

/** A layer, and what it takes. */
export interface LayerDetails {
  /** PyTorch's name, such as `0` or `3.layers.0`. */
  readonly name: string;
  readonly type: string;
  /** The sizes of its output for one sample, in PyTorch's order. */
  readonly output: readonly number[];
  readonly parameters: number;
  /** Multiplications with weights, each with its addition, for one sample. */
  readonly multiplyAdds: number;
  /** Of its output, for a batch of the run's size. */
  readonly activationBytes: number;
}

export interface ModelDetails {
  readonly input: readonly number[];
  /** In the order of the configuration; layers inside another come before it, and count on their own. */
  readonly layers: readonly LayerDetails[];
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** Of all outputs of a batch: what training holds for the way back, besides weights and what kernels need. */
  readonly activationBytes: number;
  readonly batchSize: number;
}

/** A file of weights. */
export interface CheckpointFile {
  readonly file: string;
  readonly bytes: number;
}

/** All there is to see of a run. */
export interface RunDetails extends RunOverview {
  readonly run: RunSketch;
  readonly record: RunRecord;
  /** null: what the data were is not known any more, as `modelProblem` says. */
  readonly model: ModelDetails | null;
  readonly modelProblem: string | null;
  /**
   * The configuration, and where each value came from. Where that is not on record: whether it is the default, else which line of the
   * run's config.yaml has it.
   */
  readonly resolved: Pick<ResolvedConfig, 'yaml' | 'origins'>;
  readonly checkpoints: readonly CheckpointFile[];
}

/**
 * @param path folder of a run
 * @returns all there is to see of it
 * @throws UsageError when it is no folder of a run; LossnetError, ConfigError when it cannot be read
 */
export function showRun(path: string): RunDetails {
  const overview = overviewOf(path);
  if (overview.problem !== null) throw overview.problem;
  const record = readRun(path);
  const { model, problem } = modelOf(record);
  return {
    ...overview,
    run: overview.run!,
    record,
    model,
    modelProblem: problem,
    resolved: { yaml: record.config, origins: originsOf(record) },
    checkpoints: checkpointsIn(new RunFolder(path).checkpoints),
  };
}

function modelOf({ resolved, spec, config }: RunRecord): {
  readonly model: ModelDetails | null;
  readonly problem: string | null;
} {
  try {
    const { model } = planRun(resolved, false, spec);
    const batchSize = config.loader.batch_size;
    const layers = layersOf(model.layers, model.input, batchSize);
    const sum = (of: (layer: LayerDetails) => number) =>
      layers.reduce((total, layer) => total + of(layer), 0);
    return {
      model: {
        input: dimensions(model.input),
        layers,
        parameters: model.parameterCount,
        multiplyAdds: sum((layer) => layer.multiplyAdds),
        activationBytes: sum((layer) => layer.activationBytes),
        batchSize,
      },
      problem: null,
    };
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    return { model: null, problem: error.message };
  }
}

function layersOf(layers: readonly NamedLayer[], first: InputShape, batchSize: number): LayerDetails[] {
  let input = first;
  return layers.flatMap((layer) => {
    const { multiplyAdds, outputs } = layerWork(layer, input);
    const parameters = layer.parameters.reduce((count, { parameter }) => count + parameter.size, 0);
    const inside = branchesOf(layer).flatMap((branch) => layersOf(branch, input, batchSize));
    input = layer.output;
    return [
      ...inside,
      {
        ...{ name: layer.name, type: layer.type, multiplyAdds },
        output: dimensions(layer.output),
        parameters: layer.children === undefined ? parameters : 0,
        activationBytes: outputs * batchSize * NUMBER_BYTES,
      },
    ];
  });
}

/** The layers inside one, as they follow each other: `3.layers.0` after `3`, `3.projection.0` after `3` too. */
function branchesOf({ children = [] }: NamedLayer): NamedLayer[][] {
  const branches = new Map<string, NamedLayer[]>();
  for (const child of children) {
    const branch = child.name.slice(0, child.name.lastIndexOf('.'));
    branches.set(branch, [...(branches.get(branch) ?? []), child]);
  }
  return [...branches.values()];
}

/**
 * What a run recorded of it; else every value stands in its saved configuration: those that would be so without it are defaults.
 */
function originsOf({ resolved: { yaml, origins }, path: folder }: RunRecord): ReadonlyMap<string, Origin> {
  const sources = sourcesIn(new RunFolder(folder));
  const schema = toJsonSchema(configSchema);
  // A list or a block may be the default as a whole.
  const isDefault = (path: string) => {
    const keys = path.split('.');
    return keys.some((_, i) => {
      const whole = keys.slice(0, i + 1);
      const fallback = schemaAt(schema, yaml, whole)?.default;
      return fallback !== undefined && isDeepStrictEqual(fallback, valueAt(yaml, whole));
    });
  };
  return new Map(
    [...origins].map(([path, origin]) => {
      const source = sources?.[path];
      if (source !== undefined) return [path, originFrom(source)];
      return [path, sources !== null || isDefault(path) ? { kind: 'default' } : origin];
    }),
  );
}

function checkpointsIn(folder: string): CheckpointFile[] {
  if (kindOf(folder) !== 'folder') return [];
  return namesIn(folder)
    .filter((name) => name.endsWith('.safetensors'))
    .sort()
    .map((name) => ({ file: join(folder, name), bytes: sizeOf(join(folder, name)) }));
}
