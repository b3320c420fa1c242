import { loadConfig, type ResolvedConfig, specOf } from '../../config/index.js';
import type { Preprocessing } from '../../train/data/preprocessing.js';
import type { DataSource } from '../../train/data/source.js';
import { resumeCommand } from '../parallel/way-on.js';
import { Damage, damaged } from '../store/damage.js';
import { RunFolder } from '../store/folder.js';
import { recordedPreprocessing } from '../store/preprocessing.js';
import { type Found, findTrained, type Weights } from './find.js';

/** A trained model, found and read but for its weights. */
export interface Trained {
  /** As it was named. */
  readonly path: string;
  readonly found: Found;
  /** The file or folder of its weights. */
  readonly weights: string;
  readonly resolved: ResolvedConfig;
  /** What its data were and how samples become inputs. */
  readonly preprocessing: Preprocessing;
}

/**
 * @param path a run, a checkpoint or an exported model: see `findTrained`
 * @param weights which checkpoint of a run
 * @param data of one's own, in the place of the run's data set; default: none
 * @returns the model
 * @throws UsageError when there is none; ConfigError, LossnetError when its configuration or its preprocessing were damaged
 */
export function openTrained(path: string, weights?: Weights, data?: DataSource): Trained {
  const found = findTrained(path, weights);
  const folder = found.kind === 'run' ? found.folder : new RunFolder(found.folder);
  const resolved = loadConfig({ file: folder.config, isRecord: true, ...(data && { data }) });
  const recorded = recordedPreprocessing(folder);
  const spec = recorded?.spec ?? specOf(resolved.yaml);
  if (spec === null) {
    throw damaged(
      folder.preprocessing,
      new Damage('it is missing, and says what the model takes'),
      `Where the data are still there, mend it with: ${resumeCommand(folder.path, resolved.yaml.parallel, null)}`,
    );
  }
  return {
    ...{ path, found, resolved },
    weights: found.kind === 'run' ? found.checkpoint : found.folder,
    preprocessing: recorded ?? { spec, inputs: null },
  };
}
