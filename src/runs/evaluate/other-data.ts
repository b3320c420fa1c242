import { UsageError } from '../../base/errors.js';
import type { ConfigYaml } from '../../config/index.js';
import { listing } from '../../config/problems/text.js';
import { leaves } from '../store/differences.js';

/** Blocks that an evaluation looks at. */
const LOOKED_AT = /^(dataset|evaluation|loss|transforms|model|engine|threads)(\.|$)/;
/** What names data, rather than how those of the run were taken. */
const NAMES = /^dataset\.(type|path|root|inputs|targets|labels|columns_from|train_size|eval_size|size|seed)$/;
/** Where they are kept. */
const KEEPING = /^dataset\.(download|if_unavailable|cache\..*)$/;
/** Of data in files, how these usually end. */
const FILE_ENDINGS: Readonly<Record<string, string>> = { csv: 'csv', text: 'txt', arrays: 'npz' };
/** What is a part of a training. */
const PARTS = /^dataset\.(eval_path|test_path|eval|test|split|train_split|eval_split)(\.|$)/;

/**
 * Whether other values mean other data than those of a run.
 *
 * @param before the run's configuration
 * @param now the same with other values
 * @param overrides as they were given
 * @param isExport of an exported model nothing says which samples it was trained on: what is named is other data, whatever it is
 * @returns whether other data are named
 * @throws UsageError for values that an evaluation does not look at, or that would share the run's own samples out anew
 */
export function namesOtherData(
  before: ConfigYaml,
  now: ConfigYaml,
  overrides: readonly string[],
  isExport: boolean,
): boolean {
  const idle = overrides.filter((text) => !LOOKED_AT.test(text));
  if (idle.length > 0) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `${listing(idle)}: an evaluation does not look at that.`,
      'It looks at dataset, evaluation, loss, transforms, model, engine and threads.',
    );
  }
  const [was, is] = [before, now].map((config) => leaves(config));
  const changed = [...new Set([...was!.keys(), ...is!.keys()])].filter(
    (key) => key.startsWith('dataset.') && was!.get(key) !== is!.get(key) && !KEEPING.test(key),
  );
  const isNamed = isExport && overrides.some((text) => NAMES.test(text.split('=')[0]!));
  const isOther = isNamed || changed.some((key) => NAMES.test(key));
  const isOtherKind = changed.includes('dataset.type');
  const wrong = isOther ? changed.filter((key) => PARTS.test(key) && !isOtherKind) : changed;
  if (wrong.length === 0) return isOther;
  throw new UsageError(
    'LOSSNET_USAGE',
    `${listing(wrong)}: what a run was evaluated on stays what it is.`,
    `To choose among its own samples: --part. To evaluate on others, all of them: ${namedAs(now.dataset.type, 'other')}`,
  );
}

/**
 * @param type of a data set
 * @param name of other data
 * @returns how these are named on the command line
 */
export function namedAs(type: ConfigYaml['dataset']['type'], name: string): string {
  const ending = FILE_ENDINGS[type];
  return ending === undefined ? `dataset.root=${name}` : `dataset.path=${name}.${ending}`;
}
