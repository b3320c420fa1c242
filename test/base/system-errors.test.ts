import { getSystemErrorMap } from 'node:util';
import { expect, it } from 'vitest';
import { LossnetError } from '../../src/base/errors.js';
import { cannotRead, cannotWrite, fromSystem } from '../../src/base/system-errors.js';

const CODES =
  `EACCES EPERM ENOENT EROFS EISDIR ENOTDIR ELOOP ENAMETOOLONG EMFILE ENFILE EFBIG ENOSPC EIO EDQUOT
  EEXIST ENOTEMPTY EBUSY ENOMEM ESTALE ENXIO ENODEV EINVAL ENOTSUP ENOSYS EXDEV`.split(/\s+/);

const systemTexts = new Map([...getSystemErrorMap().values()]);

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: ${systemTexts.get(code)}, open '/x'`), {
    code,
    syscall: 'open',
    path: '/x',
  });
}

it.each(CODES)('%s has words, and a remedy, wherever it is met', (code) => {
  const error = systemError(code);
  for (const [made, start] of [
    [cannotRead('/x', error), 'Cannot read /x: '],
    [cannotWrite('/x', error), 'Cannot write /x: '],
    [fromSystem(error), 'Cannot open /x: '],
  ] as const) {
    const { message, remedy } = made as LossnetError;
    expect(made).toBeInstanceOf(LossnetError);
    expect(message.startsWith(start)).toBe(true);
    // In our words, with the code behind them once.
    expect(message).toMatch(new RegExp(`^[^(]+\\(${code}\\)\\.$`));
    expect(remedy).toMatch(/^[A-Z].*[.\d]$/);
    expect(remedy).not.toBe('Check the path.');
  }
});

it('calls things by their names', () => {
  const message = (code: string) => (cannotWrite('x', systemError(code)) as LossnetError).message;
  expect(['EROFS', 'ENOSPC', 'EDQUOT', 'EMFILE'].map(message)).toEqual([
    'Cannot write x: the file system is read-only (EROFS).',
    'Cannot write x: the disk is full (ENOSPC).',
    'Cannot write x: the disk quota is used up (EDQUOT).',
    'Cannot write x: too many files are open (EMFILE).',
  ]);
  expect((cannotRead('x', systemError('EMFILE')) as LossnetError).remedy).toBe(
    'Allow more of them: ulimit -n 4096',
  );
});

it.each([
  [
    'Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[128,32,32,64] and type float on /job:localhost',
    'There is not enough memory for a tensor of 128 x 32 x 32 x 64 numbers.',
  ],
  ['There is no memory for what is fed for train/0: 33 bytes.', 'There is not enough memory.'],
  [
    'The system gives no thread to run graphs on: Resource temporarily unavailable',
    'There is not enough memory.',
  ],
  ['Array buffer allocation failed', 'There is not enough memory.'],
])('says that memory is short, whoever says it: %s', (message, expected) => {
  const cause = new Error(message);
  const made = fromSystem(cause) as LossnetError;
  expect([made.code, made.message, made.cause]).toEqual(['LOSSNET_MEMORY', expected, cause]);
  expect(made.remedy).toContain('loader.batch_size');
});

it('leaves alone what the system did not say', () => {
  const defect = new TypeError('x is not a function');
  const own = new LossnetError('LOSSNET_USAGE', 'said already');
  expect([cannotRead('/x', defect), cannotWrite('/x', own), fromSystem(defect)]).toEqual([
    defect,
    own,
    defect,
  ]);
});
