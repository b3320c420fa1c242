import { createInterface } from 'node:readline';

type Answer = Readonly<Record<string, unknown>>;

/**
 * Answers the benchmark's commands until stdin ends: one line of JSON for each line.
 *
 * @param ready what to say first
 * @param commands what each command does, by name
 * @throws Error when a command is unknown
 */
export async function serve(
  ready: Answer,
  commands: Readonly<Record<string, () => Answer | Promise<Answer>>>,
): Promise<void> {
  const say = (answer: Answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
  say(ready);
  for await (const line of createInterface({ input: process.stdin })) {
    const command = commands[line];
    if (!command) throw new Error(`unknown command "${line}"`);
    say(await command());
  }
}
