import { UsageError } from '../../base/errors.js';
import { plural } from '../../base/format.js';
import type { PlaneKind } from './result.js';

/** @throws UsageError for what no landscape can be made of */
export function checkArguments(paths: readonly string[], resolution: number, range: number): void {
  if (paths.length === 0)
    throw new UsageError('LOSSNET_USAGE', 'No run is named.', 'Name the folder of one.');
  const twice = paths.find((path, i) => paths.indexOf(path) !== i);
  if (twice !== undefined)
    throw new UsageError('LOSSNET_USAGE', `${twice} is named twice.`, 'Leave one out.');
  if (resolution % 2 === 0) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `resolution is ${resolution}; expected an odd number, so that the run itself is a point.`,
      `Take ${resolution - 1} or ${resolution + 1}.`,
    );
  }
  if (!(Number.isFinite(range) && range > 0)) {
    throw new UsageError('LOSSNET_USAGE', `range is ${range}; expected a number above 0.`);
  }
}

/** @throws UsageError when a plane is not one of so many runs */
export function checkPlane(kind: PlaneKind, paths: readonly string[]): void {
  if (kind === 'runs' && paths.length < 2) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `A plane of runs needs two or more, and only ${paths[0]} is named.`,
      'Name another, or choose --plane random or path.',
    );
  }
  if (kind !== 'runs' && paths.length > 1) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `A plane of a ${kind === 'path' ? 'path' : 'random direction'} is that of one run; received ${plural(paths.length, 'run')}.`,
      'Name one, or leave out --plane to see the plane of all.',
    );
  }
}
