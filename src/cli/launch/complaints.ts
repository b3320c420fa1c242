import { EXIT } from '../exit-codes.js';
import type { Failure } from './message.js';
import type { Ended } from './rank-processes.js';

/** A rank was told that another cannot take part, which shows its own reason. */
const REFUSED = 'LOSSNET_PARALLEL_REFUSED';

/**
 * What has gone wrong on the ranks: each reason once, with its ranks. Rank 0 has shown its own already.
 *
 * @param ended how all of them ended, in their order
 * @returns texts for the log
 */
export function complaints(ended: readonly Ended[]): string[] {
  const refusing = ended
    .filter(({ failed, code }) => failed && code !== EXIT.rankLost)
    .map(({ rank }) => rank);
  const ranksOf = new Map<string, number[]>();
  const apart: string[] = [];
  for (const each of ended) {
    const text = reasonOf(each, ended[0]!, refusing);
    if (text !== null) ranksOf.set(text, [...(ranksOf.get(text) ?? []), each.rank]);
    if (!isSaid(each, ended[0]!)) apart.push(...linesOf(each.said));
  }
  return [...apart, ...[...ranksOf].map(([text, ranks]) => `${named(ranks)}: ${text}`)];
}

/** Why a rank ended; null: it told nothing, or it was shown. */
function reasonOf({ rank, signal, failed }: Ended, first: Ended, refusing: readonly number[]): string | null {
  if (signal !== null) return `ended by ${signal}`;
  if (failed === null || rank === 0) return null;
  if (failed.code === REFUSED && refusing.length > 0) return `ended, as ${named(refusing)} cannot take part`;
  if (first.failed === null) return failed.shown.join('\n');
  if (isSame(failed, first.failed)) return 'the same error as rank 0';
  return first.failed.code === REFUSED ? beyondMessage(failed) : failed.shown.join('\n');
}

const isSame = (a: Failure, b: Failure): boolean => a.code === b.code && a.message === b.message;

/** What is shown besides the message, which rank 0 was told and has shown; null: nothing. */
function beyondMessage({ shown, message }: Failure): string | null {
  const rest = shown.filter((text) => !text.endsWith(message));
  return rest.length === 0 ? null : rest.join('\n').trimStart();
}

/** What is wrong with the command line or the configuration, every rank has found, and rank 0 has shown. */
const isSaid = ({ rank, code }: Ended, first: Ended): boolean =>
  rank !== 0 && code === EXIT.usage && first.code === EXIT.usage;

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

/** `rank 1`, `ranks 1 and 3`, `ranks 1 to 4`. */
function named(ranks: readonly number[]): string {
  const [first, last] = [ranks[0]!, ranks.at(-1)!];
  if (ranks.length === 1) return `rank ${first}`;
  const isRow = ranks.length > 2 && last - first === ranks.length - 1;
  if (isRow) return `ranks ${first} to ${last}`;
  return `ranks ${ranks.slice(0, -1).join(', ')} and ${last}`;
}
