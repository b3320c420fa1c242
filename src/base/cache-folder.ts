import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** @returns lossnet's cache folder: `LOSSNET_CACHE`, else `lossnet` in `XDG_CACHE_HOME`, else in `~/.cache` */
export function cacheFolder(): string {
  const { LOSSNET_CACHE, XDG_CACHE_HOME } = process.env;
  return resolve(LOSSNET_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'lossnet'));
}
