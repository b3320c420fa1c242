import type { NamedLayer } from '../model/layer.js';
import type { Parameter } from '../model/parameter.js';
import { fitsPattern, isWithin, type LayerSelector } from '../model/selection.js';

/** Which parameters make up a group: those that either of the two names. */
export interface GroupSelection {
  readonly layers?: readonly LayerSelector[] | undefined;
  /** Their names, in which `*` stands for any characters and `?` for one. */
  readonly parameters?: string | readonly string[] | undefined;
}

/**
 * @param group what it names
 * @param name of a parameter
 * @returns whether the parameter belongs to it
 */
export function isInGroup({ layers = [], parameters = [] }: GroupSelection, name: string): boolean {
  const patterns = typeof parameters === 'string' ? [parameters] : parameters;
  return (
    layers.some((selector) => isWithin(selector, name)) ||
    patterns.some((pattern) => fitsPattern(pattern, name))
  );
}

/** Layers whose parameters scale and shift what they have normalised. */
const NORMS: readonly string[] = ['batch_norm1d', 'batch_norm2d', 'layer_norm'];

/**
 * What is mostly spared from weight decay: nothing is gained by pulling these towards zero, and a norm's scale at zero would
 * switch its channel off.
 *
 * @param layers of a model
 * @returns the biases of all layers, and all parameters of norms
 * @source https://docs.pytorch.org/docs/stable/optim.html (per-parameter options); Goyal et al., "Accurate, large minibatch
 * SGD", 2017, section 5.3
 */
export function biasesAndNorms(layers: readonly NamedLayer[]): Set<Parameter> {
  const spared = layers.flatMap((layer): Parameter[] => {
    if (layer.children) return [...biasesAndNorms(layer.children)];
    const all = layer.parameters.map(({ parameter }) => parameter);
    return NORMS.includes(layer.type) ? all : all.filter(isBias);
  });
  return new Set(spared);
}

/** `bias`, and `bias_ih_l0` and the like of recurrent layers. */
const isBias = ({ name }: Parameter) => name.slice(name.lastIndexOf('.') + 1).startsWith('bias');
