import type { ConfigYaml } from './schema/index.js';

/** A rule that a configuration breaks. */
export interface Broken {
  readonly path: string;
  readonly message: string;
  readonly help: readonly string[];
  /** The key to point at instead when `path` has only its default. */
  readonly otherwise?: string;
  /** Lines to show as they are. */
  readonly details?: string;
}

/** The valid blocks of a configuration. */
export type Blocks = Partial<ConfigYaml>;

export type Rule = (blocks: Blocks) => Broken[];

/**
 * @param needs the blocks that the rule looks at: it is left out while one of them is invalid
 * @param check tells where they break it
 * @returns the rule
 */
export function rule<K extends keyof ConfigYaml>(
  needs: readonly K[],
  check: (blocks: Pick<ConfigYaml, K>) => Broken[],
): Rule {
  return (blocks) => (hasAll(blocks, needs) ? check(blocks) : []);
}

function hasAll<K extends keyof ConfigYaml>(
  blocks: Blocks,
  keys: readonly K[],
): blocks is Pick<ConfigYaml, K> {
  return keys.every((key) => blocks[key] !== undefined);
}
