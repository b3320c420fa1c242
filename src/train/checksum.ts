import { createHash } from 'node:crypto';
import { updateWithTensors } from './model/weights.js';
import type { SafetensorsFile } from './safetensors.js';

/** The key of the metadata that holds the checksum of all else. */
const KEY = 'sha256';

/** Adds to a file's metadata a checksum of its tensors and metadata. */
export function withChecksum({ tensors, metadata }: SafetensorsFile): SafetensorsFile {
  return { tensors, metadata: { ...metadata, [KEY]: checksumOf({ tensors, metadata }) } };
}

/** Whether a file is what it was when it was saved. One without a checksum, of an older version, is taken to be. */
export function isIntact({ tensors, metadata: { [KEY]: saved, ...metadata } }: SafetensorsFile): boolean {
  return saved === undefined || saved === checksumOf({ tensors, metadata });
}

function checksumOf({ tensors, metadata }: SafetensorsFile): string {
  const hash = createHash('sha256').update(JSON.stringify(sorted(Object.entries(metadata))));
  updateWithTensors(hash, sorted([...tensors]));
  return hash.digest('hex');
}

const sorted = <T>(entries: readonly [string, T][]) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
