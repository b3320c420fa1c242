import { LossnetError } from './errors.js';

/** Why the system refused, and what to do about it, where something was to be read and where it was to be written. */
interface Wording {
  readonly reason: string;
  readonly reading: string;
  readonly writing: string;
}

const same = (reason: string, remedy: string): Wording => ({ reason, reading: remedy, writing: remedy });
const onRead = (reason: string, reading: string, writing: string): Wording => ({ reason, reading, writing });

const DENIED = onRead(
  'permission denied',
  'Make it readable for the user that runs lossnet.',
  'Choose a folder that you may write to.',
);
const FREE_SPACE = 'Free some space; what was saved before is intact.';

/** Every error that the system gives for a user's file system, in words: the only place that has them. */
const WORDINGS: Readonly<Record<string, Wording>> = {
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: same('the file system is read-only', 'Choose a folder on another one.'),
  ENOSPC: same('the disk is full', FREE_SPACE),
  EDQUOT: same('the disk quota is used up', FREE_SPACE),
  EFBIG: same(
    'the file would be larger than is allowed',
    'Raise the limit (ulimit -f), or choose a folder on a file system for larger files.',
  ),
  ENOENT: onRead(
    'there is no such file or folder',
    'Check the path; a relative one counts from the working directory.',
    'Check that its folder is there.',
  ),
  ENOTDIR: same('a part of the path is a file, not a folder', 'Choose another path.'),
  EEXIST: same('something of that name is in the way', 'Move it, or choose another path.'),
  ENOTEMPTY: same('a folder that is not empty is in the way', 'Move it, or choose another path.'),
  EISDIR: same('it is a folder, not a file', 'Move the folder, or choose another path.'),
  ELOOP: same('its symbolic links form a circle', 'Remove these links, or choose another path.'),
  ENAMETOOLONG: same('its name is too long', 'Choose a shorter one.'),
  EMFILE: same('too many files are open', 'Allow more of them: ulimit -n 4096'),
  ENFILE: same('too many files are open on this machine', 'End other programs, or raise fs.file-max.'),
  ENOMEM: same('the memory is full', 'End other programs.'),
  EIO: same('the disk reports an input/output error', 'Check the disk, or choose a folder on another one.'),
  EBUSY: same('something else is using it', 'End that, or choose another path.'),
  ESTALE: same('the network file system has lost it', 'Mount it again.'),
  ENXIO: same('there is no such device', 'Choose another path.'),
  ENODEV: same('there is no such device', 'Choose another path.'),
  EXDEV: same('it lies on another file system', 'Choose another path.'),
  EINVAL: same('the file system refuses it', 'Choose another path.'),
  ENOTSUP: same('the file system cannot do that', 'Choose a folder on another one.'),
  ENOSYS: same('the file system cannot do that', 'Choose a folder on another one.'),
  ERR_FS_FILE_TOO_LARGE: same('it is larger than 2 GB', 'Choose another path.'),
  ERR_STRING_TOO_LONG: same('it is too large for a text', 'Choose another path.'),
  ERR_INVALID_ARG_VALUE: same('no path can contain the character 0', 'Choose another path.'),
};

/** The system's code of an error, such as `ENOENT`; undefined when it does not come from the system. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' && (code in WORDINGS || /^E[A-Z0-9]+$/.test(code)) ? code : undefined;
}

/** Why the system refused, in words, with its code for searching. */
export function systemReason(error: unknown): string {
  const code = systemCode(error);
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  return `${WORDINGS[code]?.reason ?? (error as Error).message} (${code})`;
}

/** What to do about it. */
export function systemRemedy(error: unknown, use: 'reading' | 'writing'): string {
  return WORDINGS[systemCode(error) ?? '']?.[use] ?? 'Check the path.';
}

/** Whether a name stands for nothing: there is nothing of that name, and could not be. */
export function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(systemCode(error) ?? '');
}

/** The error for a path that cannot be written, in words a user can act on. What the system did not say stays as it is. */
export function cannotWrite(path: string, cause: unknown): unknown {
  return worded('LOSSNET_WRITE_FAILED', `Cannot write ${path}`, 'writing', cause);
}

/** The error for a path that cannot be read, likewise. */
export function cannotRead(path: string, cause: unknown): unknown {
  return worded('LOSSNET_READ_FAILED', `Cannot read ${path}`, 'reading', cause);
}

/** The error for a path that cannot be removed, likewise. */
export function cannotRemove(path: string, cause: unknown): unknown {
  return worded('LOSSNET_WRITE_FAILED', `Cannot remove ${path}`, 'writing', cause);
}

/** What TensorFlow, lossnet's own part of it and Node say where there is no memory; TensorFlow names the shape that it was for. */
const MEMORY_IS_FULL =
  /OOM when allocating tensor with shape\[([\d,]*)\]|There is no memory for|gives no thread to run|Array buffer allocation failed/;

/** Any error of the system, for whoever shows it: who met it had better have said what it was about. */
export function fromSystem(error: unknown): unknown {
  const full =
    error instanceof Error && !(error instanceof LossnetError) && MEMORY_IS_FULL.exec(error.message);
  if (full) {
    const what = full[1] ? ` for a tensor of ${full[1].replaceAll(',', ' x ')} numbers` : '';
    return new LossnetError(
      'LOSSNET_MEMORY',
      `There is not enough memory${what}.`,
      'Set loader.batch_size lower, end other programs, or raise the limit (ulimit -v, or that of a container).',
      { cause: error },
    );
  }
  if (systemCode(error) === undefined) return error;
  const { syscall = 'go on', path } = error as NodeJS.ErrnoException;
  const what = path === undefined ? `Cannot ${syscall}` : `Cannot ${syscall} ${path}`;
  return worded('LOSSNET_SYSTEM_ERROR', what, 'reading', error);
}

function worded(
  code: `LOSSNET_${string}`,
  what: string,
  use: 'reading' | 'writing',
  cause: unknown,
): unknown {
  if (systemCode(cause) === undefined) return cause;
  return new LossnetError(code, `${what}: ${systemReason(cause)}.`, systemRemedy(cause, use), { cause });
}
