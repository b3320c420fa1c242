import { join } from 'node:path';
import { configSchema, configToYaml, layerSchema } from '../../../config/index.js';
import { blockLine } from '../../lr-find/patch.js';
import type { ComparisonFolder } from '../folder.js';
import type { Comparison } from '../ranking/comparison.js';
import { pointText, tunedConfig } from './plan.js';
import type { TunedResult, Tuning } from './tuning.js';

/** The best of the tuned variants, as it can be trained. */
export interface Winner {
  readonly variant: string;
  /** Whether it ends better than guessing; else it is the least bad, and none to use. */
  readonly learnt: boolean;
  /** Lines of YAML, each to take the place of a whole block of the variant's configuration. */
  readonly patch: readonly string[];
  /** The whole configuration, as the final runs were trained. */
  readonly file: string;
}

/**
 * Writes the configuration of the best variant where the comparison lies.
 *
 * @param folder of the comparison; this process's own
 * @param comparison of the final runs
 * @param tuning what was chosen
 * @returns what was written; null when no variant got to the end
 * @throws LossnetError when the file cannot be written
 */
export function writeBest(
  folder: ComparisonFolder,
  { ranking }: Comparison,
  { variants }: Tuning,
): Winner | null {
  const best = variants.find(({ variant }) => variant.name === ranking.best?.name);
  if (best === undefined) return null;
  const { variant } = best;
  const { yaml } = tunedConfig(variant, best.best.point);
  const learnt = ranking.onlyGuessing === null;
  const text = configToYaml({ ...yaml, name: `${variant.name}-tuned` });
  const file = join(folder.path, 'best.yaml');
  const head = [
    `# ${learnt ? 'The best' : 'The least bad'} of ${folder.path}${learnt ? '' : ', where none ends better than guessing'}: ${variant.name} with ${pointText(variant.axes, best.best.point)}.`,
    '#',
    `#     lossnet train ${file}`,
    '',
    '',
  ].join('\n');
  folder.writeBest(head + text);
  return { variant: variant.name, learnt, patch: patchOf(best), file };
}

/** The blocks that tuning has changed, and the optimizer that a preset has set. */
function patchOf({ variant, best }: TunedResult): string[] {
  const { yaml } = tunedConfig(variant, best.point);
  const keys = variant.axes.map(({ key }) => key);
  const blocks = [
    ...(variant.preset === null ? [] : ['optimizer']),
    ...keys.map((key) => key.split('.', 1)[0]!),
  ];
  return [...new Set(blocks)].flatMap((block) => {
    if (block === 'model') {
      // A layer a line, as people write it.
      const tuned = (at: number) => keys.find((key) => key.startsWith(`model.${at}.`))?.split('.')[2];
      return ['model:', ...yaml.model.map((layer, i) => `  - ${blockLine(layer, layerSchema, tuned(i))}`)];
    }
    const value: unknown = (yaml as Record<string, unknown>)[block];
    const schema = (configSchema.shape as Record<string, Parameters<typeof blockLine>[1]>)[block]!;
    const always = keys.find((key) => key.startsWith(`${block}.`))?.split('.')[1];
    const isBlock = typeof value === 'object' && value !== null && !Array.isArray(value);
    return `${block}: ${isBlock ? blockLine(value, schema, always) : JSON.stringify(value)}`;
  });
}
