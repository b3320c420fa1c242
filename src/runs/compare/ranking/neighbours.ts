import { type ConfigYaml, namedLr, toCamelCase } from '../../../config/index.js';
import type { Ranked, Ranking } from './ranking.js';

/** A variant that differs from another one in the learning rate alone, and so tells what that would be worth. */
export interface Neighbour {
  readonly variant: Ranked;
  /** Whether its learning rate is the higher one. */
  readonly isHigher: boolean;
}

/**
 * @param variant one of the ranking
 * @param ranking of all
 * @returns those of the others that differ from it in the learning rate alone, the nearest rate first
 */
export function neighbours(variant: Ranked, { variants }: Ranking): Neighbour[] {
  const own = configOf(variant);
  if (own === null) return [];
  const lr = namedLr(toCamelCase(own)).lr;
  return variants
    .flatMap((other) => {
      const config = other === variant ? null : configOf(other);
      if (config === null || otherwise(config) !== otherwise(own)) return [];
      const rate = namedLr(toCamelCase(config)).lr;
      return rate === lr
        ? []
        : [{ variant: other, isHigher: rate > lr, factor: Math.abs(Math.log(rate / lr)) }];
    })
    .sort((a, b) => a.factor - b.factor);
}

const configOf = ({ runs }: Ranked): ConfigYaml | null =>
  runs.find(({ record }) => record !== null)?.record?.config ?? null;

/** All but the learning rate, and what a run is called. */
function otherwise({ name: _, runs_dir: __, seed: ___, optimizer, schedule, ...rest }: ConfigYaml): string {
  const { lr: ____, ...rule } = optimizer;
  const { max_lr: _____, ...shape } = { max_lr: null, ...schedule };
  return JSON.stringify([rest, rule, shape]);
}
