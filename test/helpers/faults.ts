import { existsSync, readFileSync } from 'node:fs';

const INJECTOR = new URL('../faults/inject.mjs', import.meta.url).href;

/** Which calls of the file system meet what; all is told in `test/faults/inject.mjs`. */
export interface FaultRule {
  call?: string;
  path?: string;
  at?: string;
  process?: string;
  nth?: number;
  from?: number;
  errno?: string;
  short?: true;
  signal?: NodeJS.Signals;
  delay?: number;
  after?: true;
}

/** A call as the injector records it. */
export interface FaultCall {
  readonly pid: number;
  readonly nth: number;
  readonly call: string;
  readonly path?: string;
  readonly dest?: string;
  /** File and line that called; missing for what a stream does later. */
  readonly at?: string;
  /** Which rule it met. */
  readonly rule?: number;
}

/** Variables with which the real program, and all processes that it starts, meets faults of the file system. */
export function faults(options: { rules?: readonly FaultRule[]; record?: string; met?: string }) {
  return {
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${INJECTOR}`.trim(),
    FAULTS: JSON.stringify(options),
  };
}

/** The calls in a file that the injector wrote, `record` or `met`. */
export function readCalls(file: string): FaultCall[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as FaultCall);
}
