import { lookup } from 'node:dns/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from '../../base/system-errors.js';
import { RankError } from '../../train/parallel/group.js';

/** The port of the first rank on a host that none is named for; each further one takes the next. */
const FIRST_PORT = 7171;
/** A name that is not known yet may be in a moment: a pod has its own once it runs. */
const RETRY_MILLISECONDS = 1000;

/**
 * @param hosts such as `node1`, `node1:7171` or `[::1]:7171`
 * @returns them with ports: those without get 7171, and the next one for each further rank on the same host
 */
export function addressesOf(hosts: readonly string[]): string[] {
  const ranksOn = new Map<string, number>();
  return hosts.map((host) => {
    if (hasPort(host)) return host;
    const before = ranksOn.get(host) ?? 0;
    ranksOn.set(host, before + 1);
    return `${host}:${FIRST_PORT + before}`;
  });
}

const hasPort = (host: string): boolean => /\]:\d+$|^[^[\]:]+:\d+$/.test(host);

/** @returns the name and the port of `host:port` */
export function partsOf(address: string): { readonly host: string; readonly port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}

/**
 * Finds the numerical addresses of all ranks, waiting for names that are not known yet.
 *
 * @param addresses `host:port` of every rank
 * @param seconds to wait in all
 * @param onWait told once what is waited for
 * @param signal ends the waiting
 * @returns every address that one of the names stands for
 * @throws RankError with all names that cannot be resolved
 */
export async function resolveAll(
  addresses: readonly string[],
  seconds: number,
  onWait: (text: string) => void,
  signal?: AbortSignal,
): Promise<string[]> {
  const until = performance.now() + seconds * 1000;
  const found = new Map<string, string[]>();
  let isTold = false;
  for (;;) {
    const unknown: string[] = [];
    for (const { host } of addresses.map(partsOf)) {
      if (found.has(host)) continue;
      try {
        found.set(
          host,
          (await lookup(host, { all: true })).map(({ address }) => address),
        );
      } catch (error) {
        unknown.push(`${host} (${systemCode(error) ?? 'no answer'})`);
      }
    }
    if (unknown.length === 0) return [...new Set([...found.values()].flat())];
    const names = [...new Set(unknown)].join(', ');
    if (performance.now() + RETRY_MILLISECONDS > until || signal?.aborted) {
      throw new RankError(
        'LOSSNET_PARALLEL_NAME',
        `No address was found within ${seconds} s for ${names}.`,
        'Check the names that the ranks were given, and that this machine can resolve them.',
      );
    }
    if (!isTold) onWait(`waiting for the address of ${names}`);
    isTold = true;
    await sleep(RETRY_MILLISECONDS);
  }
}

/**
 * Makes sure that a port is free, for an error that says so: TensorFlow's own says less.
 *
 * @param address `host:port` of this process
 * @throws RankError when something else listens there
 */
export async function checkPort(address: string): Promise<void> {
  const { port } = partsOf(address);
  const code = await new Promise<string | null>((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(systemCode(error) ?? 'unknown'));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(null)));
  });
  if (code === null) return;
  const reason = code === 'EADDRINUSE' ? 'another process has it' : code;
  throw new RankError(
    'LOSSNET_PARALLEL_PORT',
    `Port ${port} cannot be listened on, for ${address}: ${reason}.`,
    'Is this rank started twice, or another run at work here? Other ports are given as host:port in parallel.hosts.',
  );
}
