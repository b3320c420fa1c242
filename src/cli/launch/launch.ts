import { createServer, type Server } from 'node:net';
import { availableCores } from '../../base/cores.js';
import { plural } from '../../base/format.js';
import { resumeCommand } from '../../runs/parallel/way-on.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type Io, warn } from '../io.js';
import { complaints } from './complaints.js';
import { type Ended, RankProcesses } from './rank-processes.js';

export interface LaunchRequest {
  /** How many processes. */
  readonly ranks: number;
  /** How often all are started again after one was lost. */
  readonly restarts: number;
  /** Arguments of each: `train` and what follows. */
  readonly args: readonly string[];
}

/** What a restart may help against: a rank that failed or was lost. Not a wrong configuration, nor a loss that diverged. */
const WORTH_ANOTHER: readonly ExitCode[] = [EXIT.failed, EXIT.rankLost];

/**
 * Starts several processes on this machine that train one model, and waits for all of them.
 *
 * @param request how many, and what they are to do
 * @param io where rank 0 shows what happens, and the others what went wrong
 * @returns the exit code
 */
export async function launch({ ranks, restarts, args }: LaunchRequest, io: Io): Promise<ExitCode> {
  let begun: string | null = null;
  for (let left = restarts; ; left--) {
    const addresses = (await freePorts(ranks)).map((port) => `127.0.0.1:${port}`);
    const processes = new RankProcesses(
      begun === null ? args : resumed(args),
      addresses,
      threadsFor(ranks, io.env),
    );
    const ended = await processes.run();
    begun = processes.begun ?? begun;
    const code = codeOf(ended);
    for (const line of complaints(ended)) io.log(line);
    const isOver = left === 0 || processes.isStopped || !WORTH_ANOTHER.includes(code);
    if (isOver) {
      // Otherwise rank 0 has said so.
      const isKilled = ended[0]!.signal !== null && !processes.isStopped;
      if (isKilled && begun !== null) {
        const shared = { parts: null, hosts: null };
        const command = resumeCommand(begun, shared, { size: ranks, isLaunched: true });
        io.log(`To go on from the last checkpoint: ${command}`);
      }
      return code;
    }
    const text = `${lostText(ended)}: starting all ranks again, ${plural(left - 1, 'restart')} left`;
    warn(io, text);
  }
}

/** Each rank has its share of the cores; what is set already stays. One thread for each operation: as many ranks, the same bytes. */
function threadsFor(ranks: number, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const share = Math.max(1, Math.floor(availableCores() / ranks));
  return {
    TF_NUM_INTRAOP_THREADS: env.TF_NUM_INTRAOP_THREADS || '1',
    TF_NUM_INTEROP_THREADS: env.TF_NUM_INTEROP_THREADS || `${share}`,
  };
}

/** The same, going on with what was begun. */
function resumed(args: readonly string[]): string[] {
  return [...args.filter((arg) => arg !== '--force' && arg !== '--resume'), '--resume'];
}

/** What went wrong first counts more than that others were lost by it. */
function codeOf(ended: readonly Ended[]): ExitCode {
  const codes = ended.flatMap(({ code }) => code ?? []);
  const known = Object.values(EXIT).filter((code) => code !== EXIT.done && code !== EXIT.rankLost);
  const worst = known.findLast((code) => codes.includes(code));
  if (worst !== undefined) return worst;
  return ended.every(({ code }) => code === EXIT.done) ? EXIT.done : EXIT.rankLost;
}

function lostText(ended: readonly Ended[]): string {
  const { rank, signal, code } =
    ended.find((each) => each.signal !== null) ??
    ended.find((each) => each.code !== EXIT.done && each.code !== EXIT.rankLost) ??
    ended[0]!;
  return signal === null
    ? `rank ${rank} ended with exit code ${code}`
    : `rank ${rank} was ended by ${signal}`;
}

/**
 * @param count how many
 * @returns ports of this machine that nothing listens on now, all different
 */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listening));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listening(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, exclusive: true }, () => resolve(server));
  });
}
