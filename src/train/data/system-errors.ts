const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EEXIST: 'something else has that name',
  EISDIR: 'it is a folder, not a file',
  ELOOP: 'its symbolic links form a circle',
  EIO: 'the disk reports an input/output error',
  EMFILE: 'too many files are open',
};

/** The system's code of an error, such as `ENOENT`; undefined when it does not come from the system. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Why the system refused, in words, with its code for searching. */
export function systemReason(error: unknown): string {
  const code = systemCode(error);
  if (code === undefined) return error instanceof Error ? error.message : String(error);
  return `${REASONS[code] ?? (error as Error).message} (${code})`;
}
