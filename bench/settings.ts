/** What the samples of a model are: the same kind for every peer. */
export type SampleKind = 'images' | 'digits' | 'table' | 'tokens';

/** A model that is measured: `models/<name>.yaml`, and the same in every peer. */
interface Model {
  /** What tables call it; of the tutorial's, its batch size says enough. */
  readonly title: string;
  readonly samples: SampleKind;
  /** Batch sizes, and the steps that take every peer about a second; as few as tell anything. */
  readonly batches: Readonly<Record<number, { readonly full: number; readonly quick: number }>>;
}

export type ModelName = 'tutorial' | 'batch-norm' | 'resnet' | 'lstm' | 'mlp' | 'table-64' | 'table-256';

const MODELS: Readonly<Record<ModelName, Model>> = {
  tutorial: {
    title: 'CNN',
    samples: 'images',
    batches: {
      1: { full: 300, quick: 20 },
      8: { full: 120, quick: 10 },
      64: { full: 32, quick: 4 },
      256: { full: 10, quick: 2 },
    },
  },
  'batch-norm': {
    title: 'batch norm',
    samples: 'images',
    batches: { 64: { full: 32, quick: 4 } },
  },
  resnet: { title: 'ResNet-18', samples: 'images', batches: { 128: { full: 2, quick: 1 } } },
  lstm: { title: 'LSTM', samples: 'tokens', batches: { 64: { full: 8, quick: 2 } } },
  mlp: { title: 'MLP', samples: 'digits', batches: { 128: { full: 300, quick: 20 } } },
  'table-64': { title: 'table, 64 wide', samples: 'table', batches: { 1024: { full: 300, quick: 20 } } },
  'table-256': { title: 'table, 256 wide', samples: 'table', batches: { 1024: { full: 100, quick: 10 } } },
};

export const MODEL_NAMES = Object.keys(MODELS) as readonly ModelName[];

/** One measurement: every peer trains this model on batches of this size. */
export interface Setting {
  readonly model: ModelName;
  /** Samples per step. */
  readonly batch: number;
  /** Steps of one repetition: an epoch over `batch x steps` samples. */
  readonly steps: number;
}

/** Batch sizes that can be measured. */
export const BATCHES: readonly number[] = [
  ...new Set(Object.values(MODELS).flatMap(({ batches }) => Object.keys(batches).map(Number))),
].sort((a, b) => a - b);

/** The batch sizes that a model is measured at. */
export const batchesOf = (model: ModelName): number[] => Object.keys(MODELS[model].batches).map(Number);

/**
 * @param models models wanted
 * @param batches batch sizes wanted
 * @param quick whether a check is enough
 * @returns every model at each of its batch sizes that is among them
 */
export function settingsFor(
  models: readonly ModelName[],
  batches: readonly number[],
  quick: boolean,
): Setting[] {
  return MODEL_NAMES.filter((name) => models.includes(name)).flatMap((model) =>
    Object.entries(MODELS[model].batches)
      .map(([batch, steps]) => ({ model, batch: Number(batch), steps: steps[quick ? 'quick' : 'full'] }))
      .filter(({ batch }) => batches.includes(batch)),
  );
}

/** What a setting's samples are. */
export const samplesOf = ({ model }: Pick<Setting, 'model'>): SampleKind => MODELS[model].samples;

/** What a setting is called in tables. */
export const titleOf = ({ model, batch }: Pick<Setting, 'model' | 'batch'>): string =>
  model === 'tutorial' ? `batch ${batch}` : `${MODELS[model].title}, ${batch}`;
