import { packsLike } from './cache.js';
import { decodeEach } from './decode-each.js';
import { bytesOfPicture, type CacheOptions, type PictureOptions } from './options.js';
import { type Pack, strideOf } from './pack.js';
import { fromPack, openSound, type Pictures, setAside, type Wanted } from './pictures.js';
import type { Progress } from './progress.js';
import { DiskStore, MemoryStore, type Store } from './store.js';
import type { PictureThreads } from './threads.js';

/** Packs are looked through for pictures that are still the same, those used last first, but not for ever. */
const MOST_DONORS = 8;

export interface BuildOptions extends PictureOptions {
  readonly cache: CacheOptions;
  /** How many bytes of decoded pictures are held in memory. */
  readonly mostInMemory: number;
  /** They decode JPEGs, where these are many. */
  readonly threads: PictureThreads;
}

/** Where it is done. */
export interface BuildPlace {
  /** The pack that is to be made; null: none. */
  readonly file: string | null;
  /** Whether all pictures are held in memory. */
  readonly isSmall: boolean;
  readonly progress: Progress;
  readonly warnings: string[];
}

/**
 * Decodes pictures, but for those that other packs have already.
 *
 * @param wanted which, each once
 * @param options what they become
 * @param place where they go
 * @returns the pictures
 * @throws LossnetError when there is no room for them; what stops it. What has been decoded till then is kept
 */
export async function decodeAll(
  wanted: readonly Wanted[],
  options: BuildOptions,
  { file, isSmall, progress, warnings }: BuildPlace,
): Promise<Pictures> {
  const length = bytesOfPicture(options);
  const hashes = wanted.map(({ hash }) => hash);
  const contents = { hashes, length, file, maxGb: options.cache.maxGb, warnings };
  const store = isSmall ? new MemoryStore(contents) : new DiskStore(contents, file!);
  const donors = file === null ? [] : donorsFor(wanted, options, length, warnings);
  const broken = new Map<string, string>();
  let news = 0;
  const decode = async (slots: readonly number[]): Promise<void> => {
    const bySlot = new Map(slots.map((slot) => [wanted[slot]!, slot]));
    await decodeEach([...bySlot.keys()], {
      ...{ options, threads: options.threads, progress },
      put(own, picture) {
        store.put(bySlot.get(own)!, picture);
        news += 1;
      },
      refuse: ({ hash }, problem) => broken.set(hash, problem),
    });
  };
  const known = new Set(donors.flatMap(({ slots }) => [...slots.keys()]));
  try {
    await decode(wanted.flatMap(({ hash }, slot) => (known.has(hash) ? [] : [slot])));
    const own = donors.find((pack) => pack.file === file);
    if (news === 0 && own !== undefined && own.slots.size + broken.size === wanted.length) {
      const pictures = fromPack(own, length, { isSmall, broken, warnings });
      if (pictures !== null) {
        if (!isSmall) donors.splice(donors.indexOf(own), 1); // It is read from as long as the pictures are.
        return pictures;
      }
    }
    await decode(copyInto(store, hashes, donors, length, warnings));
    store.keep();
    return store.pictures(broken);
  } catch (error) {
    if (progress.signal?.aborted && news > 0)
      keepQuietly(store, () => copyInto(store, hashes, donors, length, warnings));
    throw error;
  } finally {
    store.discard();
    for (const pack of donors) pack.close();
  }
}

/** Packs that have some of the pictures. */
function donorsFor(
  wanted: readonly Wanted[],
  options: PictureOptions,
  length: number,
  warnings: string[],
): Pack[] {
  const missing = new Set(wanted.map(({ hash }) => hash));
  const donors: Pack[] = [];
  for (const file of packsLike(options).slice(0, MOST_DONORS)) {
    if (missing.size === 0) break;
    const pack = openSound(file, length, warnings);
    if (pack === null) continue;
    const before = missing.size;
    for (const hash of pack.slots.keys()) missing.delete(hash);
    if (missing.size < before) donors.push(pack);
    else pack.close();
  }
  return donors;
}

/** @returns the slots of pictures that turned out to be damaged in their pack */
function copyInto(
  store: Store,
  hashes: readonly string[],
  donors: readonly Pack[],
  length: number,
  warnings: string[],
): number[] {
  const record = new Uint8Array(new ArrayBuffer(strideOf(length)));
  const isDamaged = new Set<Pack>();
  return hashes.flatMap((hash, slot) => {
    const having = donors.filter(({ slots }) => slots.has(hash));
    for (const pack of having) {
      if (isDamaged.has(pack)) continue;
      try {
        pack.read(pack.slots.get(hash)!, record);
      } catch (error) {
        setAside(pack.file, error, warnings);
        isDamaged.add(pack);
        continue;
      }
      store.put(slot, record.subarray(0, length));
      return [];
    }
    return having.length > 0 ? [slot] : [];
  });
}

/** What was decoded before it was stopped need not be decoded again. */
function keepQuietly(store: Store, complete: () => void): void {
  try {
    complete();
    store.keep();
  } catch {
    // Then it has to be.
  }
}
