import { fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LossnetError } from '../../base/errors.js';
import { systemReason } from '../../base/system-errors.js';
import { COMPANION } from '../../train/backend/native/companion.js';
import { nativeOrigin } from '../../train/backend/native/provision.js';
import { refuseOffline } from '../../train/backend/native/wheel.js';
import { isStopped, type Surroundings, tell } from '../surroundings.js';
import { type Check, ok, problem } from './check.js';

const PROGRAM = fileURLToPath(new URL('./step-process.js', import.meta.url));
/** Lines of stderr that are kept to say why the process ended. */
const KEPT_LINES = 5;

/** What the process that tries a step says. */
export type StepMessage =
  | { readonly type: 'progress'; readonly text: string }
  | {
      readonly type: 'done';
      readonly loss: number;
      readonly stepSeconds: number;
      readonly tfjs: string;
      readonly tensorflow: string;
    }
  | {
      readonly type: 'failed';
      readonly code: string;
      readonly message: string;
      readonly remedy: string | undefined;
    };

/** Where TensorFlow's native library comes from. */
export function checkLibrary(): Check {
  const name = 'native library';
  try {
    const { from, folder, isThere } = nativeOrigin();
    // Compiling for a library that is named asks no network.
    if (from === 'cache' && !isThere) refuseOffline();
    const whose = {
      cache: "lossnet's own, from TensorFlow's wheel",
      package: `from the package ${COMPANION}`,
      'tfjs-node': "installed by tfjs-node's script",
      LOSSNET_LIBTENSORFLOW: 'named by LOSSNET_LIBTENSORFLOW',
    }[from];
    return ok(
      name,
      isThere ? `${folder} (${whose})` : `not there yet: the first training makes it in ${folder}`,
    );
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    return problem(name, error.message, ...(error.remedy?.split('\n') ?? []));
  }
}

/**
 * Makes a training step in a process of its own, which downloads and compiles the native library where it is not there.
 *
 * @param surroundings its environment; told what takes long; its signal ends the process
 * @returns the versions of TensorFlow, and what came of the step
 */
export async function checkStep(surroundings: Surroundings): Promise<Check[]> {
  const { message, reason } = await tried(surroundings);
  const name = 'training step';
  if (message?.type === 'failed')
    return [problem(name, message.message, ...(message.remedy?.split('\n') ?? []))];
  if (message?.type !== 'done') {
    return [
      problem(
        name,
        `the process that tried one ended: ${reason}`,
        'TensorFlow does not work on this machine: name another one in LOSSNET_LIBTENSORFLOW, or end what takes its memory.',
      ),
    ];
  }
  const { loss, stepSeconds, tfjs, tensorflow } = message;
  const versions = ok('tensorflow', `${tensorflow}, tfjs-node ${tfjs}`);
  const text = `loss ${loss.toFixed(4)} after ${(stepSeconds * 1000).toFixed(0)} ms, compiling included`;
  return [
    versions,
    Number.isFinite(loss)
      ? ok(name, text)
      : problem(
          name,
          `the loss is ${loss}`,
          'TensorFlow computes wrongly here: name another one in LOSSNET_LIBTENSORFLOW.',
        ),
  ];
}

function tried(
  surroundings: Surroundings,
): Promise<{ readonly message: StepMessage | null; readonly reason: string }> {
  return new Promise((resolve) => {
    const lines: string[] = [];
    let message: StepMessage | null = null;
    const child = fork(PROGRAM, {
      // Node's own options are this process's, such as a debugger's.
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    const stop = (): void => void child.kill();
    surroundings.signal?.addEventListener('abort', stop);
    if (isStopped(surroundings)) stop();
    if (child.stderr)
      createInterface({ input: child.stderr }).on('line', (line) => {
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
      });
    child.on('message', (said: StepMessage) => {
      if (said.type === 'progress') tell(surroundings, { type: 'message', text: said.text });
      else message = said;
    });
    const end = (reason: string): void => {
      surroundings.signal?.removeEventListener('abort', stop);
      resolve({ message, reason: [reason, ...lines].join('\n') });
    };
    child.on('error', (error) => end(`no process can be started: ${systemReason(error)}`));
    child.on('close', (code, signal) => end(signal === null ? `exit code ${code}` : `killed by ${signal}`));
  });
}
