import type { NamedLayer } from './layer.js';

/**
 * Layers as parameter names number them: a position such as `3`, with all that is in that layer; positions from one to
 * another, `0-3`, both included; or the name of a layer within, `4.layers.1`.
 */
export type LayerSelector = number | string;

/** Why a selector names no layer. */
export type SelectionFault =
  | { readonly kind: 'beyond'; readonly received: number; readonly last: number }
  | { readonly kind: 'backwards'; readonly first: number; readonly last: number }
  | { readonly kind: 'unknown'; readonly received: string; readonly known: readonly string[] };

/**
 * @param selector of layers
 * @param name of a layer, a parameter or a buffer, such as `4.layers.1.weight`
 * @returns whether it is one of these layers, or lies in one
 */
export function isWithin(selector: LayerSelector, name: string): boolean {
  const range = rangeOf(selector);
  if (range === null) return name === selector || name.startsWith(`${selector}.`);
  const position = Number.parseInt(name, 10);
  return range.first <= position && position <= range.last;
}

/**
 * @param selector of layers
 * @param layers of a model
 * @returns why it does not name some of them; null: it does
 */
export function selectionFault(
  selector: LayerSelector,
  layers: readonly NamedLayer[],
): SelectionFault | null {
  const range = rangeOf(selector);
  if (range === null) {
    const known = namesOf(layers);
    const received = `${selector}`;
    return known.includes(received) ? null : { kind: 'unknown', received, known };
  }
  const { first, last } = range;
  if (first > last) return { kind: 'backwards', first, last };
  return last < layers.length ? null : { kind: 'beyond', received: last, last: layers.length - 1 };
}

/** The names of all layers, those within others included. */
export function namesOf(layers: readonly NamedLayer[]): string[] {
  return layers.flatMap(({ name, children = [] }) => [name, ...namesOf(children)]);
}

/** The positions that a selector names; null: it is the name of a layer within another. */
function rangeOf(selector: LayerSelector): { first: number; last: number } | null {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(`${selector}`) ?? [];
  return first === undefined ? null : { first: Number(first), last: Number(last) };
}

/**
 * @param pattern a parameter's name, in which `*` stands for any characters and `?` for one
 * @param name of a parameter
 * @returns whether it fits, as a whole
 */
export function fitsPattern(pattern: string, name: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 's').test(name);
}
