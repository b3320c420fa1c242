/**
 * Makes calls of Node's file system fail, stall or end the process, in the real program, and records them. Preloaded:
 *
 *   NODE_OPTIONS="--import=<this file's URL>" FAULTS='{"rules": [{"call": "rename", "errno": "ENOSPC"}]}' lossnet …
 *
 * `FAULTS` is an object of JSON, all of it optional:
 *
 * - `rules`: each call meets the first that fits it. A rule fits by
 *   - `call`: the name, without `Sync`: `open` is `openSync`, `open` with a callback, and that of promises. File handles
 *     have `read`, `write`, `sync`, `close`…; descriptors the names of fs (`write`, `fsync`, `close`…). `*`: every one;
 *   - `path`: a regular expression, for the path or the second path (the path of a descriptor is the one it was opened by);
 *   - `at`: a regular expression for the line that called, such as `dist/cli/store/lock.js:81`;
 *   - `process`: a regular expression for the process's arguments, such as `worker.js` of a comparison;
 *   - `nth`: which of the calls that fit so far, from 1; `from`: that one and all later ones; neither: all;
 *   and does
 *   - `errno`: throws this error, such as `EACCES`. A write that fails for want of space leaves half of it behind;
 *   - `short`: true: a write of a descriptor writes half, and says so;
 *   - `signal`: sends this signal to the process itself, such as `SIGSTOP` or `SIGKILL`, and goes on with the call;
 *   - `delay`: waits so many milliseconds first.
 *   With `after: true`, signal and delay come after the call in place of before (after its start, where it is asynchronous).
 * - `record`: a file to which each call is appended as a line of JSON: `{pid, nth, call, path?, dest?, at?}`.
 * - `met`: a file to which each call that met a rule is appended likewise, with the rule's `rule` index.
 *
 * Calls that Node makes for itself, such as to load modules, are neither counted nor met.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath } from 'node:url';
import { getSystemErrorMap } from 'node:util';

const HERE = fileURLToPath(import.meta.url);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const appendFileSync = fs.appendFileSync;

const { rules = [], record, met } = JSON.parse(process.env.FAULTS ?? '{}');
const compiled = rules.map((rule, index) => ({
  ...rule,
  index,
  seen: 0,
  path: rule.path === undefined ? undefined : new RegExp(rule.path),
  at: rule.at === undefined ? undefined : new RegExp(rule.at),
}));
const here = process.argv.join(' ');
const mine = compiled.filter((rule) => rule.process === undefined || new RegExp(rule.process).test(here));

/** Numbers and texts of errors by name. */
const ERRORS = new Map([...getSystemErrorMap()].map(([errno, [code, text]]) => [code, { errno, text }]));
/** Errors that a whole write meets after the file was opened. */
const OF_WRITING = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO']);
/** Errors that a whole read meets after the file was opened, which then carry no path. */
const OF_READING = new Set(['EISDIR', 'EIO']);
/** System calls that are called otherwise than the function. */
const SYSCALLS = { readdir: 'scandir', mkdtemp: 'mkdtemp', copyFile: 'copyfile', opendir: 'opendir' };

/** What is named by two paths. */
const OF_TWO = new Set(['rename', 'link', 'symlink', 'copyFile', 'cp']);
/** What is named by a descriptor. */
const OF_DESCRIPTOR = new Set(
  'read readv write writev fsync fdatasync ftruncate fstat fchmod fchown futimes close'.split(' '),
);
const OF_PATH = new Set(
  `access appendFile chmod chown copyFile cp exists lchown link lstat lutimes mkdir mkdtemp open opendir
  readFile readdir readlink realpath rename rm rmdir stat statfs symlink truncate unlink utimes writeFile`.split(
    /\s+/,
  ),
);
const OF_HANDLE =
  'appendFile chmod datasync read readFile readv stat sync truncate utimes write writeFile writev close'.split(
    ' ',
  );

/** Paths of descriptors and of file handles. */
const opened = new Map([
  [0, '<stdin>'],
  [1, '<stdout>'],
  [2, '<stderr>'],
]);
const handles = new WeakMap();

let total = 0;
/** Inside of one call, Node may make others. */
let isInside = false;

const textOf = (path) => {
  if (path === undefined) return undefined;
  if (typeof path === 'number') return opened.get(path) ?? `<descriptor ${path}>`;
  return path instanceof URL ? fileURLToPath(path) : String(path);
};

/** The nearest line on the stack that is in a file: null when Node loads a module, empty for what a stream does later. */
function callerOf() {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  const frames = new Error().stack?.split('\n').slice(1) ?? [];
  Error.stackTraceLimit = limit;
  for (const frame of frames) {
    const [, file, line] = /\(?((?:file:\/\/|\/|node:)[^()]*?):(\d+):\d+\)?$/.exec(frame) ?? [];
    if (file === undefined) continue;
    const path = file.startsWith('file://') ? fileURLToPath(file) : file;
    if (path === HERE) continue;
    if (/^node:internal\/modules\//.test(path)) return null;
    if (path.startsWith('node:')) continue;
    return `${path.startsWith(ROOT) ? path.slice(ROOT.length) : path}:${line}`;
  }
  return '';
}

const note = (file, line) => inside(() => appendFileSync(file, `${JSON.stringify(line)}\n`));

/** Counts and records a call; returns the rule that it meets. */
function meet(call, path, dest) {
  const at = callerOf();
  if (at === null) return undefined;
  total += 1;
  const line = { pid: process.pid, nth: total, call, path, dest, ...(at !== '' && { at }) };
  if (record !== undefined) note(record, line);
  for (const rule of mine) {
    if (rule.call !== undefined && rule.call !== '*' && rule.call !== call) continue;
    if (rule.path && ![path, dest].some((text) => text !== undefined && rule.path.test(text))) continue;
    if (rule.at && !rule.at.test(at)) continue;
    rule.seen += 1;
    const isDue =
      rule.nth !== undefined ? rule.seen === rule.nth : rule.from === undefined || rule.seen >= rule.from;
    if (!isDue) continue;
    if (met !== undefined) note(met, { ...line, rule: rule.index });
    return rule;
  }
  return undefined;
}

function errorOf(code, call, path, dest) {
  const { errno, text } = ERRORS.get(code) ?? { errno: -1, text: 'unknown error' };
  const isWhole = call === 'readFile' || call === 'writeFile' || call === 'appendFile';
  const isWrite = isWhole && call !== 'readFile';
  let syscall = SYSCALLS[call] ?? call;
  let isNamed = !OF_DESCRIPTOR.has(call);
  if (isWhole) {
    isNamed = isWrite ? !OF_WRITING.has(code) : !OF_READING.has(code);
    syscall = isNamed ? 'open' : isWrite ? 'write' : 'read';
  }
  const named = isNamed && path !== undefined ? ` '${path}'` : '';
  const to = named && dest !== undefined ? ` -> '${dest}'` : '';
  const error = new Error(`${code}: ${text}, ${syscall}${named}${to}`);
  Object.assign(error, { errno, code, syscall, ...(named && { path }), ...(to && { dest }) });
  return error;
}

function sleep(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function disturb({ signal, delay }) {
  if (delay !== undefined) sleep(delay);
  if (signal === undefined) return;
  process.kill(process.pid, signal);
  // Another thread may take the signal: this one must not be past it by then.
  sleep(20);
}

/** Half of what a failing write was to write, written by `write`, which takes the same arguments. */
function halve(call, rule, args) {
  if (!OF_WRITING.has(rule.errno) || (call !== 'writeFile' && call !== 'appendFile')) return undefined;
  const [file, content, ...rest] = args;
  if (typeof content !== 'string' && !ArrayBuffer.isView(content)) return undefined;
  const bytes =
    typeof content === 'string'
      ? Buffer.from(content)
      : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return [file, bytes.subarray(0, bytes.length >> 1), ...rest];
}

/** The arguments of a write by descriptor or handle, for half of its bytes. `skip`: arguments before the bytes. */
function shortened(args, skip) {
  const content = args[skip];
  if (typeof content === 'string') {
    const half = content.slice(0, Math.max(1, content.length >> 1));
    return [...args.slice(0, skip), half, ...args.slice(skip + 1)];
  }
  const offset = typeof args[skip + 1] === 'number' ? args[skip + 1] : 0;
  const length = typeof args[skip + 2] === 'number' ? args[skip + 2] : content.byteLength - offset;
  const rest = args.slice(skip + 3);
  return [...args.slice(0, skip), content, offset, Math.max(1, length >> 1), ...rest];
}

/** A call as it goes on: what it is named by, and its rule. */
function begin(call, first, second) {
  const path = textOf(first);
  const dest = OF_TWO.has(call) ? textOf(second) : undefined;
  const rule = isInside ? undefined : meet(call, path, dest);
  if (rule && !rule.after) disturb(rule);
  return { path, dest, rule };
}

function inside(action) {
  const before = isInside;
  isInside = true;
  try {
    return action();
  } finally {
    isInside = before;
  }
}

function patchSync(name, call) {
  const original = fs[name];
  fs[name] = Object.assign(function (...args) {
    const { path, dest, rule } = begin(call, args[0], args[1]);
    if (rule?.errno !== undefined) {
      if (call === 'exists') return false;
      const isAbsent = rule.errno === 'ENOENT' || rule.errno === 'ENOTDIR';
      if ((call === 'stat' || call === 'lstat') && isAbsent && args[1]?.throwIfNoEntry === false)
        return undefined;
      const half = halve(call, rule, args);
      if (half) inside(() => original.apply(this, half));
      throw errorOf(rule.errno, call, path, dest);
    }
    const taken = rule?.short && call === 'write' ? shortened(args, 1) : args;
    const result = inside(() => original.apply(this, taken));
    if (call === 'open') opened.set(result, path);
    if (call === 'close') opened.delete(args[0]);
    if (rule?.after) disturb(rule);
    return result;
  }, original);
}

function patchCallback(name, call) {
  const original = fs[name];
  fs[name] = Object.assign(function (...args) {
    const { path, dest, rule } = begin(call, args[0], args[1]);
    const done = args.at(-1);
    if (typeof done !== 'function') return original.apply(this, args);
    if (rule?.errno !== undefined) {
      process.nextTick(() => (call === 'exists' ? done(false) : done(errorOf(rule.errno, call, path, dest))));
      return undefined;
    }
    if (call === 'open') {
      args[args.length - 1] = (error, descriptor) => {
        if (!error) opened.set(descriptor, path);
        done(error, descriptor);
      };
    }
    if (call === 'close') opened.delete(args[0]);
    const taken = rule?.short && call === 'write' ? [...shortened(args.slice(0, -1), 1), done] : args;
    const result = inside(() => original.apply(this, taken));
    if (rule?.after) disturb(rule);
    return result;
  }, original);
}

function patchPromise(name) {
  const original = fs.promises[name];
  fs.promises[name] = async function (...args) {
    const { path, dest, rule } = begin(name, handles.get(args[0]) ?? args[0], args[1]);
    if (rule?.errno !== undefined) {
      const half = halve(name, rule, args);
      if (half) await original.apply(this, half);
      throw errorOf(rule.errno, name, path, dest);
    }
    const promise = inside(() => original.apply(this, args));
    if (rule?.after) disturb(rule);
    const result = await promise;
    if (name === 'open') handles.set(result, path);
    return result;
  };
}

function patchHandle(prototype, name) {
  const original = prototype[name];
  prototype[name] = async function (...args) {
    const { rule } = begin(name, handles.get(this) ?? '<file handle>');
    if (rule?.errno !== undefined) {
      // A descriptor is closed whatever closing says.
      if (name === 'close') await original.apply(this, args);
      throw errorOf(rule.errno, name);
    }
    const taken = rule?.short && name === 'write' ? shortened(args, 0) : args;
    const promise = inside(() => original.apply(this, taken));
    if (rule?.after) disturb(rule);
    return promise;
  };
}

const probe = await fs.promises.open(HERE);
const prototype = Object.getPrototypeOf(probe);
await probe.close();

for (const call of [...OF_PATH, ...OF_DESCRIPTOR]) {
  if (typeof fs[`${call}Sync`] === 'function') patchSync(`${call}Sync`, call);
  if (typeof fs[call] === 'function') patchCallback(call, call);
  if (OF_PATH.has(call) && typeof fs.promises[call] === 'function') patchPromise(call);
}
for (const name of OF_HANDLE) if (typeof prototype[name] === 'function') patchHandle(prototype, name);
syncBuiltinESMExports();
