import type { Parameter } from '../train/model/parameter.js';
import { fitsPattern, isWithin, type LayerSelector, selectionFault } from '../train/model/selection.js';
import { ModelError, type Sequential } from '../train/model/sequential.js';
import { specOf } from './data.js';
import { buildModel, type ModelBlocks } from './model.js';
import { listing } from './problems/text.js';
import { type Broken, type Rule, rule } from './rule.js';
import type { ConfigYaml } from './schema/index.js';
import { nearest } from './validate/spelling.js';

/** What `freeze` names must be there, and must leave something to train. */
export const FREEZE_RULE: Rule = rule(
  ['dataset', 'transforms', 'model', 'init', 'freeze', 'frozen_mode'],
  (blocks) => {
    const { freeze, frozen_mode } = blocks;
    const model = freeze.length === 0 ? null : modelOf(blocks);
    if (model === null) return [];
    const faults = freeze.flatMap((selector, i) => layerFault(`freeze.${i}`, selector, model));
    if (faults.length > 0) return faults;
    const names = `layers with parameters: ${listing(layersWithParameters(model))}`;
    if (model.trainable.length === 0 && model.parameters.length > 0) {
      const message = 'every parameter of the model would be frozen, and nothing is left to train';
      return [{ path: 'freeze', message, help: [`leave some out; ${names}`] }];
    }
    // Dropout has no parameters and yet another way in evaluation.
    if (model.trainable.length < model.parameters.length || frozen_mode === 'eval') return [];
    return [
      { path: 'freeze', message: 'nothing would be frozen: these layers have no parameters', help: [names] },
    ];
  },
);

type Optimizer = ConfigYaml['optimizer'];
type Group = Optimizer['groups'][number];

/** Groups must name parameters that are trained, each once. */
export const GROUP_RULE: Rule = rule(
  ['dataset', 'transforms', 'model', 'init', 'freeze', 'frozen_mode', 'optimizer'],
  (blocks) => {
    const { groups } = blocks.optimizer;
    const model = groups.length === 0 ? null : modelOf(blocks);
    if (model === null) return [];
    const owners = new Map<string, number>();
    return groups.flatMap((group, index) => {
      const path = `optimizer.groups.${index}`;
      const entries = entriesOf(group, path);
      if (entries.length === 0) {
        const message = 'a group names its layers or its parameters, and this one names neither';
        return [{ path, message, help: ['for example layers: [0], or parameters: "*.bias"'] }];
      }
      return entries.flatMap((entry): Broken[] => {
        const broken = entryFaults(entry, model);
        if (broken.length > 0) return broken;
        const own = model.trainable.filter(({ name }) => entry.has(name));
        const taken = own.filter(({ name }) => (owners.get(name) ?? index) !== index);
        for (const { name } of own) if (!owners.has(name)) owners.set(name, index);
        return taken.length === 0 ? [] : [twice(entry, taken, owners)];
      });
    });
  },
);

/** What a group says in one place of the parameters that it has. */
interface Entry {
  readonly path: string;
  readonly said: LayerSelector;
  readonly isPattern: boolean;
  has(name: string): boolean;
}

function entriesOf({ layers = [], parameters = [] }: Group, path: string): Entry[] {
  const patterns = typeof parameters === 'string' ? [parameters] : parameters;
  return [
    ...layers.map((said, i) => ({
      ...{ path: `${path}.layers.${i}`, said, isPattern: false },
      has: (name: string) => isWithin(said, name),
    })),
    ...patterns.map((said, i) => ({
      path: typeof parameters === 'string' ? `${path}.parameters` : `${path}.parameters.${i}`,
      ...{ said, isPattern: true },
      has: (name: string) => fitsPattern(said, name),
    })),
  ];
}

function entryFaults(entry: Entry, model: Sequential): Broken[] {
  const { path, said, isPattern } = entry;
  const faults = isPattern ? [] : layerFault(path, said, model);
  if (faults.length > 0) return faults;
  const all = model.parameters.filter(({ name }) => entry.has(name));
  if (all.length === 0) return [nothing(entry, model)];
  const frozen = all.filter(({ requiresGrad }) => !requiresGrad);
  // A pattern is for whatever is trained; a layer is meant.
  if (frozen.length === 0 || (isPattern && frozen.length < all.length)) return [];
  const what = isPattern ? `all that fits ${said}` : layerNames(frozen);
  const help = ['leave it out here, or in freeze'];
  return [{ path, message: `${what} is frozen, and what is not trained is in no group`, help }];
}

function nothing({ path, said, isPattern }: Entry, model: Sequential): Broken {
  if (!isPattern) {
    const help = [`layers with parameters: ${listing(layersWithParameters(model))}`];
    return { path, message: `layer ${said} has no parameters${kindOf(said, model)}`, help };
  }
  const names = model.parameters.map(({ name }) => name);
  const meant = nearest(`${said}`, names);
  return {
    path,
    message: `no parameter has a name that fits ${said}`,
    help: [
      ...(meant === undefined ? [] : [`did you mean \`${meant}\`?`]),
      `the model has ${listing(names.slice(0, MOST_NAMES))}${names.length > MOST_NAMES ? ' and others' : ''}`,
    ],
  };
}

const MOST_NAMES = 12;

function kindOf(said: LayerSelector, { layers }: Sequential): string {
  const found = layers.find(({ name }) => name === `${said}`);
  return found === undefined ? '' : `: it is ${found.type}`;
}

function twice({ path }: Entry, taken: readonly Parameter[], owners: ReadonlyMap<string, number>): Broken {
  const others = [...new Set(taken.map(({ name }) => `optimizer.groups.${owners.get(name)}`))];
  const [first] = taken;
  const more = taken.length === 1 ? '' : ` and ${taken.length - 1} more`;
  return {
    path,
    message: `${first!.name}${more} would be in two groups: ${listing(others)} ${others.length === 1 ? 'has' : 'have'} ${taken.length === 1 ? 'it' : 'them'} already`,
    help: ['a parameter is in one group: name it in one of them only'],
  };
}

function layerFault(path: string, selector: LayerSelector, { layers }: Sequential): Broken[] {
  const fault = selectionFault(selector, layers);
  switch (fault?.kind) {
    case undefined:
      return [];
    case 'beyond':
      return [
        {
          path,
          message: `there is no layer ${fault.received}: the layers are 0 to ${fault.last}`,
          help: ['layers count from 0, as in the names of their parameters; `lossnet validate` shows them'],
        },
      ];
    case 'backwards':
      return [{ path, message: `${selector} runs backwards`, help: [`write ${fault.last}-${fault.first}`] }];
    case 'unknown': {
      const inner = fault.known.filter((name) => name.includes('.'));
      const meant = nearest(fault.received, inner);
      return [
        {
          path,
          message: `there is no layer ${fault.received}`,
          help: [
            ...(meant === undefined ? [] : [`did you mean \`${meant}\`?`]),
            inner.length === 0
              ? 'no layer of this model has layers within'
              : `layers within others: ${listing(inner)}`,
          ],
        },
      ];
    }
  }
}

/** The layers that hold these parameters. */
function layerNames(parameters: readonly Parameter[]): string {
  const names = [...new Set(parameters.map(({ name }) => name.slice(0, name.lastIndexOf('.'))))];
  return names.length === 1 ? `layer ${names[0]}` : `each of the layers ${listing(names)}`;
}

const layersWithParameters = ({ layers }: Sequential): string[] =>
  layers.filter(({ parameters }) => parameters.length > 0).map(({ name }) => name);

/** The model that the blocks make; null where it is impossible, or is not known for want of the data. */
function modelOf(blocks: Omit<ModelBlocks, 'seed'>): Sequential | null {
  const spec = specOf(blocks);
  if (spec === null) return null;
  try {
    return buildModel({ ...blocks, seed: 0 }, spec);
  } catch (error) {
    if (error instanceof ModelError) return null;
    throw error;
  }
}
