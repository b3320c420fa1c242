import { execFileSync, spawnSync } from 'node:child_process';

/** A packet of 1514 bytes, as the bucket counts it, has so many of the data: the rest are headers of Ethernet, IP and TCP. */
const DATA_PER_PACKET = 1448 / 1514;
/**
 * @param bitsPerSecond of packets, headers included; null: as fast as the machine copies
 * @returns bytes per second of what is in the packets
 */
export const dataRate = (bitsPerSecond: number | null): number =>
  bitsPerSecond === null ? Number.POSITIVE_INFINITY : (bitsPerSecond / 8) * DATA_PER_PACKET;

/** What may be sent at once, and how long a queue may be in seconds of its rate. */
const BUCKET = ['burst', '64kb', 'latency', '100ms'];

/**
 * Some machines on a switch, as namespaces of the kernel: each has a cable of its own, a pair of veth, whose two directions a
 * token bucket slows down. The kernel's own code carries every packet, so that TCP behaves as it does. There is no more latency
 * than the kernel's own.
 */
export class Network {
  readonly #names: readonly string[];
  readonly #switch: string;
  /** Namespaces outlive who made them. */
  readonly #onExit = (): void => this.close();

  /**
   * @param size how many machines
   * @throws Error when this process may not make namespaces, or `ip` is missing
   */
  constructor(readonly size: number) {
    const of = (what: string) => `lossnet-bench-${process.pid}-${what}`;
    this.#names = Array.from({ length: size }, (_, i) => of(`${i}`));
    this.#switch = of('switch');
    process.once('exit', this.#onExit);
    try {
      this.#build();
    } catch (error) {
      this.close();
      const reason = error instanceof Error ? error.message.trim() : String(error);
      throw new Error(`machines on a network of their own take root, and ip and tc of iproute2: ${reason}`);
    }
  }

  #build(): void {
    ip('netns', 'add', this.#switch);
    ip('-n', this.#switch, 'link', 'add', 'name', 'bridge', 'type', 'bridge');
    ip('-n', this.#switch, 'link', 'set', 'dev', 'bridge', 'up');
    for (const [i, name] of this.#names.entries()) {
      ip('netns', 'add', name);
      ip('link', 'add', 'eth', 'netns', name, 'type', 'veth', 'peer', 'name', `p${i}`, 'netns', this.#switch);
      ip('-n', this.#switch, 'link', 'set', `p${i}`, 'master', 'bridge', 'up');
      ip('-n', name, 'addr', 'add', `${this.address(i)}/24`, 'dev', 'eth');
      for (const device of ['lo', 'eth']) ip('-n', name, 'link', 'set', device, 'up');
    }
  }

  /** The address of a machine. */
  address(machine: number): string {
    return `10.78.0.${machine + 1}`;
  }

  /** What a command begins with that is to run on a machine. */
  on(machine: number): string[] {
    return ['ip', 'netns', 'exec', this.#names[machine]!];
  }

  /**
   * Slows all cables down, each way.
   *
   * @param bitsPerSecond of packets, headers included; null: as fast as the kernel copies
   */
  slow(bitsPerSecond: number | null): void {
    for (const [i, name] of this.#names.entries()) {
      for (const end of [
        ['-n', name, 'qdisc', 'replace', 'dev', 'eth'],
        ['-n', this.#switch, 'qdisc', 'replace', 'dev', `p${i}`],
      ]) {
        const kind = bitsPerSecond === null ? ['pfifo'] : ['tbf', 'rate', `${bitsPerSecond}bit`, ...BUCKET];
        execFileSync('tc', [...end, 'root', ...kind], { stdio: 'pipe' });
      }
    }
  }

  close(): void {
    process.off('exit', this.#onExit);
    for (const name of [...this.#names, this.#switch]) spawnSync('ip', ['netns', 'del', name]);
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}
