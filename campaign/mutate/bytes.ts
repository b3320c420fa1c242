import type { Random } from '../random.js';

/** What a disk, a copy or a crash does to a file. Each gives other bytes than it got, or the same by chance. */
const DAMAGES: readonly ((bytes: Buffer, random: Random) => Buffer)[] = [
  function flipsABit(bytes, random) {
    const changed = Buffer.from(bytes);
    const at = random.below(Math.max(1, bytes.length));
    changed[at] = changed[at]! ^ (1 << random.below(8));
    return changed;
  },
  function isCutShort(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length + 1));
  },
  function losesItsStart(bytes, random) {
    return bytes.subarray(random.below(Math.min(bytes.length, 600) + 1));
  },
  function goesOn(bytes, random) {
    return Buffer.concat([bytes, random.bytes(random.between(1, 16))]);
  },
  function losesAStretch(bytes, random) {
    const at = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.between(1, 40))]);
  },
  function gainsAStretch(bytes, random) {
    const at = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), random.bytes(random.between(1, 20)), bytes.subarray(at)]);
  },
  function hasZeros(bytes, random) {
    const at = random.below(bytes.length + 1);
    return Buffer.from(bytes).fill(0, at, Math.min(bytes.length, at + random.between(1, 512)));
  },
  function repeatsAStretch(bytes, random) {
    const at = random.below(bytes.length + 1);
    const stretch = bytes.subarray(at, at + random.between(1, 200));
    return Buffer.concat([bytes.subarray(0, at), stretch, bytes.subarray(at)]);
  },
  function isEmpty() {
    return Buffer.alloc(0);
  },
];

/** Damages bytes somewhere. */
export function damage(bytes: Buffer, random: Random): Buffer {
  return random.pick(DAMAGES)(bytes, random);
}

/** Damages bytes near their start, where headers are. */
export function damageHead(bytes: Buffer, random: Random, length: number): Buffer {
  return Buffer.concat([damage(bytes.subarray(0, length), random), bytes.subarray(length)]);
}
