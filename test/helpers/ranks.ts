import { createServer } from 'node:net';
import { lossnet, type Result, type RunOptions } from './cli.js';

/** @returns ports that are free now */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  for (const server of servers) server.close();
  return ports;
}

/** TF_CONFIG of a rank among some on this machine. */
export function tfConfig(ports: readonly number[], rank: number): string {
  const worker = ports.map((port) => `127.0.0.1:${port}`);
  return JSON.stringify({ cluster: { worker }, task: { type: 'worker', index: rank } });
}

/** Runs the real program once for each rank, with arguments of its own, and waits for all. */
export async function ranks(
  args: readonly (readonly string[])[],
  options: (rank: number) => RunOptions,
): Promise<Result[]> {
  const ports = await freePorts(args.length);
  return await Promise.all(
    args.map((own, rank) => {
      const { env, ...others } = options(rank);
      return lossnet([...own], { ...others, env: { TF_CONFIG: tfConfig(ports, rank), ...env } });
    }),
  );
}
