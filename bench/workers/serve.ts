import { createInterface } from 'node:readline';
import type { Answer, Ready, Request, Response } from '../protocol.js';

/** An answer without its type, which is the request's. */
type Untyped<T> = Omit<T, 'type'>;

/** What a peer does when it is asked. */
export type Work = {
  readonly [R in Request['type']]?: () => Untyped<Answer<R>> | Promise<Untyped<Answer<R>>>;
};

/**
 * Answers the benchmark's requests until stdin ends: one line of JSON for each line.
 *
 * @param ready what to say first
 * @param work what each request does, by type
 * @throws Error when this peer does not do what is asked for
 */
export async function serve(ready: Untyped<Ready>, work: Work): Promise<void> {
  const say = (response: Response) => process.stdout.write(`${JSON.stringify(response)}\n`);
  say({ type: 'ready', ...ready });
  for await (const line of createInterface({ input: process.stdin })) {
    const { type } = JSON.parse(line) as Request;
    const answer = await work[type]?.();
    if (answer === undefined) throw new Error(`cannot do what is asked for: "${type}"`);
    say({ type, ...answer } as Response);
  }
}
