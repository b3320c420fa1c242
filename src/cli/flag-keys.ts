import { type JsonSchema, jsonSchema } from '../config/json-schema.js';
import { branches, typesOf } from '../config/validate/allowed.js';

/** A key of the configuration. */
export interface Key {
  readonly path: string;
  /** What an argument sets: of a block that has kinds, its type. */
  readonly assigned: string;
  readonly isSwitch: boolean;
  readonly isList: boolean;
}

/** What other programs call a key, where no likeness of letters leads from one to the other. */
const SYNONYMS: Readonly<Record<string, string>> = {
  batch: 'batch_size',
  bs: 'batch_size',
  epoch: 'epochs',
  learning_rate: 'lr',
  max_epochs: 'epochs',
  num_epochs: 'epochs',
  opt: 'optimizer',
  scheduler: 'schedule',
  wd: 'weight_decay',
};

/** Of keys with the same last part, the one that is meant as a rule. */
const USUAL: Readonly<Record<string, string>> = { batch_size: 'loader.batch_size' };

/**
 * Finds the keys of the configuration that an option means which is none of lossnet's: `lr` is `optimizer.lr`.
 *
 * @param name the option, without its dashes
 * @returns every key that it may be: of its whole path, else of the whole configuration, else with this last part
 */
export function keysOfFlag(name: string): Key[] {
  const snake = name
    .replace(/(?<=[a-z])([A-Z])/g, '_$1')
    .replaceAll('-', '_')
    .toLowerCase();
  const wanted = Object.hasOwn(SYNONYMS, snake) ? SYNONYMS[snake]! : snake;
  const all = uniquePaths([...keysIn(jsonSchema(), '')]);
  const whole = all.filter(({ path }) => path.includes('.') && bare(path) === bare(wanted));
  const top = all.filter(({ path }) => path === wanted);
  const last = all.filter(({ path }) => path.slice(path.lastIndexOf('.') + 1) === wanted);
  // Within a list, such as model.0.out_channels, no schema has the path.
  const [first = ''] = name.split('.');
  const isListed = /\.\d+\./.test(name) && Object.hasOwn(jsonSchema().properties ?? {}, first);
  const listed = isListed ? [{ path: name, assigned: name, isSwitch: false, isList: false }] : [];
  const found = [whole, top, last, listed].find((keys) => keys.length > 0) ?? [];
  const usual = found.filter(({ path }) => path === USUAL[wanted]);
  return usual.length > 0 ? usual : found;
}

const bare = (path: string) => path.replace(/[._]/g, '');

/** All keys that an argument could set to a plain value; a block that has kinds is set by its type. */
function* keysIn(schema: JsonSchema, prefix: string): Generator<Key> {
  for (const { properties = {} } of branches(schema)) {
    for (const [key, inner] of Object.entries(properties)) {
      const path = `${prefix}${key}`;
      const kinds = branches(inner);
      const isBlock = kinds.some(({ properties: below }) => below !== undefined);
      if (typesOf(inner).length > 0) yield { path, assigned: `${path}.type`, isSwitch: false, isList: false };
      else if (!isBlock && !kinds.every(({ items }) => typeof items === 'object' && '$ref' in items))
        yield {
          path,
          assigned: path,
          isSwitch: kinds.some(({ type }) => type === 'boolean'),
          isList: kinds.every(({ type }) => type === 'array'),
        };
      yield* keysIn(inner, `${path}.`);
    }
  }
}

function uniquePaths(keys: readonly Key[]): Key[] {
  return [...new Map(keys.map((key) => [key.path, key])).values()];
}
