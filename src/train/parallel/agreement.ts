import { type Group, RankError } from './group.js';

/** What a rank says of itself before anything is trained. */
export interface Statement {
  /** What has to be the same on all ranks, by names that a user knows. */
  readonly facts: Readonly<Record<string, string>>;
  /** Why it cannot take part; null: it can. */
  readonly refusal: string | null;
}

/**
 * Makes sure that all ranks can begin, with the same configuration, data and versions.
 *
 * @param group the processes
 * @param own what this one says
 * @throws RankError that names what differs, or which rank cannot take part and why; the same on all ranks but for one that
 * refused itself
 */
export async function agree(group: Group, own: Statement): Promise<void> {
  const all = (await gatherTexts(group, JSON.stringify(own))).map((text) => JSON.parse(text) as Statement);
  const refusing = all.flatMap(({ refusal }, rank) => (refusal === null ? [] : [`rank ${rank}: ${refusal}`]));
  if (refusing.length > 0) {
    throw new RankError(
      'LOSSNET_PARALLEL_REFUSED',
      `Not all ranks can take part:\n  ${refusing.join('\n  ')}`,
    );
  }
  const names = [...new Set(all.flatMap(({ facts }) => Object.keys(facts)))];
  const differing = names.flatMap((name) => {
    const [first, ...others] = all.map(({ facts }) => facts[name] ?? 'not set');
    const other = others.findIndex((value) => value !== first) + 1;
    return other === 0 ? [] : [`${name}: ${first} on rank 0, ${others[other - 1]} on rank ${other}`];
  });
  if (differing.length === 0) return;
  throw new RankError(
    'LOSSNET_PARALLEL_MISMATCH',
    `The ranks would not train the same:\n  ${differing.join('\n  ')}`,
    'Start all of them with the same configuration, data and version of lossnet.',
  );
}

/** Texts of any length: first how long they are, then what they are. */
async function gatherTexts(group: Group, own: string): Promise<string[]> {
  const bytes = Buffer.from(own);
  const lengths = await group.gather(Float32Array.of(bytes.length));
  const longest = Math.ceil(Math.max(...lengths) / 4) * 4;
  const padded = new Uint8Array(longest);
  padded.set(bytes);
  const all = await group.gather(new Float32Array(padded.buffer));
  return [...lengths].map((length, rank) =>
    Buffer.from(all.buffer, all.byteOffset + rank * longest, length).toString(),
  );
}
